"""skein as it is used: `skein run job.yaml`, from an input file to an ordered, journaled output."""
import json
import re

from .child import Command, Refused


class SkeinRun:
    """`settings` are further sections of the job, as in {"limits": {"wire_threads": 2}}."""

    def __init__(self, program, name="skein run", **settings):
        self.program = program
        self.name = name
        self.settings = settings
        self.api = "openai"

    def over(self, api):
        """The same over another API."""
        other = SkeinRun(self.program, self.name, **self.settings)
        other.api = api
        return other

    def command(self, load, server, place):
        folder = place.fresh()
        endpoint = {"name": "main", "base_url": server.base, "model": "m", "api_key": "${BENCH_KEY}"}
        if self.api != "openai":
            endpoint |= {"api": self.api, "base_url": server.base.removesuffix("/v1"), "max_tokens": 100}
        if server.base.startswith("https"):
            endpoint["ca_file"] = str(place.certificate().certificate)
        request = {"messages": [{"role": "user", "content": "{{ prompt }}"}]}
        job = {
            "version": 1,
            "endpoints": [endpoint],
            "input": {"file": str(place.rows(load))},
            "request": request | ({"stream": True} if load.stream else {}),
            "output": {"file": "out.jsonl"} | self.settings.get("output", {}),
            "limits": {"in_flight": load.in_flight} | self.settings.get("limits", {}),
        }
        job = {**self.settings, **job}  # Sections that are merged above, and others.
        (folder / "job.yaml").write_text(json.dumps(job, indent=1), encoding="utf-8")  # JSON is YAML.
        return Command([self.program, "run", "job.yaml"], folder, {"BENCH_KEY": "CANARY-key"})

    def read(self, ended, load, place):
        """Checks the output, line by line; gives what the report says."""
        ordered = self.settings.get("output", {}).get("order") != "completion"
        count = 0
        for count, line in enumerate(output_lines(place), 1):
            if ordered and b'"skein":{"seq":%d,' % count not in line:
                raise Refused(f"line {count} of the output answers another row")
            if b'"status_code":200' not in line:
                raise Refused(f"line {count} of the output is no completion: {line[:300]}")
        if count != load.requests:
            raise Refused(f"{count} lines in the output, not {load.requests}")
        return {"report": " ".join(ended.err.split()), "run": run_time(ended.err)}


def output_lines(place):
    with open(place.folder / "run" / "out.jsonl", "rb") as lines:
        yield from lines


def members(place, *names):
    """For every line of the output its number and what its `skein` member says under these names."""
    for line in output_lines(place):
        said = json.loads(line[line.rindex(b'"skein":') + 8 : line.rindex(b"}")])
        yield said["seq"], *(said[name] for name in names)


def run_time(report):
    """What the report says the run took, as it says it."""
    headline = re.search(r"run complete.*", report)
    return headline[0].split(",")[-1].strip() if headline else ""
