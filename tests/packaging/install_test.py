"""What `cmake --install` puts into a prefix serves a program that finds it, a shell, and `man`."""
import json
import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile
import unittest

from program import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["SKEIN_BUILD"]).resolve()
CACHE = dict(re.findall(r"^(\w+):\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(encoding="utf-8"), re.M))
SANITIZE = f"-fsanitize={CACHE['SKEIN_SANITIZE']}" if CACHE.get("SKEIN_SANITIZE") else ""

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
find_package(skein {version} REQUIRED)
add_executable(consumer main.cpp)
target_link_libraries(consumer PRIVATE skein::skein)
"""


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.prefix = cls.folder / "a prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.program = cls.prefix / "bin" / "skein"
        cls.version = run(cls.program, "--version").split()[1]

    def files(self, *suffixes):
        return [file for file in self.prefix.rglob("*") if file.suffix in suffixes]

    def consumer(self, name):
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(ROOT / "tests" / "surface" / "consumer" / "main.cpp", folder)
        return folder

    def configure(self, folder, version):
        (folder / "CMakeLists.txt").write_text(PROJECT.format(version=version), encoding="utf-8")
        return ["cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}",
                f"-DCMAKE_CXX_COMPILER={CACHE['CMAKE_CXX_COMPILER']}", f"-DCMAKE_CXX_FLAGS={SANITIZE}"]

    def test_a_program_that_finds_skein_by_cmake_gets_an_answer(self):
        folder = self.consumer("cmake")
        run(*self.configure(folder, self.version))
        run("cmake", "--build", folder / "build")
        self.assertEqual(run(folder / "build" / "consumer").strip(), "hello")

    def test_a_program_in_c_links_the_shared_library(self):
        folder = self.folder / "c by cmake"
        folder.mkdir()
        (folder / "main.c").write_text(
            '#include <skein/skein.h>\n#include <stdio.h>\nint main(void) { puts(skein_version()); return 0; }\n',
            encoding="utf-8")
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(consumer LANGUAGES C CXX)\nfind_package(skein REQUIRED)\n"
            "add_executable(consumer main.c)\ntarget_link_libraries(consumer PRIVATE skein::c)\n", encoding="utf-8")
        run("cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_C_FLAGS={SANITIZE}", f"-DCMAKE_EXE_LINKER_FLAGS={SANITIZE}")
        run("cmake", "--build", folder / "build")
        self.assertEqual(run(folder / "build" / "consumer").strip(), self.version)

    def test_a_program_that_wants_another_version_is_told(self):
        folder = self.consumer("other-version")
        with self.assertRaisesRegex(AssertionError, "(?s)compatible.*requested version.*99"):
            run(*self.configure(folder, "99.0"))

    def test_pkg_config_tells_what_a_compiler_needs(self):
        if not shutil.which("pkg-config"):
            self.skipTest("no pkg-config here")
        folders = {file.parent for file in self.files(".pc")}
        self.assertEqual(len(folders), 1)
        told = {**os.environ, "PKG_CONFIG_PATH": str(folders.pop())}
        self.assertEqual(run("pkg-config", "--modversion", "skein-cpp", env=told).strip(), self.version)
        flags = run("pkg-config", "--cflags", "--libs", "skein-cpp", env=told)
        self.assertIn("libskein.a", flags)
        self.assertNotIn(str(BUILD), flags)
        folder = self.consumer("pkg-config")
        run(CACHE["CMAKE_CXX_COMPILER"], "-std=c++20", *SANITIZE.split(), "main.cpp", "-o", "consumer",
            *shlex.split(flags), cwd=folder)
        self.assertEqual(run(folder / "consumer").strip(), "hello")

    def test_pkg_config_knows_the_library_for_c(self):
        if not shutil.which("pkg-config"):
            self.skipTest("no pkg-config here")
        told = {**os.environ, "PKG_CONFIG_PATH": str(next(self.prefix.rglob("pkgconfig")))}
        flags = run("pkg-config", "--cflags", "--libs", "skein", env=told)
        self.assertNotIn(str(BUILD), flags)
        folder = self.folder / "c by pkg-config"
        folder.mkdir()
        text = (ROOT / "docs" / "c.md").read_text(encoding="utf-8")
        text = re.search(r"```c\n(.*?)```", text, re.S)[1]
        (folder / "main.c").write_text(text.replace("http://127.0.0.1:8000/v1", "mock:"), encoding="utf-8")
        run("cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *SANITIZE.split(), "main.c", "-o",
            "consumer", *shlex.split(flags), cwd=folder)
        library = next(self.prefix.rglob("libskein.so.0"))
        said = run(folder / "consumer", env={**os.environ, "LD_LIBRARY_PATH": str(library.parent)})
        self.assertRegex(said, r"^7: \w+")

    def test_nothing_installed_knows_where_it_was_built(self):
        for file in self.files(".cmake", ".pc", ".h", ".hpp", ".1", ".5"):
            text = file.read_text(encoding="utf-8")
            for place in (BUILD, ROOT):
                self.assertNotIn(str(place), text, file)

    def test_every_public_header_is_installed(self):
        here = {file.name for file in (ROOT / "include" / "skein").glob("*.h*")}
        self.assertEqual({file.name for file in (self.prefix / "include" / "skein").iterdir()}, here)

    def test_the_manual_pages_are_what_the_program_tells(self):
        run(sys.executable, ROOT / "packaging" / "man" / "make_pages.py", self.program, "--check")
        for name in ("man1/skein.1", "man5/skein-job.5"):
            page = self.prefix / "share" / "man" / name
            self.assertTrue(page.is_file(), page)
            if shutil.which("man"):
                said = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-P", "cat", page,
                           env={**os.environ, "MANWIDTH": "100"})
                self.assertNotIn("warning", said.splitlines()[0])


class Completion(unittest.TestCase):
    program = BUILD / "src" / "skein"

    def completed(self, *words):
        """What bash offers for the last word."""
        script = run(self.program, "completion", "bash")
        ask = f"""{script}
compopt() {{ :; }}
COMP_WORDS=({' '.join("'" + word + "'" for word in ('skein', *words))}); COMP_CWORD={len(words)}
_skein; printf '%s\\n' "${{COMPREPLY[@]}}" """
        return run("bash", "-c", ask).split()

    def options(self, command):
        return set(re.findall(r"--[a-z][a-z-]*", re.sub(r"(?s)^.*?Options:|\n\n.*", "", run(self.program, command, "--help"))))

    def commands(self):
        table = re.search(r"Subcommands:\n(.*?)\n\n", run(self.program, "--help"), re.S)[1]
        return re.findall(r"^  (\w+)", table, re.M)

    def test_bash_knows_every_command_and_every_option(self):
        self.assertEqual(self.completed(""), self.commands())
        for command in self.commands():
            offered = set(word for word in self.completed(command, "-") if word.startswith("--"))
            self.assertEqual(offered, self.options(command) | {"--help"}, command)

    def test_bash_completes_keys_kinds_and_leaves_files_to_the_shell(self):
        self.assertEqual(self.completed("ch"), ["check"])
        self.assertIn("limits.in_flight=", self.completed("run", "--set", "limits.in"))
        self.assertEqual(self.completed("init", "em"), ["embeddings"])
        self.assertEqual(self.completed("completion", "z"), ["zsh"])
        self.assertEqual(self.completed("run", "job"), [])

    def test_every_key_that_is_offered_can_be_set(self):
        schema = json.loads(run(self.program, "schema"))
        for key in self.completed("run", "--set", ""):
            node = schema
            for name in key.removesuffix("=").split("."):
                node = node["properties"][name]

    def test_other_shells_can_read_their_scripts(self):
        checked = []
        for shell, check in (("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")):
            if not shutil.which(shell):
                continue
            with tempfile.NamedTemporaryFile("w", suffix=shell) as file:
                file.write(run(self.program, "completion", shell))
                file.flush()
                self.assertEqual(run(shell, check, file.name), "")
            checked.append(shell)
        self.assertIn("bash", checked)
        if len(checked) < 3:
            self.skipTest("only " + ", ".join(checked) + " is here")

    def test_a_shell_that_is_not_known_is_refused(self):
        with self.assertRaisesRegex(AssertionError, "(?s)2\n.*shell"):
            run(self.program, "completion", "tcsh")


if __name__ == "__main__":
    unittest.main()
