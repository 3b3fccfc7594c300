"""Workers behind endpoints: they serve while no endpoint is well, and at no other time. The mock
server's ledger and the workers' questions are the judges."""
import signal

import harness
from fallback_case import DOWN, LATE, REFUSED, SOON, Case
from local_case import ROWS


class Down(Case):
    def test_down_from_the_start_it_is_served_here_after_a_while(self):
        self.local_job(self.nobody(), extra=SOON)
        err = self.finish()
        self.all_is_well()
        self.none_lost_none_twice(ROWS)
        self.assertLess(err.index("main circuit opened"), err.index("local-0 starts"), "on demand")

    def test_a_while_is_as_long_as_it_says(self):
        mock = self.mock(DOWN)
        self.local_job(mock.url, extra=LATE)
        run = self.begin()
        self.director.until(1, "warm_up")
        seen = mock.ledger()["requests"]
        mock.until(lambda ledger: ledger["requests"] > seen)
        self.assertEqual(self.director.asked().total(), 0, "loaded, and not its turn")
        mock.change("latency: 1ms")
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertEqual(len(self.served("remote")), ROWS)

    def test_a_refused_key_is_no_matter_of_time(self):
        mock = self.mock(REFUSED)
        self.local_job(mock.url, extra=LATE)
        err = self.finish()
        self.all_is_well()
        self.none_lost_none_twice(ROWS)
        self.assertIn("main closed for this run: auth", err)
        self.assertLessEqual(mock.ledger()["requests"], ROWS)

    def begin_half(self, mock):
        """A run of which the remote side serves the first hundred."""
        self.hold_local = self.hold()
        self.rules["asked"] = lambda event: (
            self.hold_local(event) if self.director.asked().total() > 50 else None)
        # With pauses of 2 ms a row has used up four attempts before an outage is told from a burst.
        self.local_job(mock.url, rows=1000, extra={**SOON, "limits": {"in_flight": 8, "attempts": 20}})
        run = self.begin()
        mock.until(lambda ledger: ledger["requests"] > 100)
        return run

    def end_half(self, run):
        """The workers have had fifty, and wait until the remote side is back."""
        run.until("main circuit closed")
        self.hold_local.let_go()
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertGreaterEqual(len(self.served("local")), 50)
        self.assertGreater(len(self.served("remote")), 500)
        self.assertEqual({line["skein"]["served_by"] for line in self.output()[-100:]}, {"remote"}, "and back")

    def test_a_key_that_is_refused_in_an_outage_ends_the_wait(self):
        mock = self.mock(DOWN)
        self.local_job(mock.url, extra=LATE)
        run = self.begin()
        self.director.until(1, "warm_up")
        mock.change(REFUSED)
        self.assertEqual(run.end()[0], 0, run.said)
        self.none_lost_none_twice(ROWS)

    def test_it_fails_over_and_back_and_asks_nothing_twice(self):
        mock = self.mock("latency: 5ms")
        run = self.begin_half(mock)
        mock.change(DOWN)
        self.director.until(51, "asked")
        mock.change("latency: 1ms")
        self.end_half(run)
        self.none_lost_none_twice(1000, mock)

    def test_a_server_that_is_killed_and_comes_back(self):
        mock = self.mock("latency: 5ms")
        run = self.begin_half(mock)
        mock.process.kill()
        self.director.until(51, "asked")
        port = int(mock.url.split(":")[2].split("/")[0])
        back = harness.Mock("latency: 1ms", port)
        self.addCleanup(back.__exit__)
        self.end_half(run)
        self.none_lost_none_twice(1000)

    def test_a_worker_that_dies_while_nobody_else_is_there_is_waited_for(self):
        deaths = []

        def die_once(event):
            if not deaths:
                deaths.append(event["question"])
                return {"die": True}
        self.rules["asked"] = die_once
        self.local_job(self.nobody(), in_flight_per_worker=1, extra=SOON)
        self.finish()
        self.all_is_well()
        asked = self.director.asked()
        self.assertEqual(asked.pop(deaths[0]), 2)
        self.assertEqual(set(asked.values()), {1})

    def test_with_the_workers_given_up_too_the_run_stops_and_names_both(self):
        self.rules["started"] = lambda _: {"say": "out of memory", "exit": 1}
        mock = self.mock(REFUSED)
        self.local_job(mock.url, extra=SOON)
        err = self.finish(expect=3)
        for words in ("main: auth", "local-0: there is not enough memory"):
            self.assertIn(words, err)
        self.assertEqual(self.journal(), [], "no row is at fault")


class Well(Case):
    def test_on_demand_nothing_is_started_while_all_is_well(self):
        mock = self.mock()
        self.local_job(mock.url, rows=200, extra=SOON)
        self.finish()
        self.none_lost_none_twice(200, mock)
        self.assertEqual(self.director.events, [])

    def test_on_standby_they_are_loaded_and_asked_nothing(self):
        mock = self.mock()
        self.local_job(mock.url, start="standby", extra=SOON)
        mock.process.send_signal(signal.SIGSTOP)  # Slow, and not down.
        run = self.begin()
        try:
            self.director.until(1, "warm_up")
        finally:
            mock.process.send_signal(signal.SIGCONT)
        self.assertEqual(run.end()[0], 0, run.said)
        self.none_lost_none_twice(ROWS, mock)
        self.assertEqual(len(self.served("remote")), ROWS)

    def test_a_busy_server_is_well_and_nothing_spills(self):
        for weather in ("faults: [{fault: 429, count: 30, headers: {retry-after-ms: '20'}}]",
                        "latency: 100ms\nfaults: [{fault: 429, every: 2}]", "rpm: 1200\nburst: 2"):
            with self.subTest(weather):
                mock = self.mock(weather)
                self.local_job(mock.url, start="standby", extra={
                    "fallback": {"after": "0s"}, "limits": {"in_flight": 8, "attempts": 50}})
                self.finish("--set", "output.overwrite=true")
                self.assertGreater(mock.ledger()["answered"].get("429", 0), 0)
                self.assertEqual(len(self.served("remote")), ROWS)
                self.assertEqual(self.director.asked().total(), 0)


if __name__ == "__main__":
    harness.main()
