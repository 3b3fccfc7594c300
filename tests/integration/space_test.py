"""Too little room: on the disk, in a file, in a pipe, in memory. What was paid for is kept or said to be
lost, nothing more is bought, and with room again the run goes on where it was."""
import json
import os
import resource
import signal
import subprocess
import threading
import unittest

import harness

LIMITS = "limits: {in_flight: 4}\ngrace: 5s\n"


class Space(harness.Case):
    def small_folder(self, size):
        """A folder in which there is room for so much."""
        folder = self.folder / "small"
        folder.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder],
                              capture_output=True)
        if made.returncode != 0:
            self.skipTest(f"no small file system to be had: {made.stderr.decode().strip()}")
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        return folder

    def stopped_for_want_of_room(self, mock, rows, journal, words, lost, **options):
        """A run that ends because there is no more room; how many replies it kept."""
        status, _, err = self.skein("run", "job.yaml", **options)
        self.assertEqual(status, 4, err)
        self.assertIn(words, err)
        self.assertIn("run again to finish the rest", err)
        kept = len(self.journal(journal))
        self.assertGreater(kept, 0)
        self.assertLessEqual(mock.ledger()["requests"] - kept, lost)
        self.assertLess(mock.ledger()["requests"], rows)
        return kept

    def goes_on(self, mock, rows, kept, output):
        mock.forget()
        self.run_job()
        self.assertEqual(mock.ledger()["requests"], rows - kept, "nothing that was kept")
        self.assertEqual([line["skein"]["seq"] for line in self.output(output)],
                         list(range(1, rows + 1)))

    @unittest.skipUnless(os.geteuid() == 0, "only root may mount a small file system")
    def test_a_full_disk_stops_the_run_and_room_lets_it_go_on(self):
        mock = self.mock("latency: 2ms\n")
        self.rows(400)
        folder = self.small_folder("64k")
        self.job(mock.url, LIMITS, file="small/out.jsonl")
        kept = self.stopped_for_want_of_room(mock, 400, "small/out.jsonl.journal", "No space left", lost=0)
        self.assertEqual((folder / "out.jsonl.part").stat().st_size, 0, "its room is the journal's")
        subprocess.run(["mount", "-o", "remount,size=16m", folder], check=True)
        self.goes_on(mock, 400, kept, "small/out.jsonl")

    def test_a_file_that_may_not_grow_stops_the_run_and_room_lets_it_go_on(self):
        def no_large_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))

        mock = self.mock("latency: 2ms\n")
        self.rows(400)
        self.job(mock.url, LIMITS)
        kept = self.stopped_for_want_of_room(mock, 400, "out.jsonl.journal", "File too large",
                                             lost=2 * 4,  # What was in flight, and what it was waiting for.
                                             preexec_fn=no_large_files)
        self.goes_on(mock, 400, kept, "out.jsonl")

    def test_while_nobody_reads_the_output_no_more_is_asked_than_the_window_holds(self):
        rows, window = 3000, 100
        mock = self.mock()
        self.rows(rows)
        self.job(mock.url, f"limits: {{in_flight: 8, window: {window}}}\n", file="'-'")
        process = self.start("run", "job.yaml")
        self.addCleanup(process.kill)
        # Not one line is read: the pipe fills up, and then nothing moves any more.
        asked, still = -1, 0
        while still < 10:
            now = mock.ledger()
            quiet = now["requests"] == asked and now["in_flight"] == 0 and asked > window
            asked, still = now["requests"], still + 1 if quiet else 0
            self.assertIsNone(process.poll())
            threading.Event().wait(0.05)
        line = process.stdout.readline()
        in_the_pipe = 64 * 1024 // len(line) + 1
        self.assertLessEqual(asked, window + in_the_pipe + 8)
        rest = process.stdout.read()
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 0, err.decode())
        lines = [json.loads(text) for text in (line + rest).splitlines()]
        self.assertEqual([line["skein"]["seq"] for line in lines], list(range(1, rows + 1)))

    def test_replies_that_wait_for_the_oldest_wait_in_the_journal(self):
        rows, size = 4500, 25_000  # 112 MB of replies, and as much of questions.
        mock = self.mock("faults: [{fault: silence, contains: the oldest}]\n")
        texts = ("the oldest" if i == 0 else f"echo:{i} " + "x" * size for i in range(rows))
        self.write("rows.jsonl", "\n".join(json.dumps({"question": text}) for text in texts))
        self.job(mock.url, "limits: {in_flight: 16}\n")
        process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL,
                             env=harness.FRUGAL)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        mock.until(lambda ledger: ledger["requests"] >= rows // 2)
        early = self.most_memory(process)
        mock.until(lambda ledger: ledger["requests"] == rows and ledger["in_flight"] == 1)
        # A thousand questions are held as a reserve, 26 MB: if the machine is busy, not all early on.
        self.assertLess(self.most_memory(process) - early, 38 << 20, "for another 56 MB of replies")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.job(self.mock().url, "limits: {in_flight: 16}\n")
        self.run_job()
        self.assertEqual([line["skein"]["seq"] for line in self.output()], list(range(1, rows + 1)))

    def most_memory(self, process):
        """The most that was resident at once, in bytes."""
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    harness.main()
