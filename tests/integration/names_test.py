"""Names that take their time, are unknown, or lead elsewhere: what waits for one holds up nobody, and
what has changed is found out. The name server is one of ours, loaded into the program."""
import contextlib
import re
import signal
import socket
import threading
import time

import harness
from preload import Preload

ONE_AT_A_TIME = "limits: {in_flight: 1, attempts: 4}\nbackoff: {base: 1ms}\n"
LONGEST_STALL = 0.050  # Seconds.


class Relay:
    """Passes connections to 127.0.0.2 on to 127.0.0.1, until it dies."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.2", port))
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self.connect, args=[near], daemon=True).start()

    def connect(self, near):
        with near, socket.create_connection(("127.0.0.1", self.port)) as far:
            back = threading.Thread(target=self.pass_on, args=(far, near))
            back.start()
            self.pass_on(near, far)
            back.join()

    def pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def die(self):
        """Who is connected stays so; nobody else gets in."""
        with contextlib.suppress(OSError):  # It has died already.
            self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


def stall_in(err):
    """The longest stall of a loop that a report speaks of, in seconds; 0 if it speaks of none."""
    found = re.search(r"stood still for up to ([\d.]+) (ms|s)", err)
    return float(found[1]) * {"ms": 1e-3, "s": 1}[found[2]] if found else 0


class Names(harness.Case):
    def job_at(self, host, mock, extra=""):
        path = self.job(mock.url.replace("127.0.0.1", host), extra)
        text = path.read_text().replace("    model: small", "    model: small\n    allow_plaintext: true")
        return self.write("job.yaml", text)

    def run_with(self, preload, expect=0):
        status, _, err = self.skein("run", "job.yaml", env=preload.environment)
        self.assertEqual(status, expect, err)
        return err

    def test_a_name_server_that_takes_five_seconds_holds_up_nobody_else(self):
        rows = 200
        mock = self.mock("latency: 10ms\n")
        self.rows(rows)
        near = f"  - {{name: near, base_url: '{mock.url}', model: small}}\n"
        slow = self.job_at("slow.test", mock, "limits: {in_flight: 8}\n").read_text()
        slow = slow.replace("allow_plaintext: true", "allow_plaintext: true\n    in_flight: 2")
        self.write("job.yaml", slow.replace("input:", f"{near}input:"))
        stalls = []
        # Three tries, for a machine may be busy; who asks on a loop stalls for 5 s in each.
        while not stalls or (min(stalls) > LONGEST_STALL and len(stalls) < 3):
            mock.forget()
            preload = Preload(self, names="slow.test after 5 127.0.0.1")
            process = self.start("run", "job.yaml", "--overwrite", env=preload.environment)
            self.addCleanup(process.kill)
            while not preload.asked():
                self.assertIsNone(process.poll())
            began = time.monotonic()
            mock.until(lambda ledger: ledger["requests"] >= rows - 2)
            self.assertLess(time.monotonic() - began, 5, "while the name is looked up")
            _, err = process.communicate(timeout=harness.PATIENCE)
            self.assertEqual(process.returncode, 0, err.decode())
            self.assertEqual(mock.ledger()["answered"], {"200": rows})
            self.assertEqual(preload.asked()["slow.test"], 1)
            stalls.append(stall_in(err.decode()))
        self.assertLessEqual(min(stalls), LONGEST_STALL, stalls)

    def test_a_name_server_that_never_answers_does_not_keep_the_program(self):
        mock = self.mock()
        self.rows(4)
        self.job_at("never.test", mock, "limits: {in_flight: 2}\n")
        preload = Preload(self, names="never.test never")
        process = self.start("run", "job.yaml", env=preload.environment)
        self.addCleanup(process.kill)
        while not preload.asked():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.hear(process, b"may finish")
        self.hear(process, b"cancelling", signal.SIGINT)
        began = time.monotonic()
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertLess(time.monotonic() - began, 3, "a second, and two for the sanitizers")
        self.assertEqual(process.returncode, 130, err.decode())
        self.assertEqual(mock.ledger()["requests"], 0)

    def test_a_name_that_nobody_knows_stops_the_run_with_one_word(self):
        mock = self.mock()
        self.rows(500)
        self.job_at("nobody.test", mock)
        preload = Preload(self, names="nobody.test none")
        err = self.run_with(preload, expect=3)
        self.assertRegex(err, r"stopped: unknown_host at main, .*cannot resolve nobody\.test")
        self.assertLess(len(err.splitlines()), 10, err)
        self.assertLessEqual(preload.asked()["nobody.test"], 2)
        self.assertEqual(self.journal(), [], "no row is at fault")
        self.assertFalse((self.folder / "out.jsonl").exists())
        preload.tell(names="nobody.test 127.0.0.1")  # It was misspelt there, say.
        self.run_with(preload)
        self.assertEqual(len(self.output()), 500)

    def test_a_name_server_that_fails_twice_is_asked_a_third_time(self):
        mock = self.mock()
        self.rows(3)
        self.job_at("again.test", mock, ONE_AT_A_TIME)
        preload = Preload(self, names="2 again.test again\nagain.test 127.0.0.1")
        err = self.run_with(preload)
        self.assertEqual(preload.asked()["again.test"], 3)
        self.assertRegex(err, r"connect 2\b")
        self.assertEqual(mock.ledger()["answered"], {"200": 3})

    def test_a_name_that_leads_elsewhere_when_its_address_dies_is_followed(self):
        mock = self.mock("keep_alive: false\nlatency: 5ms\n")
        relay = Relay(int(mock.url.split(":")[2].split("/")[0]))
        self.addCleanup(relay.die)
        self.rows(150)
        self.job_at("moving.test", mock, "limits: {in_flight: 2, attempts: 6}\nbackoff: {base: 2ms}\n")
        preload = Preload(self, names="moving.test 127.0.0.2")
        process = self.start("run", "job.yaml", env=preload.environment)
        self.addCleanup(process.kill)
        mock.until(lambda ledger: ledger["requests"] >= 20)
        preload.tell(names="moving.test 127.0.0.1")
        relay.die()
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 0, err.decode())
        self.assertEqual(mock.ledger()["answered"], {"200": 150})
        self.assertEqual(preload.asked()["moving.test"], 2, "at once, and not a minute later")
        self.assertRegex(err.decode(), r"connect \d\b")


if __name__ == "__main__":
    harness.main()
