"""The real llama-server, with a model that knows one text: four workers with four places each, every answer
to the letter, whoever is killed meanwhile. `scripts/get_engine` fetches the server, where it can be had."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import harness
from local_director import Seen, stat_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = ROOT / "build" / "engine" / "llama-server"
WHY_NOT = "" if ENGINE.exists() else f"there is no {ENGINE.relative_to(ROOT)}; scripts/get_engine says why"
WORKERS, PLACES = 4, 4
SHORT = "Sphinx of black quartz, judge my vow."
LONG = " ".join(map(str, range(1, 101)))  # Who is killed shall be in the middle of it.
GONE = 10  # Seconds until nothing may be left of who was killed.

# What an engine may do: it leaves somebody behind in a session of his own.
PROGRAM = f"""#!/bin/sh
setsid sleep 3600 &
exec {ENGINE} "$@"
"""


class Process(Seen):
    """One of those below skein, and what it was started with."""

    def __init__(self, pid):
        super().__init__(pid)
        self.name = stat_of(pid)[0]
        self.words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")


def those_below(pid):
    """What a process has started, what these have, and so on."""
    children = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            _, parent = stat_of(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue  # It went while we looked.
        children.setdefault(parent, []).append(int(folder.name))
    found = list(children.get(pid, []))
    for one in found:
        found += children.get(one, [])
    return found


class Running:
    """A job on its way: rows go in and lines come out, as the test wants them."""

    def __init__(self, case):
        self.asked = 0
        self.lines = []
        self.said = ""
        self.process = case.start("run", "job.yaml", stdin=subprocess.PIPE, env=case.env)
        case.addCleanup(self.close)

    def ask(self, count):
        for _ in range(count):
            self.asked += 1
            row = {"custom_id": f"row-{self.asked}", "question": f"What is {self.asked}?"}
            self.process.stdin.write(json.dumps(row).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self, count):
        """So many lines more."""
        for _ in range(count):
            self.lines.append(json.loads(self.process.stdout.readline()))

    def until(self, words, count):
        """Until it has said this so many times."""
        while len(re.findall(words, self.said)) < count:
            line = self.process.stderr.readline().decode()
            assert line, f"ended without {words}: {self.said}"
            self.said += line

    def end(self):
        """Its exit status. All lines are there then, and all that it has said."""
        self.process.stdin.close()
        self.lines += [json.loads(line) for line in self.process.stdout]
        self.said += self.process.stderr.read().decode()
        return self.process.wait(harness.PATIENCE)

    def close(self):
        self.process.kill()
        self.process.wait(harness.PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Engine(harness.Case):
    def setUp(self):
        super().setUp()
        self.runs = self.folder / "runs"
        self.runs.mkdir(mode=0o700)
        self.env = {**os.environ, "XDG_RUNTIME_DIR": str(self.runs)}
        self.write("engine", PROGRAM).chmod(0o755)

    def begin(self, text, stream=False):
        """A job whose workers are all ready, and which waits for rows."""
        subprocess.run([ROOT / "scripts" / "make_tiny_model", self.folder / "tiny.gguf", text], check=True)
        self.write("job.yaml", json.dumps({
            "version": 1,
            "local": {"engine": "llama-server", "program": "./engine", "model": "tiny.gguf", "devices": "cpu",
                      "workers_per_device": WORKERS, "in_flight_per_worker": PLACES, "context_tokens": 512,
                      "arguments": ["-t", "1", "-tb", "1"]},
            "input": {"file": "-", "format": "jsonl"},
            "request": {"messages": [{"role": "user", "content": "{{ question }}"}], "stream": stream},
            "output": {"file": "-"}}))
        running = Running(self)
        running.until(r"local-\d is ready", WORKERS)
        self.seen = [Process(pid) for pid in those_below(running.process.pid)]
        self.addCleanup(self.clear_up)
        self.assertEqual(len([seen for seen in self.seen if seen.name == "sleep"]), WORKERS)
        return running

    def worker(self, running, number):
        """The process that serves at the newest socket of this worker."""
        found = [Process(pid) for pid in those_below(running.process.pid)]
        self.seen += found
        servers = [seen for seen in found if seen.name.startswith("ld-linux") and
                   any(re.search(rf"/{number}\.\d+\.sock", word) for word in seen.words)]
        self.assertEqual(len(servers), 1, [seen.words for seen in found])
        return servers[0]

    def all_is_well(self, running, text):
        self.assertEqual(running.end(), 0, running.said)
        lines = running.lines
        self.assertEqual([line["custom_id"] for line in lines], [f"row-{i}" for i in range(1, running.asked + 1)])
        self.assertEqual([line["error"] for line in lines], [None] * running.asked)
        self.assertEqual({line["skein"]["served_by"] for line in lines}, {"local"})
        said = {line["response"]["body"]["choices"][0]["message"]["content"] for line in lines}
        self.assertEqual(said, {text})
        self.nothing_is_left(0)

    def nothing_is_left(self, patience):
        left = [seen.words for seen in self.seen if not seen.ends_within(patience)]
        self.assertEqual(left, [], "they outlive skein")

    def clear_up(self):
        """Also after a test that has failed."""
        for seen in self.seen:
            if seen.lives:
                seen.kill()
            os.close(seen.handle)

    def five_hundred(self, stream):
        running = self.begin(SHORT, stream)
        running.ask(500)
        self.all_is_well(running, SHORT)
        self.assertEqual(self.reported(running.said, "attempts \\("), 500, "none was asked twice")
        self.assertIn(f"most in flight {WORKERS * PLACES},", running.said)
        served = {line["skein"]["endpoint"] for line in running.lines}
        self.assertEqual(served, {f"local-{i}" for i in range(WORKERS)})
        self.assertEqual(list(self.runs.rglob("*.sock")), [])

    def test_five_hundred_plain(self):
        self.five_hundred(stream=False)

    def test_five_hundred_streamed(self):
        self.five_hundred(stream=True)

    def workers_die_in_turn(self, stream):
        running = self.begin(LONG, stream)
        for number in range(WORKERS):
            running.ask(100)
            running.hear(20)  # So all of them are in the middle of something.
            self.worker(running, number).kill()
            running.until(rf"local-{number} is ready", 2)
        self.all_is_well(running, LONG)
        interrupted = self.reported(running.said, "attempts \\(") - running.asked
        self.assertGreaterEqual(interrupted, WORKERS)
        self.assertLessEqual(interrupted, WORKERS * PLACES)
        self.assertEqual(len(re.findall("ended: .*killed by signal 9", running.said)), WORKERS, running.said)

    def test_each_worker_is_killed_in_turn(self):
        self.workers_die_in_turn(stream=False)

    def test_each_worker_is_killed_in_the_middle_of_its_streams(self):
        self.workers_die_in_turn(stream=True)

    def test_when_skein_is_killed_nothing_of_it_lives_on(self):
        running = self.begin(LONG)
        running.ask(200)
        running.hear(20)
        running.process.kill()
        self.nothing_is_left(GONE)


if __name__ == "__main__":
    if WHY_NOT:
        print(f"skipped: {WHY_NOT}")
        sys.exit(77)
    harness.main()
