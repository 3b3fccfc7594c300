"""Local workers that do not come up as they should, and what a run that could not clear up has left."""
import pathlib
import re
import signal
import subprocess
import sys

import harness
import local_case
from local_case import first

NO_MEMORY = {"say": "failed to allocate buffer: out of memory", "exit": 1}
TWO_GPUS = {"LD_LIBRARY_PATH": str(harness.BUILD / "tests" / "fake_driver" / "nvml"), "FAKE_GPUS": "2"}


class Starts(local_case.Case):
    def test_one_that_exits_at_its_start_is_tried_again_later_and_later_and_given_up(self):
        self.rules["started"] = lambda _: {"say": "no kernel image is available", "exit": 1}
        self.local_job()
        err = self.finish(expect=3)
        self.assertEqual(len(self.director.workers), 5)
        self.assertEqual(err.count("local-0 ended: exited with status 1; its last words: no kernel"), 4)
        pauses = re.findall(r"again in ([\d.]+) (ms|s)\n", err)
        for (pause, unit), about in zip(pauses, (1, 2, 4, 8), strict=True):
            seconds = float(pause) / (1000 if unit == "ms" else 1)
            self.assertTrue(0.79 * about <= seconds <= 1.25 * about, pauses)
        self.assertRegex(err, "local-0 is given up for this run: it was started 5 times.*; the last time: "
                              "exited with status 1; its last words: no kernel image is available")
        self.assertEqual(self.journal(), [], "no row is at fault")

    def test_one_that_needs_a_second_start_serves(self):
        self.rules["started"] = first({"exit": 1})
        self.local_job()
        self.finish()
        self.all_is_well()
        self.assertEqual(len(self.director.workers), 2)

    def test_the_others_go_on_without_one_that_is_given_up(self):
        self.rules["started"] = lambda event: NO_MEMORY if event["rest"] == ["1"] else {}
        self.rules["asked"] = hold = self.hold()
        self.local_job(command=self.command("{device}"), devices=[0, 1])
        run = self.begin(env=TWO_GPUS)
        run.until("local-1 is given up")
        hold.let_go()
        self.assertEqual(run.end()[0], 0, run.said)
        self.assertEqual({line["skein"]["endpoint"] for line in self.all_is_well()}, {"local-0"})

    def test_out_of_memory_at_its_start_is_tried_once_with_less(self):
        def load(event):
            slots, context = map(int, event["rest"])
            return {"say": "CUDA error: out of memory", "exit": 1} if slots * context > 2048 else {}
        self.rules["started"] = load
        self.local_job(command=self.command("{slots}", "{context}"), in_flight_per_worker=4, context_tokens=1024)
        err = self.finish()
        self.all_is_well()
        sizes = [event["rest"] for event in self.director.those("started")]
        self.assertEqual(sizes, [["4", "1024"], ["2", "512"]])
        self.assertIn("ran out of memory while loading; once more with less context", err)
        self.assertNotIn("again in", err, "at once")

    def test_out_of_memory_with_less_too_and_it_is_given_up(self):
        self.rules["started"] = lambda _: NO_MEMORY
        self.local_job()
        err = self.finish(expect=3)
        self.assertEqual(len(self.director.workers), 2)
        self.assertIn("there is not enough memory for it, also with less context", err)

    def test_a_long_load_is_waited_for_and_costs_no_attempt(self):
        self.rules["health"] = first({"status": 503}, 8)
        self.local_job(probe_interval="100ms")
        self.finish()
        self.assertEqual(len(self.director.workers), 1)
        self.assertEqual({line["skein"]["attempts"] for line in self.all_is_well()}, {1})
        self.assertGreater(len(self.director.those("health")), 8)
        self.assertEqual(len(self.director.those("warm_up")), 1)

    def test_one_that_is_not_ready_in_its_time_is_killed_and_begun_anew(self):
        self.rules["started"] = first({"never_listens": True, "ignore_term": True})
        self.local_job(startup_timeout="300ms")
        err = self.finish("--set", "local.startup_timeout=2s")
        self.all_is_well()
        self.assertIn("it was not ready after 2.0 s: ", err)
        self.assertEqual(len(self.director.workers), 2)

    def test_health_alone_is_not_believed(self):
        self.rules["warm_up"] = first({"status": 500, "error": {"message": "no graph"}}, 2)
        self.local_job()
        self.finish()
        self.all_is_well()
        self.assertEqual(len(self.director.those("warm_up")), 3)
        self.assertEqual(len(self.director.workers), 1)

    def test_a_port_that_another_took_is_not_asked_and_the_worker_gets_a_new_one(self):
        """Between being found free and being listened at: whoever answers there is no worker of ours."""
        ports = []

        def take_it(event):
            ports.append(event["port"])
            if len(ports) > 1:
                return {}
            foreign = subprocess.Popen(
                [sys.executable, "-B", str(local_case.FAKE), "--director", self.director.path,
                 "--port", str(event["port"]), "--foreign"], stderr=subprocess.DEVNULL)
            self.addCleanup(foreign.wait)
            self.addCleanup(foreign.kill)
            self.director.until(1, "listening")
            return {"never_listens": True}
        self.rules["started"] = lambda event: {} if "--foreign" in event["rest"] else take_it(event)
        self.local_job(command=self.command(at=("--port", "{port}")), startup_timeout="2s")
        err = self.finish()
        self.all_is_well()
        self.assertIn(f"it does not listen at its port, {ports[0]}: it is still loading, or another process "
                      "has taken the port", err)
        self.assertEqual(len(ports), 2)
        foreign = next(event["pid"] for event in self.director.those("started") if "--foreign" in event["rest"])
        told = {event["event"] for event in self.director.events if event["pid"] == foreign}
        self.assertEqual(told, {"started", "listening"}, "not even asked how it is, so it saw no token")


class Leftovers(local_case.Case):
    """Of a run that could not clear up, and whose keepers could not either."""

    def idle(self):
        process = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        return process

    def start_of(self, pid):
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])

    def test_a_stale_worker_is_known_by_number_and_start_and_by_nothing_else(self):
        stale, other, dead = self.idle(), self.idle(), self.idle()
        dead_start = self.start_of(dead.pid)
        dead.kill()
        dead.wait()
        folder = self.folder / "run" / "skein" / f"pool-{dead.pid}-0"
        folder.mkdir(parents=True, mode=0o700)
        folder.parent.chmod(0o700)
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()
        (folder / "owner").write_text(f"{dead.pid} {dead_start}\n{boot}")
        for number, (worker, later) in enumerate(((stale, 0), (other, 1))):
            start = self.start_of(worker.pid) + later
            (folder / f"worker-{number}").write_text(f"{dead.pid} {dead_start}\n{worker.pid} {start}\n")
        self.local_job()
        self.finish()
        self.all_is_well()
        self.assertEqual(stale.wait(harness.PATIENCE), -signal.SIGKILL)
        self.assertIsNone(other.poll(), "another process that has the number is left alone")
        self.assertFalse(folder.exists())


if __name__ == "__main__":
    harness.main()
