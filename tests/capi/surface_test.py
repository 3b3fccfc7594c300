"""The header is C and C++ of every year, and the library shows its functions and no other name."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "include" / "skein" / "skein.h"
LIBRARY = pathlib.Path(os.environ["SKEIN_LIBRARY"])
CC = os.environ.get("SKEIN_CC", "cc")


def declared():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.S)
    return set(re.findall(r"SKEIN_API[^;]*?\b(skein_\w+)\(", text))


class Surface(unittest.TestCase):
    def test_the_header_compiles_alone_and_twice_in_old_and_new_languages(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "alone.c"
            file.write_text("#include <skein/skein.h>\n#include <skein/skein.h>\nint main(void) { return 0; }\n",
                            encoding="utf-8")
            for language in ("c99", "c11", "c17", "c++98", "c++11", "c++20"):
                kind = "c++" if "+" in language else "c"
                strict = [] if language == "c++98" else ["-Wpedantic"]  # 64 bits are newer than that.
                done = subprocess.run(
                    [CC, "-x", kind, f"-std={language}", "-Wall", "-Wextra", "-Werror", *strict,
                     f"-I{ROOT / 'include'}", "-fsyntax-only", str(file)],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertEqual((language, done.stdout, done.returncode), (language, "", 0))

    def test_the_library_shows_the_functions_of_the_header_and_nothing_else(self):
        text = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        names = {line.split()[-1].split("@")[0] for line in text.splitlines()} - {"SKEIN_0"}
        self.assertGreater(len(declared()), 40)
        self.assertEqual(names, declared())

    def test_python_knows_every_function_of_the_header(self):
        said = (ROOT / "python" / "skein" / "_ffi.py").read_text(encoding="utf-8")
        told = set(re.findall(r'"(skein_\w+)"', said))
        self.assertEqual(told - declared(), set(), "not in skein.h")
        self.assertEqual(declared() - told, set(), "not in _ffi.py")


if __name__ == "__main__":
    unittest.main()
