"""However a run with local workers ends, none of their processes lives on, and it can be resumed."""
import signal

import harness
import local_case


class Endings(local_case.Case):
    def begin_with_four_in_flight(self, **rules):
        self.rules.update(rules)
        self.local_job()
        run = self.begin()
        self.director.until(4, "asked")
        return run

    def press_until(self, run, words):
        """Two presses within 200 ms count as one, so it is pressed again and again."""
        while words not in run.said:
            run.process.send_signal(signal.SIGINT)
            with run.changed:
                run.changed.wait_for(lambda: words in run.said or not run.thread, 0.05)

    def resumed(self, known):
        """The rest is asked once, and nothing that is in the journal."""
        before = self.director.asked()
        self.rules.clear()
        self.finish()
        self.all_is_well()
        again = self.director.asked() - before
        self.assertEqual(sum(again.values()), local_case.ROWS - len(known))
        self.assertFalse({f"What is {i} and {i}?" for i in known} & set(again))

    def test_ctrl_c_lets_what_is_in_flight_finish_and_leaves_no_process(self):
        hold = self.hold()
        run = self.begin_with_four_in_flight(asked=hold)
        run.process.send_signal(signal.SIGINT)
        run.until("may finish")
        hold.let_go()
        self.assertEqual(run.end()[0], 130, run.said)
        self.assertFalse(any(seen.lives for seen in self.director.workers), "it waits for their end")
        self.none_asked_twice()
        self.assertEqual(sum(self.director.asked().values()), 4)
        self.assertEqual({record["i"] for record in self.journal()}, {1, 2, 3, 4})
        self.resumed({1, 2, 3, 4})

    def test_ctrl_c_twice_cancels_what_is_in_flight_and_leaves_no_process(self):
        run = self.begin_with_four_in_flight(asked=self.hold())
        run.process.send_signal(signal.SIGINT)
        run.until("may finish")
        self.press_until(run, "cancelling")
        self.assertEqual(run.end()[0], 130, run.said)
        self.assertFalse(any(seen.lives for seen in self.director.workers))
        self.assertEqual(self.journal(), [])
        self.resumed(set())

    def test_ctrl_c_thrice_leaves_at_once_and_the_workers_go_too(self):
        run = self.begin_with_four_in_flight(
            asked=self.hold(), started=lambda _: {"ignore_term": True, "daemon": True})
        self.press_until(run, "may finish")
        self.press_until(run, "cancelling")
        while run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
            with run.changed:
                run.changed.wait_for(lambda: not run.thread, 0.05)
        self.assertEqual(run.end()[0], 130, run.said)
        for seen in (*self.director.workers, *self.director.others):
            self.assertTrue(seen.ends_within(3))

    def test_ctrl_c_while_workers_load(self):
        self.rules["started"] = self.hold()
        self.local_job()
        run = self.begin()
        self.director.until(1, "started")
        run.process.send_signal(signal.SIGINT)
        self.assertEqual(run.end()[0], 130, run.said)
        self.assertEqual(self.journal(), [])
        self.resumed(set())

    def test_what_ignores_sigterm_is_killed_at_the_end(self):
        self.rules["started"] = lambda _: {"ignore_term": True}
        self.local_job()
        run = self.begin()
        self.director.until(local_case.ROWS, "asked")
        run.until("run complete")
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertFalse(self.director.workers[0].lives)
        self.all_is_well()

    def test_a_worker_may_clear_up_before_it_ends(self):
        self.local_job()
        err = self.finish()
        self.assertEqual(len(self.director.those("terminated")), 1, err)
        self.all_is_well()

    def test_a_daemon_of_a_worker_ends_with_the_run(self):
        self.rules["started"] = lambda _: {"daemon": True}
        self.local_job()
        self.finish()
        self.assertEqual(len(self.director.those("daemon")), 1)
        self.assertFalse(any(seen.lives for seen in (*self.director.workers, *self.director.others)))
        self.all_is_well()

    def test_kill_9_takes_the_workers_and_their_daemons_along(self):
        run = self.begin_with_four_in_flight(asked=self.hold(), started=lambda _: {"daemon": True})
        run.process.kill()
        for seen in (*self.director.workers, *self.director.others):
            self.assertTrue(seen.ends_within(3), seen.pid)
        self.assertEqual(run.end()[0], -signal.SIGKILL)
        self.assertEqual(len(list((self.folder / "run" / "skein").iterdir())), 1)
        self.resumed(set())
        self.assertEqual(list((self.folder / "run" / "skein").iterdir()), [], "cleared up by the next run")


if __name__ == "__main__":
    harness.main()
