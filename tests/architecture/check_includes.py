#!/usr/bin/env python3
"""Holds every #include, and the folders of the tests, against the table of src/README.md.

The table is read, not copied: its first column is the level of a room, its second the room's
folder, its last the third-party libraries that the room may include. A room includes only rooms of
a smaller level, so the rooms cannot form a circle. Each folder of tests/unit is named as the room
that it tests. Prints one sentence for each line that breaks a rule, and fails.

    check_includes.py               checks the project
    check_includes.py --self-test   breaks every rule on purpose and demands to be told
"""
import pathlib
import re
import sys
import tempfile
from typing import NamedTuple

# How the libraries of the table are included.
HEADERS = {
    "std": (),
    "Boost.System": ("boost/system",), "Boost.Asio": ("boost/asio", "boost/system"),
    "Boost.Beast": ("boost/beast",),
    "simdjson": ("simdjson",), "nlohmann-json": ("nlohmann/",), "yaml-cpp": ("yaml-cpp/",),
    "libcurl": ("curl/",), "libcsv": ("csv.h",), "xxhash": ("xxhash", "xxh3"),
    "zlib": ("zlib.h",), "libzstd": ("zstd",), "iconv": ("iconv.h",), "re2": ("re2/",),
    "CLI11": ("CLI/",), "spdlog": ("spdlog/", "fmt/"),
}
KNOWN = tuple(prefix for prefixes in HEADERS.values() for prefix in prefixes) + (
    "boost/", "catch2/", "openssl/",
)
# What the mock server shares with src/. More, and it would share the bugs that it is to find.
SHARED_WITH_MOCK = ("base", "json")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
ROW = re.compile(r"^\| (\d+) \| (?:`([a-z_/]+)/`|`<skein/(\*|[a-z]+)\.hpp>`) \|.*\| ([^|]*) \|$", re.M)


class Room(NamedTuple):
    level: int
    prefixes: tuple  # Of the third-party headers that it may include.


class Table:
    """The rooms by their folders, the public headers by their names."""

    def __init__(self, text):
        self.rooms, self.public = {}, {}
        for level, room, header, libraries in ROW.findall(text):
            words = [word.strip() for word in libraries.split(",") if word.strip()]
            unknown = [word for word in words if word not in HEADERS]
            if unknown:
                raise ValueError(f"src/README.md lets {room or header} include {unknown[0]}, "
                                 "which this check knows no header of")
            row = Room(int(level), tuple(p for word in words for p in HEADERS[word]))
            if room:
                self.rooms[room] = row
            else:
                self.public[header] = row

    def public_level(self, name):
        return self.public.get(name, self.public["*"]).level

    def room_of(self, path):
        """The innermost room that holds a file or folder, by its path under src/."""
        for folder in [str(path), *map(str, path.parents)]:
            if folder in self.rooms:
                return folder
        return None


def complaint(table, room, row, header, quoted):
    """Why a file of this room may not include this; None if it may."""
    is_public = room.startswith("<")
    if header.startswith("skein/"):
        name = header[len("skein/"):].split(".")[0]
        if room == "mock_server" and name != "time":
            return "shares nothing with skein but the time"
        level = table.public_level(name)
        if level > row.level:
            return f"is of level {row.level}, and <{header}> is of level {level}"
        return None
    if quoted:
        if is_public:
            return "is public and includes no header of src/"
        target = table.room_of(pathlib.PurePath(header).parent)
        if target == room:
            return None
        if target is None:
            return f'includes "{header}", which is in no room (write "room/file.hpp")'
        if room == "mock_server":
            return None if target in SHARED_WITH_MOCK else f"shares nothing with src/{target}/"
        if target == "mock_server":
            return None if room in ("client", "client/assembly", "app") else "may not run the mock server"
        if table.rooms[target].level >= row.level:
            return f"is of level {row.level}, and {target}/ is of level {table.rooms[target].level}"
        return None
    if header.startswith(KNOWN) and not header.startswith(row.prefixes or ("\0",)):
        return f"may not include <{header}>"
    return None


def files_of(root, table):
    """Each file with its room and that room's row; without a room, None twice."""
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        room = table.room_of(path.relative_to(root / "src").parent)
        yield path, room, table.rooms.get(room)
    for path in sorted((root / "mock_server").rglob("*.[ch]pp")):
        yield path, "mock_server", table.rooms.get("mock_server")
    for path in sorted((root / "include" / "skein").rglob("*.hpp")):
        yield path, f"<skein/{path.name}>", table.public.get(path.stem, table.public["*"])


