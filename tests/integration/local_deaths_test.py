"""Local workers that fail at work, in each way in which one can: what it was at is asked elsewhere, it
is begun anew, and nothing of it is left."""
import os
import pathlib

import harness
import local_case
from local_case import first

ROWS = local_case.ROWS
CUDA = "CUDA error: an illegal memory access was encountered"
DONE_FOR = "every call to it fails from now on: " + CUDA
ENGINE_ERROR = {"status": 500, "error": {"message": CUDA, "type": "server_error"}}


class Deaths(local_case.Case):
    def judge(self, again=1, workers=2, rows=ROWS):
        """All rows are there; so many were asked twice, and nothing more often."""
        self.all_is_well(rows)
        asked = self.director.asked()
        self.assertEqual(sum(asked.values()), rows + again)
        self.assertLessEqual(max(asked.values()), 2)
        self.assertEqual(len(self.director.workers), workers)
        for line in self.output():
            question = f"What is {line['skein']['seq']} and {line['skein']['seq']}?"
            self.assertEqual(line["skein"]["attempts"], asked[question])

    def dies(self, order, words, stream=False, again=1, event="asked", **local):
        self.rules[event] = first(order)
        if event == "midway":
            self.rules["asked"] = lambda _: {"tell_midway": True}
        self.local_job(in_flight_per_worker=1, stream=stream, **local)
        err = self.finish()
        self.assertIn(words, err)
        self.judge(again)
        return err

    def test_status_0_is_a_failure_like_any_other(self):
        self.rules["asked"] = first({"exit": 0}, of=lambda event: event["question"] == "What is 7 and 7?")
        self.local_job(in_flight_per_worker=1)
        self.assertIn("local-0 ended: exited with status 0; again in", self.finish())
        self.judge()

    def test_one_that_is_killed_mid_answer_gives_back_what_it_was_at(self):
        self.dies({"die": True}, "local-0 ended: killed by signal 9 (Killed)", event="midway")

    def test_one_that_is_killed_mid_stream_gives_back_what_it_was_at(self):
        self.dies({"die": True}, "local-0 ended: killed by signal 9 (Killed)", stream=True, event="midway")

    def test_a_cuda_error_in_an_answer_is_the_end_of_a_worker(self):
        self.dies(ENGINE_ERROR, DONE_FOR)

    def test_a_cuda_error_in_its_log_is_the_end_of_a_worker(self):
        never = self.hold()

        def fail(event):
            if event["number"] == "1" and event["attempt"] == 1:
                return {"say": CUDA, "tell_midway": True}
        self.rules["asked"] = fail
        self.rules["midway"] = never
        self.local_job(in_flight_per_worker=1)
        err = self.finish()
        self.assertIn(DONE_FOR, err)
        self.judge()

    def test_out_of_memory_in_an_answer_is_no_end_of_a_worker(self):
        error = {"status": 500, "error": {"message": "CUDA out of memory. Tried to allocate 2 GiB"}}
        self.rules["asked"] = first(error)
        self.local_job(in_flight_per_worker=1)
        self.finish()
        self.judge(workers=1)

    def test_healthy_and_yet_without_an_answer_it_is_killed(self):
        hold = self.hold()
        self.rules["asked"] = first(hold)
        self.local_job(in_flight_per_worker=1, stall_timeout="1s", probe_interval="100ms")
        err = self.finish()
        self.assertIn("local-0 ended: 1 requests are in flight, and not a token came for ", err)
        self.judge()

    def test_slow_and_yet_with_a_token_now_and_then_it_is_left_alone(self):
        """Each answer takes two looks at it; all of them together take longer than `progress`."""
        looks = 2

        def wait_for_looks(_):
            so_far = len(self.director.those("health"))
            self.director.until(so_far + looks, "health")
        self.rules["asked"] = wait_for_looks
        self.local_job(rows=8, in_flight_per_worker=1, stall_timeout="2s", probe_interval="200ms")
        self.finish()
        self.judge(again=0, workers=1, rows=8)

    def test_one_that_no_longer_says_how_it_is_is_killed_after_three_misses(self):
        hung = self.hold()
        self.rules["asked"] = hung
        self.local_job(in_flight_per_worker=1, probe_interval="50ms", probe_timeout="300ms")
        run = self.begin()
        self.director.until(1, "asked")
        self.rules["health"] = hung
        run.until("local-0 ended: it does not answer: asked how it is")
        self.rules.clear()
        self.assertEqual(run.end()[0], 0, run.said)
        self.judge()

    def test_a_daemon_is_gone_before_the_next_worker_starts(self):
        lived = []

        def start(_):
            lived.extend(seen.lives for seen in self.director.others[2:])
            return {"daemon": True}
        self.rules["started"] = start
        self.rules["asked"] = first({"die": True})
        self.local_job(in_flight_per_worker=1)
        self.finish()
        self.judge()
        self.assertEqual(len(self.director.those("daemon")), 2)
        daemons = {event["pid"] for event in self.director.those("daemon")}
        self.assertTrue(daemons <= {seen.pid for seen in self.director.others})

    def test_a_flood_of_words_holds_up_nobody_and_is_not_kept(self):
        self.rules["asked"] = first({"flood": 64 << 20})
        self.local_job()
        run = self.begin(env={"ASAN_OPTIONS": harness.FRUGAL["ASAN_OPTIONS"]})
        self.director.until(1, "warm_up")
        before = self.memory(run)
        self.director.until(ROWS, "asked")
        self.assertLess(self.memory(run) - before, 32 << 10)
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertLess(len(run.said), 64 << 10)
        self.judge(again=0, workers=1)

    def memory(self, run):
        """The most it ever had, in kB."""
        status = pathlib.Path(f"/proc/{run.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0])

    def test_kill_9_of_each_in_turn_while_300_are_asked_loses_nothing(self):
        rows, workers, pace = 300, 4, 60
        killed = []

        def wait_for_its_kill(event):
            with self.director.changed:
                self.director.changed.wait_for(
                    lambda: len(killed) >= min(int(event["number"]) // pace, workers), harness.PATIENCE)
        self.rules["asked"] = wait_for_its_kill
        self.local_job(rows=rows, workers_per_device=workers)
        run = self.begin()
        self.director.until(workers, "listening")
        for i in range(workers):
            self.director.until(pace * (i + 1), "asked")
            self.director.workers[i].kill()
            run.until("ended: killed by signal 9", i + 1)
            with self.director.changed:
                killed.append(i)
                self.director.changed.notify_all()
        self.assertEqual(run.end()[0], 0, run.said)
        self.all_is_well(rows)
        asked = self.director.asked()
        self.assertLessEqual(asked.total(), rows + workers * 4, "what was in flight there")
        self.assertGreater(len(self.director.workers), workers)

    def test_a_question_that_kills_whoever_sees_it_is_given_up_after_the_third(self):
        poison = "What is 5 and 5?"
        self.rules["asked"] = lambda event: {"die": True} if event["question"] == poison else None
        self.local_job(in_flight_per_worker=1, workers_per_device=3)
        self.finish(expect=1)
        output = self.output()
        wrong = [line for line in output if line["error"]]
        self.assertEqual([line["custom_id"] for line in wrong], ["row-5"])
        self.assertEqual(wrong[0]["error"]["code"], "worker_died")
        self.assertEqual(wrong[0]["skein"]["attempts"], 3)
        self.assertEqual(len(output), ROWS)
        asked = self.director.asked()
        self.assertEqual(asked.pop(poison), 3)
        self.assertEqual(set(asked.values()), {1})

    def test_a_question_that_kills_its_worker_fails_alone_though_seven_others_die_with_it_twice(self):
        poison = "What is 5 and 5?"

        deaths = []

        def neighbours(event):
            """Seven of the others at each of the first two workers, which stay until it is dead."""
            others = [each for each in self.director.those("asked")
                      if each["pid"] == event["pid"] and each["question"] != poison]
            return others[:7]

        def die_twice_with_others(event):
            with self.director.changed:
                if event["question"] == poison:
                    if len(deaths) < 2:
                        self.director.changed.wait_for(
                            lambda: len(neighbours(event)) == 7, harness.PATIENCE)
                    deaths.append(len(neighbours(event)))
                    self.director.changed.notify_all()
                    return {"die": True}
                life = len(deaths)
                if life < 2 and event in neighbours(event):
                    self.director.changed.wait_for(lambda: len(deaths) > life, harness.PATIENCE)
                return None
        self.rules["asked"] = die_twice_with_others
        self.local_job(in_flight_per_worker=8)
        self.finish(expect=1)
        wrong = [line for line in self.output() if line["error"]]
        self.assertEqual([(line["custom_id"], line["error"]["code"]) for line in wrong],
                         [("row-5", "worker_died")])
        self.assertEqual(deaths[:2], [7, 7])
        asked = self.director.asked()
        self.assertEqual(asked.pop(poison), 3)
        self.assertLessEqual(max(asked.values()), 3)


class Turns(local_case.Case):
    def recycle(self, rows, after, *arguments, **local):
        """A run whose workers answer so many, and what has left for them by then only when they are due."""
        def wait_for_its_turn(event):
            pids = [started["pid"] for started in self.director.those("started")]
            told = [each for each in self.director.those("asked") if each["pid"] == event["pid"]]
            if told.index(event) >= after:
                self.director.run.until("local-0 is replaced by", pids.index(event["pid"]) + 1)
        self.rules["asked"] = wait_for_its_turn
        self.local_job(rows=rows, recycle_after=after, **local)
        run = self.begin(*arguments)
        self.assertEqual(run.end()[0], 0, run.said)
        self.all_is_well(rows)
        self.none_asked_twice()
        self.assertNotIn("again in", run.said, "no failure")

    def test_one_that_has_served_its_time_is_replaced_and_nothing_is_lost(self):
        self.recycle(80, 5)
        self.assertGreaterEqual(len(self.director.workers), 3, "a few more than 5 each: what had left")

    def test_thirty_replacements_leave_no_zombie_and_no_open_file(self):
        left = []
        self.rules["warm_up"] = lambda _: left.append(self.left_at(self.director.run.process.pid))
        self.recycle(120, 1, "--allow-core", in_flight_per_worker=1)
        self.assertGreaterEqual(len(self.director.workers), 30)
        states = {tuple(states) for _, states in left}
        self.assertEqual({len(each) for each in states}, {1}, "one child at a time")
        self.assertNotIn("Z", str(states))
        files = [count for count, _ in left]
        self.assertLessEqual(max(files[1:]), files[1] + 2)

    def left_at(self, pid):
        """How many files it has open, and the states of its children."""
        states = []
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent = path.read_text().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue  # It has just ended.
            if int(parent) == pid:
                states.append(state)
        return len(os.listdir(f"/proc/{pid}/fd")), states


if __name__ == "__main__":
    harness.main()
