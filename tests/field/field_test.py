"""Cases of servers as they are: each folder here is one, with `job.yaml` and `case.json`; README.md says
what stands in them. All are judged, or those whose names begin with the arguments."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
import harness  # noqa: E402
import server  # noqa: E402

MEMBERS = {"title", "rows", "server", "expect"}
EXPECTED = {"exit", "seconds", "outcomes", "asked", "requests", "stderr"}


def prompts_of(rows):
    """The prompts that a list such as `["x0-4", "p5"]` stands for."""
    for entry in rows:
        word, first, last = re.fullmatch(r"(\D*)(\d+)(?:-(\d+))?", entry).groups()
        for number in range(int(first), int(last or first) + 1):
            yield f"{word}{number}"


def bounds_of(expected):
    """A number stands for itself, a pair for the least and the most."""
    return expected if isinstance(expected, list) else [expected, expected]


class Field(harness.Case):
    def play(self, folder):
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        self.assertEqual(case.keys(), MEMBERS)
        self.assertLessEqual(case["expect"].keys(), EXPECTED)
        prompts = list(prompts_of(case["rows"]))
        scripted = server.Server(case["server"])
        self.addCleanup(scripted.close)
        self.write("in.jsonl", "".join(json.dumps({"q": prompt}) + "\n" for prompt in prompts))
        job = (folder / "job.yaml").read_text(encoding="utf-8")
        self.write("job.yaml", job.replace("PORT", str(scripted.port)))
        status, err = self.run_for(case["expect"]["seconds"])
        self.judge(case["expect"], prompts, scripted.asked, status, err)

    def run_for(self, seconds):
        """Exit status and words of a run that ends in time."""
        process = self.start("run", "job.yaml")
        try:
            err = process.communicate(timeout=seconds)[1].decode()
        except subprocess.TimeoutExpired:
            process.kill()
            self.fail(f"not done after {seconds} s: {process.communicate()[1].decode()}")
        return process.returncode, err

    def judge(self, expect, prompts, asked, status, err):
        self.assertEqual(status, expect["exit"], err)
        outcomes = self.outcomes(prompts)
        for beginning, expected in expect["outcomes"].items():
            found = collections.Counter(outcome for prompt, outcome in outcomes.items()
                                        if prompt.startswith(beginning))
            self.assertEqual(found.keys(), expected.keys(), err)
            for outcome, count in expected.items():
                self.within(found[outcome], count, f"rows {beginning}* that are {outcome}: {err}")
        for beginning, expected in expect.get("asked", {}).items():
            for prompt in prompts:
                if prompt.startswith(beginning):
                    self.within(asked[prompt], expected, f"requests for {prompt}: {err}")
        if "requests" in expect:
            self.within(asked.total(), expect["requests"], f"requests in all: {err}")
        for words in expect.get("stderr", []):
            self.assertIn(words, err)

    def within(self, number, expected, what):
        least, most = bounds_of(expected)
        self.assertTrue(least <= number <= most, f"{number}, not {least} to {most}, {what}")

    def outcomes(self, prompts):
        """What became of each row: answered, the code of its error, or undone."""
        lines = {record["i"]: record["out"] for record in self.journal()}
        if (self.folder / "out.jsonl").exists():
            lines = {line["skein"]["seq"]: line for line in self.output()}
        found = dict.fromkeys(prompts, "undone")
        for number, line in lines.items():
            found[prompts[number - 1]] = line["error"]["code"] if line["error"] else "answered"
        return found


def add(folder):
    def test(self):
        self.play(folder)

    test.__doc__ = json.loads((folder / "case.json").read_text(encoding="utf-8"))["title"]
    setattr(Field, f"test_{folder.name}", test)


if __name__ == "__main__":
    for path in sorted(HERE.glob("*/case.json")):
        if not sys.argv[1:] or path.parent.name.startswith(tuple(sys.argv[1:])):
            add(path.parent)
    unittest.main(argv=sys.argv[:1], verbosity=2)
