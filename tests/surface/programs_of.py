"""Writes every C++ program of a Markdown file into a file of its own, and prints their names as a
CMake list. A program is a ```cpp block with an `int main`; other blocks are fragments."""
import pathlib
import re
import sys


def programs(text):
    blocks = re.findall(r"^```cpp[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if re.search(r"\bint main\b", block)]


def write_if_changed(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main(markdown, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, program in enumerate(programs(pathlib.Path(markdown).read_text(encoding="utf-8"))):
        paths.append(folder / f"program_{number + 1}.cpp")
        write_if_changed(paths[-1], program)
    print(";".join(map(str, paths)))


if __name__ == "__main__":
    main(*sys.argv[1:])
