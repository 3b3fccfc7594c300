#!/usr/bin/env python3
"""What a request costs, in instructions: `skein run` under callgrind, against recorded.json.

Times say nothing on a shared machine; instructions are nearly the same in every run. A short job is
run and a longer one, and the difference is divided by the rows that the longer has more of, so that
start-up cancels out. The kernel's instructions, and the mock server's, are not counted.

    tests/instructions/instructions.py             fails beyond 10 % over the recorded number
    tests/instructions/instructions.py --record    makes what is measured now the recorded number

Measures build/release, or the build folder that SKEIN_BUILD names. Exit status: 0 well, 1 too many
or the job failed, 2 nothing to measure, 77 not comparable with the recorded number (skipped).
"""
import ctypes
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ["SKEIN_BUILD"] = str(pathlib.Path(os.environ.get("SKEIN_BUILD", ROOT / "build" / "release")).resolve())
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from harness import BUILD, MOCK, SKEIN, Mock  # Asks for SKEIN_BUILD at once.

RECORD = pathlib.Path(__file__).with_name("recorded.json")
PROFILES = BUILD / "instructions"
ALLOWED = 0.10

FEW, MANY = 500, 2500  # Rows of the two jobs.
IN_FLIGHT = 64
PROMPT, ANSWER = 600, 700  # Bytes.
LONGEST = 600  # Seconds. Only a run that hangs takes so long; usual are four.


class Failed(Exception):
    """The job did not do what was to be measured."""


# The number.

def instructions_per_request():
    # On one core, server included: which thread gets to run, and so how much is done in one go, is
    # then nearly the same every time. On two, the number jumps between two values 3 % apart.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    few, many = instructions_of(FEW), instructions_of(MANY)
    return round((many - few) / (MANY - FEW))


def instructions_of(count):
    PROFILES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Mock(weather()) as mock:
        write_job(pathlib.Path(folder), mock.url, count)
        run_job(folder, profile(count))
        requests = mock.ledger()["requests"]
        lines = pathlib.Path(folder, "out.jsonl").read_bytes().count(b"\n")
    if requests != count or lines != count:
        raise Failed(f"{count} rows, but {requests} requests and {lines} lines of output")
    return int(re.search(r"^totals: (\d+)$", profile(count).read_text(encoding="utf-8"), re.M)[1])


def profile(count):
    return PROFILES / f"callgrind.{count}-rows"


def run_job(folder, out):
    # Nothing of the environment may change the job, or how it is measured.
    foreign = re.compile(r"SKEIN_|VALGRIND_|.*proxy", re.IGNORECASE)
    environment = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    ended = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--log-file=valgrind.log",
         SKEIN, "run", "job.yaml"],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LONGEST,
    )
    if ended.returncode != 0:
        log = pathlib.Path(folder, "valgrind.log").read_text(encoding="utf-8", errors="replace")
        raise Failed(f"skein run ended with {ended.returncode}\n{ended.stdout}{log}")


def write_job(folder, url, count):
    rows = (filled(f"{i:06d} ", PROMPT) for i in range(count))
    (folder / "rows.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    job = {
        "version": 1,
        "endpoints": [{"name": "main", "base_url": url, "model": "m"}],
        "input": {"file": "rows.txt"},
        "request": {"messages": [{"role": "user", "content": "{{ text }}"}]},
        "output": {"file": "out.jsonl"},
        "limits": {"in_flight": IN_FLIGHT, "wire_threads": 0, "attempts": 1},
        "seed": 1,
    }
    (folder / "job.yaml").write_text(json.dumps(job), encoding="utf-8")  # JSON is YAML.


def weather():
    """The same answer to everything, at once."""
    answer = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 110, "completion_tokens": 90, "total_tokens": 200},
    }
    around = len(json.dumps(answer))
    answer["choices"][0]["message"]["content"] = filled("", ANSWER - around)
    return f"seed: 1\nfaults: [{{fault: status, status: 200, body: '{json.dumps(answer)}'}}]\n"


