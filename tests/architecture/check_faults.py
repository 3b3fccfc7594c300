#!/usr/bin/env python3
"""Holds docs/faults*.md against the tests: a row that names a test which does not exist, a fault that
stands there twice or not at all, and one without a test and without a reason, are told.

A row is `| A1 | fault | what skein does | tests | result |`. A test is named in backticks as
`file: its exact name`, the file without folder and ending, or instead of it one of its tags; a case of
`tests/field` as `field: its folder`. The result
begins with `holds`, or with `not tested:` and the reason.
`check_faults.py --self-test` breaks the rules on purpose and demands to be told.
"""
import pathlib
import re
import sys
import tempfile

# How many rows each section of the matrix has. A section of another letter has what it has.
SECTIONS = {"A": 19, "B": 28, "C": 33, "D": 23, "E": 25, "F": 11, "G": 18}
ROW = re.compile(r"^\|\s*([A-Z]\d+)\s*\|(.*)\|\s*$", re.M)
NAMED = re.compile(r"`\[?(\w+)\]?: ([^`]+)`")
# A title may stand on the line below, or be put together from several literals; tags may follow.
TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)(?:,\s*"([^"]*)")?')
TAG = re.compile(r"\[(\w+)\]")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
METHOD = re.compile(r"^    def (test_\w+)\(", re.M)


def tests_in(root):
    """`{(file or tag, name)}` of all there are."""
    found = set()
    for path in [*(root / "tests" / "unit").rglob("*_test.cpp"), *(root / "tests").glob("*/*_test.cpp")]:
        for match in TEST_CASE.finditer(path.read_text(encoding="utf-8")):
            title = "".join(LITERAL.findall(match[1])).replace('\\"', '"').replace("\\\\", "\\")
            found.update((where, title) for where in (path.stem, *TAG.findall(match[2] or "")))
    for path in (root / "tests" / "integration").glob("*_test.py"):
        found.update((path.stem, name) for name in METHOD.findall(path.read_text(encoding="utf-8")))
    for path in (root / "tests" / "field").glob("*/case.json"):
        found.add(("field", path.parent.name))
    return found


def complaints_about(row, cells, tests):
    if len(cells) != 4:
        return [f"has {len(cells) + 1} cells, not 5"]
    _, does, named, result = cells
    complaints = [f"names `{file}: {name}`, and there is no such test"
                  for file, name in NAMED.findall(named) if (file, name) not in tests]
    if re.fullmatch(r"holds\b.*", result):
        if not does:
            complaints.append("does not say what skein does")
        if not NAMED.search(named):
            complaints.append("holds, and names no test that says so")
    elif not re.fullmatch(r"not tested: \S.*", result):
        complaints.append("has neither `holds` nor `not tested:` with a reason")
    return complaints


def check(root):
    tests = tests_in(root)
    rows, complaints = {}, []
    for path in sorted((root / "docs").glob("faults*.md")):
        text = path.read_text(encoding="utf-8")
        for match in ROW.finditer(text):
            row = match[1]
            place = f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}: {row}"
            if row in rows:
                complaints.append(f"{place} stands in {rows[row]} already")
            rows[row] = path.name
            cells = [cell.strip() for cell in match[2].split("|")]
            complaints += [f"{place} {why}" for why in complaints_about(row, cells, tests)]
    for section in sorted({row[0] for row in rows}):
        there = {int(row[1:]) for row in rows if row[0] == section}
        wanted = set(range(1, SECTIONS.get(section, max(there)) + 1))
        for numbers, what in ((wanted - there, "is missing"), (there - wanted, "is no fault of the matrix")):
            complaints += [f"docs/faults*.md: {section}{number} {what}" for number in sorted(numbers)]
    return len(rows), complaints


def self_test():
    good = "| {} | fault | does | `some_test: a title`, `[x]: two lines`, `other_test: test_it` | holds |"
    bad = {  # What is wrong, and the row that stands there instead of a good one.
        "no such title": "| A2 | fault | does | `some_test: another title` | holds |",
        "no such file": "| A2 | fault | does | `no_test: a title` | holds |",
        "no such method": "| A2 | fault | does | `other_test: test_that` | holds |",
        "no test": "| A2 | fault | does | | holds |",
        "no deed": "| A2 | fault | | `some_test: a title` | holds |",
        "no reason": "| A2 | fault | does | | not tested: |",
        "no result": "| A2 | fault | does | `some_test: a title` | |",
        "a cell too few": "| A2 | fault | does | holds |",
        "a row twice": good.format("A3"),
        "a row missing": "",
        "a row too many": good.format("A2") + "\n" + good.format("A20"),
        "a gap of our own": good.format("A2") + "\n" + good.format("S2"),
    }
    fine = {"nothing": good.format("A2"), "a section of our own": good.format("A2") + "\n" + good.format("S1"),
            "a reason": "| A2 | fault | | | not tested: no such thing |"}
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("docs", "tests/unit/room", "tests/integration"):
            (root / name).mkdir(parents=True)
        (root / "tests/unit/room/some_test.cpp").write_text(
            'TEST_CASE("a title", "[x]") {}\nTEST_CASE(\n    "two "\n    "lines", "[x][y]"\n) {}\n')
        (root / "tests/integration/other_test.py").write_text("class A:\n    def test_it(self):\n")
        others = [good.format(f"A{number}") for number in range(1, 20) if number != 2]
        for title, row in {**fine, **bad}.items():
            (root / "docs/faults.md").write_text("\n".join(["# Faults", *others, row]))
            complaints = check(root)[1]
            if bool(complaints) != (title in bad):
                wrong.append(f"{title} is wrong, and what was said is: {complaints}")
    return wrong


def main():
    if "--self-test" in sys.argv:
        complaints = self_test()
    else:
        count, complaints = check(pathlib.Path(__file__).resolve().parents[2])
        if count < 40:
            complaints.append(f"only {count} rows found: is this the right folder?")
    print("\n".join(complaints) or "every fault has its test, or the reason why not")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
