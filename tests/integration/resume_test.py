"""Killed at any moment, a job run again finishes, asks nothing twice that was journaled, and gives
the same bytes as if nothing had happened. `SKEIN_KILLS=50` kills more often."""
import json
import os
import random
import signal
import subprocess
import time

import harness
from preload import Preload

KILLS = int(os.environ.get("SKEIN_KILLS", "50"))
ROWS = 400
WEATHER = """
latency: {uniform: {from: 1ms, to: 20ms}}
faults:
  - {fault: status, status: 500, rate: 0.1}
  - {fault: hang_up, rate: 0.03}
  - {fault: truncate, after_bytes: 40, rate: 0.03}
"""
LIMITS = """
limits: {in_flight: 16, attempts: 6}
backoff: {base: 2ms, max: 10ms}
"""


class Resume(harness.Case):
    def undisturbed(self, mock):
        self.rows(ROWS)
        self.job(mock.url, LIMITS)
        self.run_job()
        wanted = (self.folder / "out.jsonl").read_bytes()
        # Which prompt is of which line: the ids of the requests count the lines here.
        hash_of = {int(e["request"]): e["prompt_hash"] for e in mock.entries()}
        self.assertEqual(len(hash_of), ROWS)
        for name in ("out.jsonl", "out.jsonl.journal"):
            (self.folder / name).unlink()
        return wanted, hash_of

    def test_killed_at_random_moments(self):
        mock = self.mock(WEATHER)
        wanted, hash_of = self.undisturbed(mock)
        rng = random.Random(20)
        kills = 0
        for _ in range(KILLS):
            mock.forget()
            known = {hash_of[r["i"]] for r in self.journal_after_kill()}
            process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL)
            try:
                process.wait(rng.expovariate(1 / 0.05))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
            process.wait()
            process.stdout.close()
            again = {e["prompt_hash"] for e in mock.entries()} & known
            self.assertFalse(again, "journaled, and asked again")
            if process.returncode == 0:
                self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted)
                for name in ("out.jsonl", "out.jsonl.journal"):
                    (self.folder / name).unlink()
            elif (self.folder / "out.jsonl").exists():  # Killed between its naming and its end.
                self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted, "named before it was whole")
        self.run_job()
        self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted)
        self.assertGreater(kills, KILLS // 4)

    def test_killed_at_the_moments_on_which_the_output_hangs(self):
        mock = self.mock()
        self.rows(12)
        self.job(mock.url, LIMITS)
        self.run_job()
        wanted = (self.folder / "out.jsonl").read_bytes()
        for call, times in (("fsync", 1), ("fdatasync", 1), ("rename", 1), ("fsync", 2)):
            with self.subTest(call, times=times):
                for name in ("out.jsonl", "out.jsonl.journal"):
                    (self.folder / name).unlink()
                mock.forget()
                preload = Preload(self, fate=f"{call} {times} {signal.SIGKILL.value}")
                status, _, err = self.skein("run", "job.yaml", env=preload.environment)
                self.assertEqual(status, -signal.SIGKILL, err)
                named = (self.folder / "out.jsonl").exists()
                self.assertEqual(named, (call, times) == ("fsync", 2), "named when it was whole")
                if named:
                    self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted)
                asked, kept = mock.ledger()["requests"], len(self.journal_after_kill())
                self.run_job()
                self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted)
                self.assertEqual(mock.ledger()["requests"], asked + 12 - kept,
                                 "nothing that was in the journal is asked again")

    def test_kill_9_costs_no_more_than_what_may_be_in_flight(self):
        rows, size = 1500, 20_000
        texts = (f"echo:{i} " + "x" * size for i in range(rows))
        self.write("rows.jsonl", "".join(json.dumps({"question": text}) + "\n" for text in texts))
        for in_flight, durability in ((64, "interval"), (16, "each"), (64, "none")):
            with self.subTest(durability):
                mock = self.mock("latency: {uniform: {from: 5ms, to: 25ms}}\n")
                self.job(mock.url, f"limits: {{in_flight: {in_flight}}}\n", durability=durability)
                preload = Preload(self, sync=1000)  # A slow disk.
                process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL, env=preload.environment)
                self.addCleanup(process.communicate)
                self.addCleanup(process.kill)
                # Into the middle of a sync, if there is one, and beyond a batch that waits for it.
                if durability != "none":
                    self.until(lambda preload=preload: preload.asked()["sync"] >= 1)
                begun = mock.ledger()["requests"]
                more = 0 if durability == "each" else 4 * in_flight
                mock.until(lambda ledger, least=begun + more: ledger["requests"] >= least)
                process.send_signal(signal.SIGKILL)
                process.wait()
                mock.until(lambda ledger: ledger["in_flight"] == 0)
                kept = len(self.journal_after_kill())
                self.assertLess(kept, rows, "killed before its end")
                self.assertLessEqual(mock.ledger()["requests"] - kept, in_flight)
                (self.folder / "out.jsonl.journal").unlink()

    def test_a_disk_that_takes_its_time_holds_up_no_request(self):
        mock = self.mock()
        self.rows(ROWS)
        self.job(mock.url, LIMITS)
        preload = Preload(self, sync=harness.PATIENCE * 1000)  # Never, as far as this test goes.
        process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL, env=preload.environment)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.until(lambda: len(self.journal_after_kill()) == ROWS)
        self.until(lambda: preload.asked()["sync"] == 1)
        self.assertIsNone(process.poll(), "the end waits for the disk")
        self.assertFalse((self.folder / "out.jsonl").exists(), "not before it has it all")

    def until(self, condition):
        end = time.monotonic() + harness.PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end)

    def journal_after_kill(self):
        """What of the journal is whole: a torn last line does not count."""
        path = self.folder / "out.jsonl.journal"
        if not path.exists():
            return []
        whole = path.read_bytes()
        self.write("whole.journal", whole[: whole.rfind(b"\n") + 1])
        return self.journal("whole.journal")

    def test_the_journal_cut_at_every_byte_of_its_last_records(self):
        mock = self.mock()
        self.rows(12)
        self.job(mock.url, LIMITS)
        self.run_job()
        wanted = (self.folder / "out.jsonl").read_bytes()
        journal = (self.folder / "out.jsonl.journal").read_bytes()
        ends = [i for i, byte in enumerate(journal) if byte == ord("\n")]
        step = int(os.environ.get("SKEIN_CUT_STEP", "29"))
        cuts = sorted({*range(ends[-4] + 1, len(journal) + 1, step), *ends[-4:], len(journal) - 1})
        for cut in cuts:
            (self.folder / "out.jsonl").unlink(missing_ok=True)
            self.write("out.jsonl.journal", journal[:cut])
            mock.forget()
            self.run_job()
            self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted, f"cut at {cut}")
            missing = 12 - (journal[:cut].count(b"\n") - 1)
            self.assertEqual(mock.ledger()["requests"], missing, f"cut at {cut}")

    def test_a_byte_changed_within_the_journal_is_refused_with_its_place(self):
        mock = self.mock()
        self.rows(5)
        self.job(mock.url)
        self.run_job()
        path = self.folder / "out.jsonl.journal"
        journal = bytearray(path.read_bytes())
        second = journal.index(b"\n") + 1
        third = journal.index(b"\n", second) + 1
        journal[(second + third) // 2] ^= 1
        path.write_bytes(journal)
        (self.folder / "out.jsonl").unlink()
        mock.forget()
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 4, err)
        self.assertIn(f"offset {second}", err)
        self.assertEqual(path.read_bytes(), bytes(journal), "nothing is mended in silence")
        self.assertEqual(mock.ledger()["requests"], 0)

    def test_another_job_is_refused_by_name(self):
        mock = self.mock()
        self.rows(5)
        self.job(mock.url)
        self.run_job()
        (self.folder / "out.jsonl").unlink()
        mock.forget()
        for change, named in (
            (lambda: self.write("job.yaml", (self.folder / "job.yaml").read_text().replace("small", "large")), "model"),
            (lambda: self.rows(4), "--allow-gone"),
            (lambda: self.write("job.yaml", (self.folder / "job.yaml").read_text().replace("role: user", "role: system")), "template"),
        ):
            before = {n: (self.folder / n).read_bytes() for n in ("job.yaml", "rows.jsonl")}
            change()
            status, _, err = self.skein("run", "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertIn(named, err)
            for name, text in before.items():
                self.write(name, text)
        self.assertEqual(mock.ledger()["requests"], 0)

    def test_a_second_process_on_the_same_job_is_refused(self):
        mock = self.mock("latency: 1h\n")
        self.rows(2)
        self.job(mock.url)
        first = self.start("run", "job.yaml", "-v")
        while mock.ledger()["in_flight"] < 2:
            pass
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 2)
        self.assertIn("running", err)
        first.kill()
        first.communicate()

    def test_a_finished_job_asks_nothing_and_retry_failed_asks_only_what_failed(self):
        mock = self.mock("faults: [{fault: status, status: 400, contains: What is 3 and}]")
        self.rows(8)
        self.job(mock.url)
        self.run_job(expect=1)
        mock.forget()
        _, err = self.run_job(expect=1)
        self.assertIn("complete already", err)
        self.assertEqual(mock.ledger()["requests"], 0)
        self.run_job("--retry-failed", expect=1)
        self.assertEqual(mock.ledger()["requests"], 1)
        self.assertEqual([o["skein"]["seq"] for o in self.output()], list(range(1, 9)))

    def test_a_retry_that_was_killed_before_its_end_is_finished_by_the_next_run(self):
        mock = self.mock("faults: [{fault: status, status: 400, count: 1}]")
        self.rows(4)
        self.job(mock.url)
        self.run_job(expect=1)
        before = (self.folder / "out.jsonl").read_bytes()
        self.run_job("--retry-failed")
        after = (self.folder / "out.jsonl").read_bytes()
        # As it stands when the journal has the better reply and the output has not got its name.
        self.write("out.jsonl", before.decode())
        self.write("out.jsonl.part", "")
        mock.forget()
        self.run_job("--retry-failed")
        self.assertEqual((self.folder / "out.jsonl").read_bytes(), after)
        self.assertEqual(mock.ledger()["requests"], 0)


if __name__ == "__main__":
    harness.main()
