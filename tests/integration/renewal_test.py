"""Keys that change during a run: what is fetched when, how often, and what is said where it fails."""
import http.server
import os
import pathlib
import signal
import sys
import threading
import time
import unittest

import harness
import scripted

LIMITS = "limits: {{in_flight: {}, attempts: 1, first_answer: 5s}}\nbackoff: {{base: 1ms}}\n"


class Server(http.server.ThreadingHTTPServer):
    """Accepts each of `keys` for `uses` requests, then only the next one."""

    daemon_threads = True
    request_queue_size = 200

    def __init__(self, keys, uses):
        self.keys, self.uses = list(keys), uses
        self.seen, self.refused, self.left = [], 0, uses
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.thread = threading.Thread(target=self.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def is_good(self, key):
        with self.lock:
            self.seen.append(key)
            if not self.keys or key != f"Bearer {self.keys[0]}":
                self.refused += 1
                return False
            self.left -= 1
            if self.left == 0 and len(self.keys) > 1:
                self.keys.pop(0)
                self.left = self.uses
            return True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        good = self.server.is_good(self.headers.get("authorization", ""))
        key = self.headers.get("authorization", "")
        body = scripted.BODY if good else b'{"error":{"message":"wrong key %s"}}' % key.encode()
        self.send_response(200 if good else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Renewal(harness.Case):
    def with_command(self, url, script, more="", rows=40, in_flight=8):
        """The command runs a script of Python in the folder."""
        self.write("print_key.py", "import os, pathlib, sys, time\n" + script)
        self.rows(rows)
        text = self.job(url, LIMITS.format(in_flight)).read_text()
        command = f"    api_key_command: [{sys.executable}, print_key.py]\n{more}"
        self.write("job.yaml", text.replace("    model: small", "    model: small\n" + command))

    COUNTING = """
runs = pathlib.Path("runs")
number = len(runs.read_text()) if runs.exists() else 0
runs.write_text("x" * (number + 1))
print(f"CANARY-{number}")
"""

    def runs(self):
        path = self.folder / "runs"
        return len(path.read_text()) if path.exists() else 0

    def test_a_command_prints_the_first_key_and_each_next_one_once(self):
        with Server([f"CANARY-{i}" for i in range(5)], uses=10) as server:
            self.with_command(server.url, self.COUNTING)
            _, err = self.run_job("-v")
        self.assertEqual([line["error"] for line in self.output()], [None] * 40)
        self.assertIn(self.runs(), (4, 5))
        self.assertLessEqual(server.refused, 8 * self.runs(), "no more than are in flight, for each key")
        self.assertIn("goes on with another key from the command", err)
        self.assertNotIn("CANARY", err)

    def test_many_refusals_at_once_run_the_command_once(self):
        with Server(["CANARY-0", "CANARY-1"], uses=1) as server:
            server.uses = 10_000
            self.with_command(server.url, self.COUNTING, rows=200, in_flight=64)
            self.run_job()
        self.assertEqual(self.runs(), 2)
        self.assertEqual([line["error"] for line in self.output()], [None] * 200)
        self.assertTrue(all(line["skein"]["attempts"] <= 2 for line in self.output()))

    def test_the_same_key_again_closes_the_endpoint(self):
        with Server(["CANARY-other"], uses=1) as server:
            self.with_command(server.url, 'print("CANARY-same")')
            _, err = self.run_job(expect=3)
            self.assertLessEqual(len(server.seen), 8)
        self.assertIn("still gives the same key", err)
        self.assertNotIn("CANARY", err)

    def test_new_keys_that_are_all_refused_close_the_endpoint(self):
        with Server(["CANARY-never"], uses=1) as server:
            self.with_command(server.url, self.COUNTING)
            _, err = self.run_job(expect=3)
        self.assertEqual(self.runs(), 3)
        self.assertIn("three keys in a row were refused", err)

    def test_a_command_that_fails_is_named_with_its_words(self):
        failures = {
            'sys.stderr.write("please log in\\n"); sys.exit(7)': ["exit status 7", "please log in"],
            'print("CANARY-1"); print("CANARY-2")': ["cannot be a key", "line break"],
            "pass": ["printed no key"],
            'print("CANARY" * 10_000)': ["prints more than a key"],
            'print("CANARY-9"); sys.stderr.write("got CANARY-9"); sys.exit(1)': ["exit status 1", "got [key]"],
        }
        for script, words in failures.items():
            with self.subTest(script), Server(["CANARY"], uses=1) as server:
                self.with_command(server.url, script)
                _, err = self.run_job(expect=3)
                for word in words:
                    self.assertIn(word, err)
                self.assertNotIn("CANARY", err)
                self.assertEqual(server.seen, [])
                self.assertEqual(self.journal(), [], "no row is at fault")

    def test_a_program_that_is_not_there_is_refused_before_anything_is_sent(self):
        self.rows(1)
        text = self.job("http://127.0.0.1:1/v1").read_text()
        self.write("job.yaml", text.replace("    model: small", "    api_key_command: [no-such-program]"))
        _, err = self.run_job(expect=2)
        self.assertIn("job.yaml:5:22: there is no program no-such-program", err)

    def test_a_key_is_printed_anew_when_its_lifetime_is_over(self):
        with Server(["CANARY-0"], uses=10_000) as server:
            script = self.COUNTING.replace("{number}", "0")
            self.with_command(server.url, script, "    api_key_lifetime: 1ms\n", in_flight=1)
            self.run_job()
            self.assertEqual(server.refused, 0)
        self.assertGreater(self.runs(), 5)

    def test_a_command_dies_with_the_run(self):
        script = 'pathlib.Path("pid").write_text(str(os.getpid())); time.sleep(1000)'
        for number in (signal.SIGINT, signal.SIGKILL):
            with self.subTest(number), Server(["CANARY"], uses=1) as server:
                (self.folder / "pid").unlink(missing_ok=True)
                self.with_command(server.url, script, rows=2)
                process = self.start("run", "job.yaml", "--overwrite")
                pid = self.pid_of_command()
                if number == signal.SIGINT:
                    self.hear(process, b"cancelling", number)
                else:
                    process.kill()
                process.communicate(timeout=harness.PATIENCE)
                self.until_gone(pid)
                self.assertEqual(server.seen, [])

    def pid_of_command(self):
        end = time.monotonic() + harness.PATIENCE
        while True:
            path = self.folder / "pid"
            if path.exists() and path.read_text():
                return int(path.read_text())
            self.assertLess(time.monotonic(), end)

    def until_gone(self, pid):
        end = time.monotonic() + harness.PATIENCE
        while pathlib.Path(f"/proc/{pid}").exists():
            if "State:\tZ" in pathlib.Path(f"/proc/{pid}/status").read_text():
                return
            self.assertLess(time.monotonic(), end)

    def test_a_key_file_that_has_gone_is_named(self):
        with Server(["CANARY-1"], uses=5) as server:
            self.rows(20)
            self.write("key.txt", "CANARY-1")
            os.chmod(self.folder / "key.txt", 0o600)
            text = self.job(server.url, LIMITS.format(1)).read_text()
            self.write("job.yaml", text.replace("    model: small", "    api_key_file: key.txt"))
            server.keys.append("CANARY-2")
            original = server.is_good

            def is_good(key):
                (self.folder / "key.txt").unlink(missing_ok=True)
                return original(key)

            server.is_good = is_good
            _, err = self.run_job(expect=3)
        self.assertIn("the key file key.txt does not exist", err)
        self.assertEqual(len(self.journal()), 5)
        self.assertNotIn("CANARY", err)


if __name__ == "__main__":
    harness.main()
