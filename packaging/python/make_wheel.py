#!/usr/bin/env python3
"""Makes the wheel of the Python package: pure Python, with the shared library beside it.

    packaging/python/make_wheel.py build/release/src/libskein.so.0 build/release/packages

One wheel serves every Python from 3.9 on. It is for the kind of system that it was made on, because the library
stands on the libcurl, yaml-cpp and others that are installed there; pip says so by the wheel's name. The same files
give the same bytes.
"""
import base64
import hashlib
import os
import pathlib
import re
import sys
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r'SKEIN_VERSION "(.*)"', (ROOT / "include/skein/version.hpp").read_text(encoding="utf-8"))[1]
MADE = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", 315532800)))[:6]  # The first moment that a zip file knows.
INFO = f"skein-{VERSION}.dist-info"

METADATA = f"""Metadata-Version: 2.1
Name: skein
Version: {VERSION}
Summary: Thousands of requests to LLM APIs at once: retried, rate-limited, in order
Requires-Python: >=3.9
Description-Content-Type: text/markdown

"""


def wheel_name():
    system = f"{os.uname().sysname.lower()}_{os.uname().machine}"
    return f"skein-{VERSION}-py3-none-{system}.whl"


def files(library):
    for file in sorted((ROOT / "python" / "skein").rglob("*")):
        if file.suffix in (".py", ".pyi", ".typed"):
            yield f"skein/{file.relative_to(ROOT / 'python' / 'skein').as_posix()}", file.read_bytes()
    yield "skein/libskein.so.0", library.read_bytes()
    yield f"{INFO}/METADATA", (METADATA + (ROOT / "docs" / "python.md").read_text(encoding="utf-8")).encode()
    tag = "-".join(wheel_name().removesuffix(".whl").split("-")[2:])
    yield f"{INFO}/WHEEL", f"Wheel-Version: 1.0\nGenerator: skein\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()


def record(entries):
    lines = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
             for name, data in entries]
    return "\n".join([*lines, f"{INFO}/RECORD,,", ""]).encode()


def main():
    library, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    entries = list(files(library))
    entries.append((f"{INFO}/RECORD", record(entries)))
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / wheel_name()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in entries:
            member = zipfile.ZipInfo(name, MADE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            out.writestr(member, data)
    print(wheel)


if __name__ == "__main__":
    main()
