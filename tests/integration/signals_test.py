"""Ctrl-C once lets what is in flight finish, twice cancels it; either way the run can be resumed, and
what was journaled is not asked again. Every wait here is for something that the server has seen."""
import signal
import subprocess
import time

import harness
from preload import Preload

ROWS = 24
IN_FLIGHT = 4
SLOW, NEVER = "latency: 300ms\n", "latency: 1h\n"
LIMITS = "limits: {in_flight: 4, attempts: 6}\n"


class Signals(harness.Case):
    def begin(self, weather, extra=LIMITS, **options):
        """A run whose in-flight places are all taken, and its server."""
        mock = self.mock(weather)
        self.rows(ROWS)
        self.job(mock.url, extra)
        process = self.start("run", "job.yaml", **options)
        self.addCleanup(process.kill)
        mock.until(lambda ledger: ledger["in_flight"] == IN_FLIGHT)
        return mock, process

    def end(self, process):
        _, err = process.communicate(timeout=harness.PATIENCE)
        return process.returncode, err.decode()

    def resumed(self, mock, known):
        """The run to its end, against a server that answers; asks for all but the known."""
        mock.forget()
        self.run_job()
        self.assertEqual([line["skein"]["seq"] for line in self.output()], list(range(1, ROWS + 1)))
        self.assertEqual(mock.ledger()["requests"], ROWS - known)

    def one_signal(self, number, status):
        mock, process = self.begin(SLOW)
        process.send_signal(number)
        code, err = self.end(process)
        self.assertEqual(code, status, err)
        self.assertIn("may finish", err)
        self.assertIn("run again to finish the rest", err)
        ledger = mock.ledger()
        self.assertEqual(ledger["client_left"], 0, "what was in flight was to finish")
        self.assertEqual(ledger["answered"], {"200": ledger["requests"]})
        self.assertEqual(len(self.journal()), ledger["requests"])
        self.assertLess(ledger["requests"], ROWS)
        self.assertFalse((self.folder / "out.jsonl").exists())
        hashes = [entry["prompt_hash"] for entry in mock.entries()]
        self.assertEqual(len(set(hashes)), len(hashes), "asked twice")
        self.resumed(mock, ledger["requests"])

    def test_ctrl_c_once_lets_what_is_in_flight_finish(self):
        self.one_signal(signal.SIGINT, 130)

    def test_sigterm_is_as_ctrl_c(self):
        self.one_signal(signal.SIGTERM, 143)

    def test_a_terminal_that_goes_away_is_as_ctrl_c(self):
        self.one_signal(signal.SIGHUP, 129)

    def test_what_we_were_started_to_ignore_is_ignored(self):
        def like_nohup():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        mock, process = self.begin(SLOW, preexec_fn=like_nohup)
        process.send_signal(signal.SIGHUP)
        code, err = self.end(process)
        self.assertEqual(code, 0, err)
        self.assertEqual(mock.ledger()["answered"], {"200": ROWS})

    def test_ctrl_c_at_the_begin_at_the_resuming_and_at_the_naming(self):
        mock = self.mock()
        self.rows(ROWS)
        self.job(mock.url, LIMITS)
        self.run_job()
        whole = (self.folder / "out.jsonl").read_bytes()
        journal = (self.folder / "out.jsonl.journal").read_bytes()
        half = journal[:journal.index(b"\n", len(journal) // 2) + 1]
        for call in ("flock", "pread", "rename"):
            with self.subTest(call):
                (self.folder / "out.jsonl").unlink(missing_ok=True)
                self.write("out.jsonl.journal", half)
                preload = Preload(self, fate=f"{call} 1 {signal.SIGINT.value}")
                status, _, err = self.skein("run", "job.yaml", env=preload.environment)
                self.assertEqual(preload.asked()[call], 1)
                self.assertIn(status, (0, 130), err)
                if status == 130:
                    self.assertFalse((self.folder / "out.jsonl").exists())
                self.run_job()
                self.assertEqual((self.folder / "out.jsonl").read_bytes(), whole)

    def test_what_outlives_the_grace_is_cancelled(self):
        mock, process = self.begin(NEVER, LIMITS + "grace: 50ms\n")
        process.send_signal(signal.SIGINT)
        code, err = self.end(process)
        self.assertEqual(code, 130, err)
        self.assertEqual(self.journal(), [])
        mock.until(lambda ledger: ledger["client_left"] == IN_FLIGHT)

    def test_ctrl_c_twice_cancels_what_is_in_flight(self):
        silent = range(4, 4 + IN_FLIGHT)
        faults = (f"  - {{fault: silence, contains: What is {i} and}}\n" for i in silent)
        mock = self.mock("faults:\n" + "".join(faults))
        self.rows(ROWS)
        self.job(mock.url, LIMITS)
        process = self.start("run", "job.yaml")
        self.addCleanup(process.kill)
        mock.until(lambda ledger: ledger["requests"] == 7 and ledger["in_flight"] == IN_FLIGHT)
        process.send_signal(signal.SIGINT)
        self.hear(process, b"may finish")
        self.hear(process, b"cancelling", signal.SIGINT)
        began = time.monotonic()
        code, err = self.end(process)
        self.assertLess(time.monotonic() - began, 3, "a second, and two for the sanitizers")
        self.assertEqual(code, 130, err)
        ledger = mock.until(lambda ledger: ledger["in_flight"] == 0)
        self.assertEqual(ledger["requests"], 7, "nothing new after the first press")
        self.assertEqual(ledger["client_left"], IN_FLIGHT)
        self.assertEqual({r["i"] for r in self.journal()}, {1, 2, 3})
        self.assertFalse((self.folder / "out.jsonl").exists())
        with harness.Mock() as well:
            self.job(well.url, LIMITS)
            self.resumed(well, 3)

    def test_ctrl_c_while_standard_input_stays_silent(self):
        mock = self.mock()
        self.job(mock.url)
        text = (self.folder / "job.yaml").read_text().replace("rows.jsonl", "'-'")
        self.write("job.yaml", text)
        process = self.start("run", "job.yaml", stdin=subprocess.PIPE)
        self.addCleanup(process.kill)
        process.stdin.write(b'{"question": "What is 1 and 1?"}\n')
        process.stdin.flush()
        mock.until(lambda ledger: ledger["answered"] == {"200": 1})
        process.send_signal(signal.SIGINT)
        process.wait(harness.PATIENCE)
        err = process.stderr.read().decode()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(len(self.journal()), 1)

    def test_ctrl_c_at_a_silent_input_is_never_taken_for_its_end(self):
        mock = self.mock()
        for _ in range(10):
            self.rows(1)
            self.write("job.yaml", self.job(mock.url).read_text().replace("rows.jsonl", "'-'"))
            mock.forget()
            process = self.start("run", "job.yaml", stdin=subprocess.PIPE)
            process.stdin.write((self.folder / "rows.jsonl").read_bytes())
            process.stdin.flush()
            mock.until(lambda ledger: ledger["answered"])
            process.send_signal(signal.SIGINT)
            process.wait(harness.PATIENCE)  # Its input stays open: there is no end to be read.
            _, err = process.communicate()
            self.assertEqual(process.returncode, 130, err)
            self.assertFalse((self.folder / "out.jsonl").exists(), "named before it was whole")
            (self.folder / "out.jsonl.journal").unlink()

    def test_one_signal_ends_a_run_whose_output_nobody_reads(self):
        mock = self.mock()
        self.rows(2000)
        self.job(mock.url, "grace: 200ms\n", file="'-'")
        process = self.start("run", "job.yaml")
        self.addCleanup(process.kill)
        mock.until(lambda ledger: ledger["requests"] > 500)
        process.send_signal(signal.SIGTERM)
        process.wait(harness.PATIENCE)
        self.assertIn(process.returncode, (143, 4))
        process.communicate()

    def test_check_can_be_interrupted(self):
        self.write("job.yaml", self.job("mock:").read_text().replace("rows.jsonl", "'-'"))
        process = self.start("check", "job.yaml", stdin=subprocess.PIPE)
        process.send_signal(signal.SIGINT)
        process.wait(harness.PATIENCE)
        process.communicate()
        self.assertEqual(process.returncode, -signal.SIGINT)

    def test_nothing_is_tried_again_after_ctrl_c(self):
        mock, process = self.begin("faults: [{fault: 503, after: 300ms}]\n")
        process.send_signal(signal.SIGINT)
        code, err = self.end(process)
        self.assertEqual(code, 130, err)
        self.assertEqual(mock.ledger()["requests"], IN_FLIGHT)
        self.assertEqual(self.journal(), [])


if __name__ == "__main__":
    harness.main()
