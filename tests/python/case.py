"""What the tests of the Python package stand on: the mock server of the integration tests as the judge, and
programs in processes of their own."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests" / "integration")]
os.environ.setdefault("SKEIN_LIBRARY", str(pathlib.Path(os.environ["SKEIN_BUILD"]) / "src" / "libskein.so"))

import harness  # noqa: E402  pylint: disable=wrong-import-position
import skein  # noqa: E402  pylint: disable=wrong-import-position

PATIENCE = harness.PATIENCE
NEVER = "latency: 1h\nfirst_token: 1h\n"


class Case(harness.Case):
    def client(self, weather="", **options):
        """A client of a mock server, which is `self.server` from now on."""
        self.server = self.mock(weather)
        client = skein.Client([{"base_url": self.server.url, "model": "m"}], **options)
        self.addCleanup(client.close)
        return client

    def all_in_flight(self, count):
        self.server.until(lambda ledger: ledger["in_flight"] == count)

    def all_left(self, count):
        """The client has ended so many requests before their answers."""
        self.server.until(lambda ledger: ledger["client_left"] == count)

    def program(self, text, *arguments):
        """A program of Python that is told the server's address. Any warning is its end."""
        # A shell starts what is in the background with SIGINT ignored, and Python leaves it so.
        begin = "import skein, sys, os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        path = self.write("program.py", begin + text)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONUNBUFFERED": "1",
                       "PYTHONWARNINGS": "error,ignore::DeprecationWarning"}
        environment["SKEIN_LIBRARY"] = str(pathlib.Path(os.environ["SKEIN_LIBRARY"]).resolve())
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", path, self.server.url, *map(str, arguments)], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.addCleanup(process.kill)
        return process


main = harness.main
