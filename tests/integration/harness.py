"""What the tests of the whole program stand on: a mock server as a process of its own, jobs in a
folder that goes away, and the server's ledger as the judge."""
import json
import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

BUILD = pathlib.Path(os.environ["SKEIN_BUILD"]).resolve()  # Programs run in other folders.
SKEIN = BUILD / "src" / "skein"
MOCK = BUILD / "mock_server" / "skein-mock"
TOKEN = "SKEIN_MOCK_TOKEN"  # Of the weather: the variable, and what is in it.
PATIENCE = 120  # Seconds; only a test that hangs ever waits so long.
CACHE = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
TSAN = "SKEIN_SANITIZE:STRING=thread" in CACHE
ASAN = "SKEIN_SANITIZE:STRING=address" in CACHE
# Freed memory is free, also under ASan: for tests that measure it.
FRUGAL = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


class Mock:
    """A mock server on a free port, or on this one. Stopped by its own handle; ends by itself if we die."""

    def __init__(self, weather="", port=0):
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name) / "weather.yaml"
        path.write_text(weather or "seed: 1\n", encoding="utf-8")
        self.process = subprocess.Popen(
            [MOCK, "--port", str(port), "--weather", path, "--until-stdin-closes", "--token-env", TOKEN],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, TOKEN: TOKEN},
        )
        line = self.process.stdout.readline()
        assert line.startswith("skein-mock listening on "), line
        self.url = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.folder.cleanup()

    def get(self, path):
        with urllib.request.urlopen(self.url.removesuffix("/v1") + path, timeout=PATIENCE) as answer:
            return answer.read().decode()

    def ledger(self):
        return json.loads(self.get("/ledger"))

    def entries(self):
        return [json.loads(line) for line in self.get("/ledger/requests").splitlines()]

    def until(self, condition):
        """Asks for the ledger until it fulfils the condition, and gives it."""
        end = time.monotonic() + PATIENCE
        while not condition(ledger := self.ledger()):
            assert time.monotonic() < end, ledger
        return ledger

    def change(self, weather):
        """From now on."""
        request = urllib.request.Request(
            self.url.removesuffix("/v1") + "/admin/weather", method="PUT", data=weather.encode(),
            headers={"x-mock-token": TOKEN},
        )
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    def forget(self):
        request = urllib.request.Request(self.url.removesuffix("/v1") + "/ledger", method="DELETE")
        urllib.request.urlopen(request, timeout=PATIENCE).close()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def mock(self, weather=""):
        mock = Mock(weather)
        self.addCleanup(mock.__exit__)
        return mock

    def rows(self, count, name="rows.jsonl"):
        lines = (json.dumps({"custom_id": f"row-{i}", "question": f"What is {i} and {i}?"})
                 for i in range(1, count + 1))
        return self.write(name, "\n".join(lines) + "\n")

    def job(self, url, extra="", name="job.yaml", **output):
        """A job over rows.jsonl. `extra` is YAML of further top-level keys."""
        out = {"file": "out.jsonl", "timings": "false", **output}
        text = f"""version: 1
endpoints:
  - name: main
    base_url: "{url}"
    model: small
input: {{file: rows.jsonl}}
request:
  messages: [{{role: user, content: "{{{{ question }}}}"}}]
output: {{{", ".join(f"{k}: {v}" for k, v in out.items())}}}
{extra}
"""
        return self.write(name, text)

    def start(self, *arguments, program=SKEIN, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([program, *arguments], cwd=self.folder, **options)

    def skein(self, *arguments, **options):
        """Runs to the end; gives (exit status, stdout, stderr) as text."""
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, (out or b"").decode(), (err or b"").decode()

    def most_memory_of(self, *arguments):
        """Runs to the end; gives exit status, stdout, stderr, and the most memory it had, in kB."""
        process = self.start(*arguments, env=FRUGAL)
        self.addCleanup(process.kill)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        _, err = process.communicate()
        return process.returncode, out.decode(), err.decode(), usage.ru_maxrss

    def hear(self, process, words, number=None):
        """Reads what the program says until these words. With a number, presses again and again
        until then: two presses within 200 ms count as one."""
        heard = b""
        while words not in heard:
            if number:
                process.send_signal(number)
            if select.select([process.stderr], [], [], 0.05)[0]:
                more = os.read(process.stderr.fileno(), 4096)
                self.assertTrue(more, f"ended without {words}: {heard}")
                heard += more

    @staticmethod
    def all_of_terminal(master):
        """What is written to a terminal until nobody has it open any more."""
        heard = b""
        while True:
            try:
                more = os.read(master, 65536)
            except OSError:  # So ends what a terminal can be read from.
                break
            if not more:
                break
            heard += more
        return heard

    def run_job(self, *arguments, expect=0):
        status, out, err = self.skein("run", "job.yaml", *arguments)
        self.assertIn(status, expect if isinstance(expect, tuple) else (expect,), err)
        return out, err

    def reported(self, err, what):
        """A figure of the report, such as of `1 204 attempts`."""
        found = re.search(rf"(\d{{1,3}}(?: \d{{3}})*) {what}", err)
        self.assertTrue(found, f"no {what} in: {err}")
        return int(found[1].replace(" ", ""))

    def output(self, name="out.jsonl"):
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def journal(self, name="out.jsonl.journal"):
        """The whole records of the journal, its header left out."""
        records = []
        path = self.folder / name
        if not path.exists():
            return records
        for line in path.read_bytes().split(b"\n")[:-1]:
            record = json.loads(line)
            if "i" in record:
                records.append(record)
        return records


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=1)