def check_tests(root, table):
    """Every folder of tests/unit is a room's, and so is what lies in it."""
    for folder in sorted({path.parent for path in (root / "tests" / "unit").rglob("*_test.cpp")}):
        name = folder.relative_to(root / "tests" / "unit")
        if str(name) != "mock" and str(name) not in table.rooms:
            yield f"tests/unit/{name}: there is no room src/{name}/ that it could test"


def check(root):
    try:
        table = Table((root / "src" / "README.md").read_text(encoding="utf-8"))
    except ValueError as problem:
        return 0, [str(problem)]
    complaints = list(check_tests(root, table))
    count = 0
    for path, room, row in files_of(root, table):
        count += 1
        name = path.relative_to(root)
        if row is None:
            complaints.append(f"{name}: its folder is in no room of the table of src/README.md")
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            why = complaint(table, room, row, match.group(2), match.group(1) == '"')
            if why:
                line = text.count("\n", 0, match.start()) + 1
                complaints.append(f"{name}:{line}: {room} {why}; see the table of src/README.md")
    for room in table.rooms:
        folder = root / room if room == "mock_server" else root / "src" / room
        if not folder.is_dir():
            complaints.append(f"src/README.md: there is no folder for the room {room}/")
    return count, complaints


TABLE = """
| 0 | `base/` | first | std |
| 0 | `<skein/*.hpp>` | values | Boost.System |
| 3 | `<skein/client.hpp>` | the client | Boost.System |
| 1 | `limit/` | when | std |
| 1 | `order/` | order | std |
| 1 | `mock_server/` | a server | nlohmann-json |
| 2 | `job/` | a job | std |
| 2 | `job/run/` | a run | simdjson |
"""
BAD = {
    "src/limit/a.hpp": '#include "job/desk.hpp"\n',
    "src/limit/b.cpp": "#include <boost/asio.hpp>\n",
    "src/limit/c.hpp": '#include "attic/a.hpp"\n',
    "src/order/a.hpp": '#include "limit/room.hpp"\n',
    "src/order/b.cpp": "#include <curl/curl.h>\n",
    "src/job/a.cpp": "#include <skein/client.hpp>\n",
    "src/job/b.cpp": '#include "job/run/a.hpp"\n',
    "src/job/c.cpp": "#include <simdjson.h>\n",
    "src/attic/a.cpp": "int a;\n",
    "include/skein/a.hpp": "#include <nlohmann/json.hpp>\n",
    "include/skein/b.hpp": '#include "base/assert.hpp"\n',
    "mock_server/a.cpp": '#include "limit/headers.hpp"\n',
    "tests/unit/attic/a_test.cpp": "int a;\n",
}
GOOD = {
    "src/job/run/good.cpp": '#include "limit/a.hpp"\n#include <simdjson.h>\n#include <vector>\n',
    "mock_server/good.cpp": '#include "base/a.hpp"\n#include <nlohmann/json.hpp>\n',
    "tests/unit/job/run/a_test.cpp": "int a;\n",
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {"src/README.md": TABLE, "src/base/a.hpp": "", **BAD, **GOOD}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        told = "\n".join(check(root)[1])
        missing = [f"{name} breaks a rule, and nobody said so" for name in BAD
                   if str(pathlib.PurePath(name).parent) not in told and name not in told]
        missing += [f"{name} keeps the rules, and is told off" for name in GOOD if name in told]
        missing += [f"{name} is not named" for name in BAD
                    if name.startswith(("src/", "include/", "mock")) and f"{name}:" not in told]
        (root / "src" / "README.md").write_text(TABLE + "| 3 | `hall/` | | libfoo |\n")
        if "libfoo" not in "".join(check(root)[1]):
            missing.append("a library that is not known is not told of")
        (root / "src" / "README.md").write_text(TABLE + "| 3 | `hall/` | | std |\n")
        if "no folder for the room hall/" not in "".join(check(root)[1]):
            missing.append("a room without a folder is not told of")
    return missing


def main():
    if "--self-test" in sys.argv:
        complaints = self_test()
    else:
        count, complaints = check(pathlib.Path(__file__).resolve().parents[2])
        if count < 50 and not complaints:
            complaints.append(f"only {count} files found: is this the right folder?")
    print("\n".join(complaints) or "the include directions hold")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
