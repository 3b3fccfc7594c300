#!/usr/bin/env python3
"""Every C++ file is as clang-format would write it. Another major version writes differently, so
only the one of Debian 12 judges."""
import pathlib
import re
import subprocess
import sys

JUDGE = 14


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    try:
        version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        print("skipped: no clang-format here")
        return 77
    if int(re.search(r"version (\d+)", version).group(1)) != JUDGE:
        print(f"skipped: clang-format {JUDGE} judges, this is {version.strip()}")
        return 77
    files = sorted(path for folder in ("src", "include", "mock_server", "tests", "examples", "bench")
                   for path in (root / folder).rglob("*.[ch]pp"))
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], capture_output=True, text=True)
    bad = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", result.stderr, re.M)))
    for name in bad:
        print(f"{pathlib.Path(name).relative_to(root)}: run clang-format -i on it")
    print(f"{len(files)} files, {len(bad)} not formatted")
    return 1 if bad or result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
