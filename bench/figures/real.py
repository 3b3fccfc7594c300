"""`bench/run real FILE`: the questions of a JSONL file (field `question`), streamed, 256 in flight, from
a mock server with 2 % of 500 and 2 % of cut streams. Not part of the table: it wants a file."""
import json
import pathlib
import sys

from harness import build, machine
from harness.child import Command, run
from harness.mock import mock

WEATHER = """
first_token: {lognormal: {median: 100ms, sigma: 0.5}}
per_token: 5ms
faults: [{fault: status, status: 500, rate: 0.02}, {fault: cut_stream, after_tokens: 3, rate: 0.02}]
"""
IN_FLIGHT = 256


def measure(place, file, times=3):
    source = pathlib.Path(file).resolve()
    with open(source, encoding="utf-8") as lines:
        rows = sum(1 for line in lines if line.strip())
    for _ in range(times):
        folder = place.fresh()
        with mock(WEATHER) as server:
            job = {
                "version": 1,
                "endpoints": [{"name": "main", "base_url": server.url, "model": "small"}],
                "input": {"file": str(source)},
                "request": {"messages": [{"role": "system", "content": "You are terse."},
                                         {"role": "user", "content": "{{ question }}"}],
                            "max_tokens": 64, "stream": True},
                "output": {"file": "out.jsonl"},
                "limits": {"in_flight": IN_FLIGHT},
            }
            (folder / "job.yaml").write_text(json.dumps(job), encoding="utf-8")
            ended = run(Command([build.skein(), "run", "job.yaml"], folder), machine.BOTH)
            ledger = server.ledger()
        if ended.status != 0:
            sys.exit(f"skein ended with {ended.status}:\n{ended.err}")
        check(folder / "out.jsonl", rows, ledger)
        print(f"real: {rows} questions in {ended.wall:.2f} s, CPU {ended.cpu / rows * 1e6:.0f} us each, the server saw "
              f"{ledger['requests']} requests, at most {ledger['most_in_flight']} in flight\n{ended.err}", flush=True)


def check(output, rows, ledger):
    """Line i answers row i, and the ledger has as many requests as there were attempts."""
    attempts = number = 0
    with open(output, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            said = json.loads(line)["skein"]
            attempts += said["attempts"]
            if said["seq"] != number:
                sys.exit(f"line {number} of the output answers row {said['seq']}")
    if number != rows or ledger["requests"] != attempts or ledger["most_in_flight"] > IN_FLIGHT:
        sys.exit(f"{number} lines for {rows} rows, {attempts} attempts, and the ledger says {ledger}")
