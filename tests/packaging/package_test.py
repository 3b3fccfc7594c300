"""The packages for Debian and for Python: they name what they need, and what is in them runs."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from program import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["SKEIN_BUILD"]).resolve()


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"), "no dpkg here")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder / "work",
            "-D", f"CPACK_OUTPUT_FILE_PREFIX={cls.folder}", cwd=cls.folder)
        cls.packages = {re.match(r"[a-z-]+", file.name)[0]: file for file in cls.folder.rglob("*.deb")
                        if "_CPack_Packages" not in str(file)}

    def field(self, package, name):
        return run("dpkg-deb", "-f", self.packages[package], name).strip()

    def test_there_is_one_for_programs_and_two_for_the_libraries(self):
        self.assertEqual(sorted(self.packages), ["libskein", "libskein-dev", "skein"])

    def test_the_programs_run_and_name_what_they_need(self):
        root = self.folder / "root"
        run("dpkg-deb", "-x", self.packages["skein"], root)
        self.assertRegex(run(root / "usr/bin/skein", "--version"), r"^skein \d")
        self.assertTrue((root / "usr/bin/skein-mock").is_file())
        self.assertRegex(self.field("skein", "Depends"), r"libcurl4.*libyaml-cpp")
        for file in ("man/man1/skein.1", "man/man5/skein-job.5", "bash-completion/completions/skein",
                     "zsh/site-functions/_skein", "fish/vendor_completions.d/skein.fish"):
            self.assertTrue((root / "usr/share" / file).is_file(), file)
        self.assertFalse((root / "usr/include").exists())

    def test_the_package_of_the_programs_is_small(self):
        self.assertLess(self.packages["skein"].stat().st_size, 3_000_000)

    def test_the_library_names_what_it_stands_on(self):
        self.assertRegex(self.field("libskein-dev", "Depends"), r"libboost.*libcurl4-openssl-dev")
        names = run("dpkg-deb", "-c", self.packages["libskein-dev"])
        for name in ("/libskein.a", "/skeinConfig.cmake", "/skein-cpp.pc", "/include/skein/client.hpp"):
            self.assertIn(name, names)


class Wheel(unittest.TestCase):
    def made(self, folder):
        return pathlib.Path(run(sys.executable, ROOT / "packaging" / "python" / "make_wheel.py",
                                BUILD / "src" / "libskein.so.0", folder).strip())

    def test_the_wheel_answers_in_an_empty_environment(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            wheel = self.made(folder)
            if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
                self.skipTest("no pip here")
            place = folder / "a place"
            run(sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", place, wheel)
            program = (
                "import skein\n"
                "with skein.Client(endpoints=[{'base_url': 'mock:', 'model': 'm'}]) as client:\n"
                "    print([reply.text.strip() for reply in client.map(['echo: a', 'echo: b'])], skein.__version__)\n")
            said = run(sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(place)!r})\n{program}", cwd=folder)
            self.assertRegex(said, r"^\['a', 'b'\] \d+\.\d+\.\d+$")

    def test_the_same_files_give_the_same_wheel(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            self.assertEqual(self.made(one).read_bytes(), self.made(other).read_bytes())


if __name__ == "__main__":
    unittest.main()
