#!/usr/bin/env python3
"""Runs every fuzz target of build/fuzz over its saved inputs, and then over what it makes up.

    tests/fuzz/fuzz.py                     each target for 15 s, two at a time
    SKEIN_FUZZ_SECONDS=600 SKEIN_FUZZ_SEED=0 tests/fuzz/fuzz.py answer journal

Prints a line for each. What brings a target down is kept in build/fuzz/crashes, with the command that
does it again. What leads to new ground is kept in build/fuzz/corpus, for the next run, and never
beside the saved inputs. Exit status: 0 well, 1 something was found, 2 it could not be run.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
PROGRAMS = BUILD / "tests" / "fuzz"
AT_ONCE = min(2, os.cpu_count() or 1)
SLOWEST = 10  # Seconds for one input; beyond it a target hangs.
MOST_MEMORY = 1024  # MB
# The same each time: what chance finds in so short a time should not fail a change that has no part in it.
SEED = os.environ.get("SKEIN_FUZZ_SEED", "1")


def main(wanted):
    seconds = os.environ.get("SKEIN_FUZZ_SECONDS", "15")
    if not re.fullmatch(r"[1-9]\d{0,5}", seconds):
        return refuse(f"SKEIN_FUZZ_SECONDS must be a whole number of seconds, not {seconds!r}")
    targets = sorted(path.name for path in (HERE / "corpus").iterdir())
    unknown = set(wanted) - set(targets)
    if unknown:
        return refuse(f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(targets)}")
    (BUILD / "crashes").mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = pool.map(lambda target: run(target, int(seconds)), wanted or targets)
        return 0 if all([tell(*one) for one in runs]) else 1


def refuse(why):
    print(why, file=sys.stderr)
    return 2


def run(target, seconds):
    """The target's name, its exit status, and all it said."""
    learned = BUILD / "corpus" / target
    learned.mkdir(parents=True, exist_ok=True)
    dictionary = HERE / "dict" / f"{target}.dict"
    command = [
        str(PROGRAMS / f"fuzz_{target}"), f"-max_total_time={seconds}", f"-timeout={SLOWEST}",
        f"-seed={SEED}",
        f"-rss_limit_mb={MOST_MEMORY}", f"-artifact_prefix={BUILD / 'crashes' / target}-",
        "-print_final_stats=1", str(learned), str(HERE / "corpus" / target),
    ]
    if dictionary.exists():
        command.insert(1, f"-dict={dictionary}")
    # It ends by itself, unless it hangs in a way that it does not notice.
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds + 120)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        status, output = "no end", expired.stdout or b""
    log = BUILD / f"{target}.log"
    log.write_bytes(output)
    return target, status, output.decode(errors="replace")


def tell(target, status, output):
    """Is all well? One that ran nothing, or covered nothing, is not."""
    runs = re.search(r"^stat::number_of_executed_units: (\d+)", output, re.M)
    speed = re.search(r"^stat::average_exec_per_sec: +(\d+)", output, re.M)
    ground = re.findall(r"^#\d+\s+\S+\s+cov: (\d+) ft: (\d+)", output, re.M)
    if status == 0 and runs and int(runs[1]) > 0 and speed and ground:
        cov, features = ground[-1]
        print(f"{target:14} {int(runs[1]):>10,} runs  {int(speed[1]):>7,} a second  "
              f"{cov:>5} edges  {features:>6} features", flush=True)
        return True
    print(f"{target:14} FAILED, exit status {status}; its log is build/fuzz/{target}.log", flush=True)
    said = re.findall(r"^(?:skein: bug: .*|.*runtime error: .*|SUMMARY: .*|ERROR: .*)$", output, re.M)
    for line in said or output.splitlines()[-5:]:
        print(f"    {line}")
    for kept in re.findall(r"Test unit written to (\S+)", output):
        program = PROGRAMS / f"fuzz_{target}"
        print(f"    again: {program.relative_to(ROOT)} {pathlib.Path(kept).relative_to(ROOT)}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
