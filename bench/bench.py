#!/usr/bin/env python3
"""The figures of bench/README.md, measured: each command builds nothing, starts a mock server of its
own, runs the release build of skein against it, and prints one line per run.

    bench/bench.py founding     25 requests of 1 s, 5 in flight
    bench/bench.py wide         10,000 requests of 1 s, 10,000 in flight
    bench/bench.py memory       1,000,000 short requests, the first of which takes 30 s
    bench/bench.py cost         CPU per request at 64 in flight, answers without delay
    bench/bench.py real FILE    the questions of a JSONL file, streamed, 256 in flight
    bench/bench.py crash        50 kills at random moments, and resume
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("SKEIN_BUILD", ROOT / "build" / "release"))
os.environ["SKEIN_BUILD"] = str(BUILD)
sys.path.insert(0, str(ROOT / "tests" / "integration"))
import harness  # noqa: E402


def measured(folder, job):
    """Runs a job; gives wall seconds, CPU seconds, peak MB, and the report."""
    (folder / "job.yaml").write_text(job, encoding="utf-8")
    before = time.monotonic()
    process = subprocess.Popen([harness.SKEIN, "run", "job.yaml"], cwd=folder, stderr=subprocess.PIPE)
    report = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"skein ended with {process.returncode}:\n{report}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, report


def job_of(url, file, template, in_flight, extra=""):
    return f"""version: 1
endpoints: [{{name: main, base_url: "{url}", model: small}}]
input: {{file: "{file}"}}
request: {template}
output: {{file: out.jsonl, timings: false}}
limits: {{in_flight: {in_flight}, attempts: 4}}
{extra}
"""


def check_output(folder, count, in_order=True):
    seen = 0
    with open(folder / "out.jsonl", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            seen += 1
            if in_order and f'"skein":{{"seq":{number},' not in line:
                sys.exit(f"line {number} of the output answers another line of the input")
    if seen != count:
        sys.exit(f"{seen} lines in the output, not {count}")


ASK = '{messages: [{role: user, content: "{{ text }}"}], max_tokens: 4}'


def run(name, weather, rows, template, in_flight, file="rows.txt", extra="", runs=3):
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, harness.Mock(weather) as mock:
            folder = pathlib.Path(folder)
            count = rows(folder)
            wall, cpu, peak, report = measured(folder, job_of(mock.url, file, template, in_flight, extra))
            check_output(folder, count)
            ledger = mock.ledger()
            attempts = sum(json.loads(line)["skein"]["attempts"] for line in open(folder / "out.jsonl", encoding="utf-8"))
            if ledger["requests"] != attempts or ledger["most_in_flight"] > in_flight:
                sys.exit(f"the ledger disagrees: {ledger}, {attempts} attempts")
            headline = next(line for line in report.splitlines() if line.startswith("run complete"))
            elapsed = headline.split(",")[-1].strip()
            print(f"{name}: {count} requests, process {wall:.3f} s, run {elapsed}, CPU {cpu / count * 1e6:.0f} us "
                  f"a request, peak RSS {peak:.0f} MB, server saw {ledger['requests']}, at most "
                  f"{ledger['most_in_flight']} in flight", flush=True)


def lines(count):
    def write(folder):
        with open(folder / "rows.txt", "w", encoding="utf-8") as file:
            for i in range(1, count + 1):
                file.write(f"question {i}\n")
        return count
    return write


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["founding", "wide", "memory", "cost", "real", "crash"])
    parser.add_argument("file", nargs="?", help="for `real`: JSONL with a field `question`")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000, help="for `memory`")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    if options.what == "founding":
        run("founding", "latency: 1s", lines(25), ASK, 5, runs=options.runs)
    elif options.what == "wide":
        run("wide", "latency: 1s", lines(10_000), ASK, 10_000, runs=options.runs)
    elif options.what == "cost":
        run("cost", "", lines(50_000), ASK, 64, runs=options.runs)
    elif options.what == "memory":
        # The first of all: a stall of 30 s before its answer.
        weather = 'faults: [{fault: status, status: 500, after: 30s, first_attempts: 1, contains: "question 0001 "}]'

        def rows(folder):
            with open(folder / "rows.txt", "w", encoding="utf-8") as file:
                file.write("question 0001 is slow\n")
                for i in range(2, options.rows + 1):
                    file.write(f"question {i}\n")
            return options.rows
        run("memory", weather, rows, ASK, 256, runs=1)
    elif options.what == "real":
        source = pathlib.Path(options.file).resolve()
        count = sum(1 for line in open(source, encoding="utf-8") if line.strip())
        weather = """
first_token: {lognormal: {median: 100ms, sigma: 0.5}}
per_token: 5ms
faults: [{fault: status, status: 500, rate: 0.02}, {fault: cut_stream, after_tokens: 3, rate: 0.02}]
"""
        template = '{messages: [{role: system, content: You are terse.}, {role: user, content: "{{ question }}"}], max_tokens: 64, stream: true}'
        run("real", weather, lambda _: count, template, 256, file=source, runs=options.runs)
    else:
        environment = {**os.environ, "SKEIN_KILLS": "50", "SKEIN_CUT_STEP": "1"}
        test = ROOT / "tests" / "integration" / "resume_test.py"
        sys.exit(subprocess.run([sys.executable, test, "-v"], env=environment, cwd=test.parent).returncode)


if __name__ == "__main__":
    main()