def filled(begin, size):
    return (begin + "some words to fill a line with " * (size // 30 + 1))[:size]


# What it was measured with.

def surroundings():
    """What changes the number although skein is the same."""
    libraries = dict(re.findall(r"(\S+) => (\S+)", output_of("ldd", SKEIN)))
    return {
        "architecture": platform.machine(),
        "instruction set": instruction_set(),
        "compiler": compiler(),
        "glibc": os.confstr("CS_GNU_LIBC_VERSION"),
        "libcurl": curl_version(libraries.get("libcurl.so.4")),
        "libmimalloc": file_of(libraries, "libmimalloc.so"),
        "libsimdjson": file_of(libraries, "libsimdjson.so"),
        "libstdc++": file_of(libraries, "libstdc++.so"),
        "valgrind": output_of("valgrind", "--version").strip(),
    }


def instruction_set():
    """glibc and simdjson choose their code by it. valgrind shows no more than AVX2 to a program."""
    flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    known = flags[1].split() if flags else []
    return next((name for name in ("avx2", "avx") if name in known), "baseline")


def compiler():
    """As it signed the program, in the section .comment."""
    found = re.findall(rb"GCC: \([^)]*\) [\d.]+|clang version [\d.]+", SKEIN.read_bytes())
    return ", ".join(sorted({re.sub(r": \(.*\)", "", text.decode()) for text in found})) or "unknown"


def curl_version(path):
    if path is None:
        return "unknown"
    curl = ctypes.CDLL(path)
    curl.curl_version.restype = ctypes.c_char_p
    return curl.curl_version().decode().split()[0]


def file_of(libraries, name):
    """The library's file, whose name has its version."""
    found = [pathlib.Path(path).resolve().name for soname, path in libraries.items() if soname.startswith(name)]
    return found[0] if found else "unknown"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# The judgement.

def spaced(number):
    return f"{number:,}".replace(",", " ")


def judge(measured, recorded):
    """Gives the exit status and what to say."""
    most = int(recorded * (1 + ALLOWED))
    change = (measured - recorded) / recorded
    said = (f"{spaced(measured)} instructions per request, recorded {spaced(recorded)} ({change:+.1%}), "
            f"allowed {spaced(most)}")
    if measured > most:
        shown = os.path.relpath(profile(MANY))
        return 1, (f"too many: {said}\n"
                   f"  what they are: callgrind_annotate --auto=no {shown} | head -60\n"
                   "  what grew: the same where the last commit that passed is checked out\n"
                   "  if they are worth it: tests/instructions/instructions.py --record")
    if change < -ALLOWED:
        said += "\n  so much better that it should be kept: tests/instructions/instructions.py --record"
    return 0, said


def incomparable(recorded, here):
    """Why the recorded number says nothing here; nothing if it does."""
    return [f"{name}: recorded with {recorded.get(name, 'nothing')}, here {here.get(name, 'nothing')}"
            for name in {**recorded, **here} if recorded.get(name) != here.get(name)]


def main():
    if unknown := [word for word in sys.argv[1:] if word != "--record"]:
        print(f"unknown: {' '.join(unknown)}\n{__doc__}", file=sys.stderr)
        return 2
    for program in (SKEIN, MOCK):
        if not program.exists():
            print(f"no {program}: scripts/build release skein skein-mock", file=sys.stderr)
            return 2
    if not shutil.which("valgrind"):
        print("skipped: no valgrind here")
        return 77
    here = surroundings()
    if "--record" in sys.argv:
        number = instructions_per_request()
        RECORD.write_text(json.dumps({"instructions per request": number, "with": here}, indent=4) + "\n",
                          encoding="utf-8")
        print(f"recorded: {spaced(number)} instructions per request")
        return 0
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    if why := incomparable(record["with"], here):
        print("skipped: the recorded number is not comparable here\n  " + "\n  ".join(why))
        return 77
    status, said = judge(instructions_per_request(), record["instructions per request"])
    print(said)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"nothing was measured: {failed}", file=sys.stderr)
        sys.exit(1)
