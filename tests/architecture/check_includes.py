#!/usr/bin/env python3
"""Holds every #include against the table of src/README.md.

A room includes only rooms of a smaller level, and third-party headers only where the table names
them. Prints one sentence for each include that does not, and fails.
`check_includes.py --self-test` breaks the rules on purpose and demands to be told.
"""
import pathlib
import re
import sys
import tempfile

LEVELS = {
    "base": 0, "model": 1,
    "input": 2, "limit": 2, "order": 2, "measure": 2, "stream": 2, "worker": 2,
    "config": 3, "dialect": 3, "dispatch": 3, "wire": 4, "process": 4, "gpu": 4,
    "local": 5, "backend": 5, "engine": 6, "job": 6, "client": 7, "app": 8,
}
# Public headers by what they speak of.
PUBLIC_LEVELS = {"job": 2, "client": 7, "replies": 7, "run": 7, "skein": 7}
PUBLIC_VALUE_LEVEL = 0  # time, fault, request, settings, secret, log, error, tally
ASIO = {"boost/asio", "boost/system"}
THIRD_PARTY = {
    "base": {"boost/system"}, "model": set(), "limit": set(), "order": set(), "measure": set(),
    "stream": set(), "worker": {"boost/system"}, "dialect": {"simdjson", "nlohmann", "boost/system"},
    "config": {"yaml-cpp", "boost/system"}, "dispatch": set(),
    "input": {"simdjson", "zlib.h", "zstd.h", "zstd_errors.h", "iconv.h"},
    "wire": ASIO | {"curl"}, "process": ASIO, "gpu": {"boost/system"}, "local": ASIO | {"boost/beast"},
    "backend": ASIO, "engine": ASIO,
    "job": {"simdjson", "csv.h", "xxhash.h", "boost/system"},
    "client": {"boost/system"}, "app": {"CLI", "spdlog"},
    "public": {"boost/system"}, "mock_server": {"boost/asio", "boost/beast", "boost/system", "nlohmann", "yaml-cpp", "CLI", "simdjson"},
}
KNOWN_THIRD_PARTY = (
    "boost/", "curl/", "nlohmann/", "simdjson", "yaml-cpp/", "CLI/", "spdlog/", "xxhash", "csv.h",
    "catch2/", "fmt/", "openssl/", "zlib.h", "zstd", "iconv.h",
)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def level_of_public(name):
    return PUBLIC_LEVELS.get(name, PUBLIC_VALUE_LEVEL)


def allowed_third_party(room, header):
    return any(header == t or header.startswith(t + "/") or header.startswith(t + ".")
               for t in THIRD_PARTY[room])


def complaint(room, level, header, quoted):
    """Why a file of this room may not include this; None if it may."""
    if header.startswith("skein/"):
        name = header[len("skein/"):].split(".")[0]
        if room == "mock_server" and name != "time":
            return "mock_server/ shares nothing with skein but base/ and the time"
        if room != "public" and level_of_public(name) > level:
            return f"is of level {level}, and <{header}> is of level {level_of_public(name)}"
        return None
    if quoted:
        target = header.split("/")[0]
        if target == room:
            return None
        if target == "mock_server":
            return None if room in ("client", "app") else "only client/ runs the mock server"
        if target not in LEVELS:
            return f'"{header}" is in no room (write "room/file.hpp")'
        if room == "mock_server":
            return None if target == "base" else "mock_server/ shares nothing with src/ but base/"
        if room == "public":
            return "a public header includes no header of src/"
        if LEVELS[target] >= level:
            return f"is of level {level}, and {target}/ of level {LEVELS[target]}"
        return None
    if header.startswith(KNOWN_THIRD_PARTY) and not allowed_third_party(room, header):
        return f"may not include <{header}>; see the table in src/README.md"
    return None


def files_of(root):
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        room = path.relative_to(root / "src").parts[0]
        yield path, room, LEVELS.get(room)
    for path in sorted((root / "mock_server").rglob("*.[ch]pp")):
        yield path, "mock_server", 1
    for path in sorted((root / "include" / "skein").rglob("*.hpp")):
        yield path, "public", level_of_public(path.stem)


def check(root):
    complaints = []
    count = 0
    for path, room, level in files_of(root):
        count += 1
        name = path.relative_to(root)
        if level is None:
            complaints.append(f"{name}: the room {room}/ is not in the table of src/README.md")
            continue
        for match in INCLUDE.finditer(path.read_text(encoding="utf-8")):
            why = complaint(room, level, match.group(2), match.group(1) == '"')
            if why:
                line = path.read_text(encoding="utf-8").count("\n", 0, match.start()) + 1
                complaints.append(f"{name}:{line}: {room}/ {why}")
    return count, complaints


def self_test():
    bad = {
        "src/limit/a.hpp": '#include "dispatch/desk.hpp"\n',
        "src/dispatch/a.cpp": "#include <boost/asio.hpp>\n",
        "src/order/a.hpp": '#include "limit/room.hpp"\n',
        "src/dialect/a.cpp": "#include <curl/curl.h>\n",
        "src/backend/a.cpp": "#include <skein/client.hpp>\n",
        "src/attic/a.cpp": "int a;\n",
        "include/skein/a.hpp": "#include <nlohmann/json.hpp>\n",
        "include/skein/b.hpp": '#include "base/assert.hpp"\n',
        "mock_server/a.cpp": '#include "model/headers.hpp"\n',
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in bad.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        _, complaints = check(root)
    told = {c.split(":")[0] for c in complaints}
    return [f"{name} breaks a rule, and nobody said so" for name in bad if name not in told]


def main():
    if "--self-test" in sys.argv:
        complaints = self_test()
    else:
        count, complaints = check(pathlib.Path(__file__).resolve().parents[2])
        if count < 50:
            complaints.append(f"only {count} files found: is this the right folder?")
    print("\n".join(complaints) or "the include directions hold")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
