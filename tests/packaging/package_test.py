"""The packages for Debian: they name what they need, and what is in them runs."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["SKEIN_BUILD"]).resolve()


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=280, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}")
    return done.stdout


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"), "no dpkg here")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder, cwd=cls.folder)
        cls.packages = {re.match(r"[a-z-]+", file.name)[0]: file for file in cls.folder.rglob("*.deb")
                        if "_CPack_Packages" not in str(file)}

    def field(self, package, name):
        return run("dpkg-deb", "-f", self.packages[package], name).strip()

    def test_there_is_one_for_programs_and_one_for_the_library(self):
        self.assertEqual(sorted(self.packages), ["libskein-dev", "skein"])

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


if __name__ == "__main__":
    unittest.main()
