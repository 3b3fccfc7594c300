"""What another API costs than OpenAI's: translated requests and answers."""
import dataclasses
import json
import statistics

from harness import machine
from harness.child import Command, Refused, run
from harness.figure import Figure, Result, ratio
from harness.load import Load
from harness.measure import rounds
from harness.mock import mock
from harness.pictures import points
from harness.skein_run import members

APIS = ("openai", "responses", "anthropic", "gemini")
WORDS = 200  # Of an answer; each is a chunk of its stream.
ECHO = "echo:" + "word " * (WORDS - 1) + "word"


@dataclasses.dataclass
class Asked:
    """A run over one API."""

    api: str
    prompts: list
    in_flight: int
    stream: bool


def measure(bench):
    plain, streams, small, count = bench.pick((4_000, 400, 600, 5), (1_000, 100, 200, 1))
    contenders = {}
    for api in APIS:
        contenders[f"{api}, plain"] = lambda api=api: per_request(bench, api, plain)
        contenders[f"{api}, a chunk"] = lambda api=api: per_chunk(bench, api, streams)
    series, missing = rounds(contenders, count, 1e6, "µs")
    firsts = {}
    for api in APIS:
        firsts[f"{api}, alone"] = lambda api=api: first_token(bench, api, Load(small, 16))
        firsts[f"{api}, beside"] = lambda api=api: first_token(bench, api, Load(small, 16, large_every=20))
    times, late = rounds(firsts, count, unit="ms")
    missing |= late
    rows = []
    for api in APIS[1:]:
        rows.append(ratio(f"a streamed chunk, {api} over openai", series, missing, f"{api}, a chunk",
                          "openai, a chunk", 1.3))
        rows.append(ratio(f"a plain request, {api} over openai", series, missing, f"{api}, plain", "openai, plain"))
    for api in APIS:
        rows.append(ratio(f"time to first token of the small, beside large over alone, {api}", times, missing,
                          f"{api}, beside", f"{api}, alone", 1.05, scale=1, unit="ms", digits=3))
    return Result(
        rows=rows,
        how=f"The mock server answers with what it was asked, in the form of each API: {WORDS} words of chat, "
            f"{plain:,} answers plain, {streams:,} streamed a word a chunk, 16 in flight. CPU of the client less that "
            f"of a run with one request. Below: {small:,} streams of small prompts, the first token after 50 ms, with "
            f"and without one prompt of 500 kB (some 100,000 tokens) at every 20th place; medians of `ttft_ms` of the "
            f"small ones. Medians of {count} rounds.",
        picture=points("CPU by API", "microseconds, logarithmic; less is better",
                       [(name, one.median * 1e6) for name, one in series.items()]),
        head=["API and case", "CPU, or time to first token"],
        details=[[name, one.told(1e6, "µs")] for name, one in series.items()]
        + [[name, one.told(unit="ms")] for name, one in times.items()],
        missing=missing,
    )


def cpu(bench, asked, first="0ms"):
    """Seconds of CPU of one run, which must end well."""
    with mock(f"first_token: {first}\n") as server:
        folder = bench.place.fresh()
        with open(folder / "rows.jsonl", "w", encoding="utf-8") as rows:
            for prompt in asked.prompts:
                rows.write(json.dumps({"prompt": prompt}) + "\n")
        base = server.url if asked.api == "openai" else server.url.removesuffix("/v1")
        (folder / "job.yaml").write_text(json.dumps({  # JSON is YAML.
            "version": 1,
            "endpoints": [{"name": "main", "api": asked.api, "base_url": base, "model": "m", "max_tokens": 1024}],
            "input": {"file": "rows.jsonl"},
            "request": {"stream": asked.stream, "messages": [{"role": "user", "content": "{{ prompt }}"}]},
            "output": {"file": "out.jsonl"},
            "limits": {"in_flight": asked.in_flight},
        }), encoding="utf-8")
        ended = run(Command([bench.skein, "run", "job.yaml"], folder), machine.CLIENT)
        if ended.status != 0:
            raise Refused(f"skein ended with {ended.status}: {ended.err[-400:]}")
        return ended.cpu


def above_one(bench, api, count, stream):
    """CPU of `count` requests without what a run with one of them costs."""
    one = cpu(bench, Asked(api, [ECHO], 1, stream))
    return (cpu(bench, Asked(api, [ECHO] * count, 16, stream)) - one) / (count - 1)


def per_request(bench, api, count):
    return above_one(bench, api, count, stream=False)


def per_chunk(bench, api, count):
    return above_one(bench, api, count, stream=True) / WORDS


def first_token(bench, api, load):
    prompts = [load.prompt_of(number) for number in range(1, load.requests + 1)]
    cpu(bench, Asked(api, prompts, load.in_flight, True), first="50ms")
    return statistics.median(first for seq, first in members(bench.place, "ttft_ms") if not load.is_large(seq))


FIGURE = Figure("apis", "The same chat over each API", measure)
