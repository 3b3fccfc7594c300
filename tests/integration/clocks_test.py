"""Time that does not pass as it should: a process that is stopped for a while, and a wall clock that
jumps. Neither may make a burst, a stall or a fault."""
import signal
import time

import harness
from preload import Preload

RATE = 1100 / 60  # Requests per second, of a published 1200 a minute.
AN_HOUR = 3600


class Clocks(harness.Case):
    def begin(self, mock, rows, extra, arguments=(), **options):
        self.rows(rows)
        self.job(mock.url, extra)
        process = self.start("run", "job.yaml", *arguments, **options)
        self.addCleanup(process.kill)
        return process

    def end(self, process):
        _, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 0, err.decode())
        return err.decode()

    def keeps_the_rate(self, mock, rows):
        self.assertEqual(mock.ledger()["answered"], {"200": rows}, "not one 429")
        arrived = sorted(entry["arrived_ns"] / 1e9 for entry in mock.entries())
        for i, first in enumerate(arrived):
            within = sum(1 for moment in arrived[i:] if moment < first + 1)
            self.assertLessEqual(within, 2 * RATE + 1, "a burst and what a second brings")

    def test_a_pause_of_the_process_is_not_made_up_for_by_a_burst(self):
        mock = self.mock("rpm: 1200\nlatency: 20ms\n")
        process = self.begin(mock, 70, "limits: {in_flight: 16}\n",
                             ["--set", f"endpoints.main.rpm={round(60 * RATE)}"])
        mock.until(lambda ledger: ledger["requests"] >= 25)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)  # The pause itself: longer than the burst of a second is saved up for.
        process.send_signal(signal.SIGCONT)
        self.end(process)
        self.keeps_the_rate(mock, 70)

    def test_what_was_answered_during_a_pause_is_not_called_late(self):
        mock = self.mock("latency: 1s\n")
        process = self.begin(mock, 100, "limits: {in_flight: 100}\ntimeouts: {attempt: 3s}\n")
        mock.until(lambda ledger: ledger["requests"] == 100)
        process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 3
        mock.until(lambda ledger: ledger["in_flight"] == 0)
        time.sleep(max(0, until - time.monotonic()))  # Until every attempt is overdue.
        process.send_signal(signal.SIGCONT)
        err = self.end(process)
        self.assertNotIn("attempts that failed", err)
        self.assertEqual(mock.ledger()["answered"], {"200": 100})

    def test_a_wall_clock_that_jumps_makes_no_burst_and_no_stall(self):
        mock = self.mock("rpm: 1200\n")
        preload = Preload(self, clock=0)
        process = self.begin(mock, 70, "limits: {in_flight: 16}\n",
                             ["--set", f"endpoints.main.rpm={round(60 * RATE)}"],
                             env=preload.environment)
        for count, error in ((25, AN_HOUR), (45, -AN_HOUR)):
            mock.until(lambda ledger: ledger["requests"] >= count)
            preload.tell(clock=error)
        self.end(process)
        self.keeps_the_rate(mock, 70)
        for error in (AN_HOUR, -AN_HOUR):
            self.assertGreater(preload.asked()[f"clock {error}"], 0, "it was to be believed")

    def test_a_date_to_wait_for_is_read_by_the_clock_that_wrote_it(self):
        headers = ("{date: 'Sun, 06 Nov 1994 08:49:37 GMT', "
                   "retry-after: 'Sun, 06 Nov 1994 08:49:38 GMT'}")
        for error in (AN_HOUR, -AN_HOUR):
            with self.subTest(error), self.mock(
                    f"faults: [{{fault: 429, headers: {headers}, first_attempts: 1}}]") as mock:
                preload = Preload(self, clock=error)
                process = self.begin(mock, 1, "backoff: {throttled_base: 1ms}\n",
                                     ["--overwrite"], env=preload.environment)
                self.end(process)
                first, second = (entry["arrived_ns"] / 1e9 for entry in mock.entries())
                self.assertGreaterEqual(second - first, 0.99)
                self.assertLess(second - first, 60)


if __name__ == "__main__":
    harness.main()
