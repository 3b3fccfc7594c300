"""Jobs with local workers: fake ones, the director that they obey, and the proof after each test that
nothing of them is left."""
import json
import os
import pathlib
import re
import sys
import threading

import harness
from local_director import Director

FAKE = pathlib.Path(__file__).resolve().parent / "fake_worker.py"
ROWS = 20


def yaml_of(value):
    """JSON is YAML, but a duration must not be quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml_of(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_of, value)) + "]"
    is_duration = isinstance(value, str) and re.fullmatch(r"\d+(ms|s|m|h)", value)
    return value if is_duration else json.dumps(value)


def first(rule, count=1, of=lambda _: True):
    """The rule for the first such events, and nothing for those that come later."""
    seen = []

    def decide(event):
        if of(event):
            seen.append(event)
            if len(seen) <= count:
                return rule(event) if callable(rule) else rule
        return {}
    return decide


class Running:
    """skein on its way; what it says is read all the time."""

    def __init__(self, case, *arguments, **options):
        self.process = case.start(*arguments, **options)
        self.changed = threading.Condition()
        self.said = ""
        self.director = case.director
        self.director.run = self
        self.thread = threading.Thread(target=self.read)
        self.thread.start()
        case.addCleanup(self.close)

    def read(self):
        for line in self.process.stderr:
            with self.changed:
                self.said += line.decode()
                self.changed.notify_all()
        with self.changed:
            self.thread = None
            self.changed.notify_all()
        with self.director.changed:
            self.director.changed.notify_all()

    def until(self, pattern, count=1):
        """Until it has said this so many times."""
        def has_come():
            return not self.thread or len(re.findall(pattern, self.said)) >= count
        with self.changed:
            self.changed.wait_for(has_come, harness.PATIENCE)
            assert len(re.findall(pattern, self.said)) >= count, f"not said: {pattern}\n{self.said}"

    def end(self):
        """Its exit status, and all that it has said."""
        self.process.wait(harness.PATIENCE)
        with self.changed:
            self.changed.wait_for(lambda: not self.thread, harness.PATIENCE)
        return self.process.returncode, self.said

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        self.process.stdout.close()
        self.process.stderr.close()


class Case(harness.Case):
    def setUp(self):
        super().setUp()
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CUDA_")}
        self.env = {**clean, "XDG_RUNTIME_DIR": str(runtime)}
        self.director = Director(self)
        self.rules = self.director.rules

    def tearDown(self):
        """Whatever a test did, nothing of it lives on."""
        for seen in (*self.director.workers, *self.director.others):
            self.assertTrue(seen.ends_within(10), f"process {seen.pid} outlived skein")

    def hold(self):
        """A rule that keeps who tells something waiting until it is let go."""
        gate = threading.Event()
        self.addCleanup(gate.set)

        def rule(_):
            gate.wait(harness.PATIENCE)
        rule.let_go = gate.set
        return rule

    def command(self, *rest, at=("--socket", "{socket}")):
        return [sys.executable, "-B", str(FAKE), "--director", self.director.path, *at, *rest]

    def local_job(self, url=None, rows=ROWS, stream=False, extra=None, **local):
        """A job over so many rows, at the endpoint `main` if there is an URL, with a pool of this kind."""
        self.rows(rows)
        pool = {"engine": "command", "devices": "cpu", **local}
        if pool["engine"] == "command":
            pool.setdefault("command", self.command())
        job = {
            "version": 1, "local": pool, "input": {"file": "rows.jsonl"},
            "request": {"messages": [{"role": "user", "content": "{{ question }}"}], "stream": stream},
            "output": {"file": "out.jsonl", "timings": False},
            "backoff": {"base": "2ms", "max": "10ms", "throttled_base": "2ms", "throttled_max": "20ms"},
            **(extra or {})}
        job = {key: value for key, value in job.items() if value is not None}
        if url:
            job["endpoints"] = [{"name": "main", "base_url": url, "model": "small"}]
        self.write("job.yaml", yaml_of(job))

    def begin(self, *arguments, env=None):
        return Running(self, "run", "job.yaml", *arguments, env={**self.env, **(env or {})})

    def finish(self, *arguments, expect=0, env=None):
        status, err = self.begin(*arguments, env=env).end()
        self.assertEqual(status, expect, err)
        return err

    def refused(self, words, env=None):
        """By `run` and by `check` alike, before anything is started, sent or made."""
        before = {path.name for path in self.folder.iterdir()}
        for command in ("run", "check"):
            status, out, err = self.skein(command, "job.yaml", env={**self.env, **(env or {})})
            self.assertEqual((status, out), (2, ""), err)
            self.assertIn(words, err)
            self.assertEqual(len(err.splitlines()), 1, err)
        self.assertEqual({path.name for path in self.folder.iterdir()}, before)
        self.assertEqual(self.director.events, [])

    def all_is_well(self, rows=ROWS, by=("local",)):
        """Every row has its own answer, in order, and was served by one of these."""
        output = self.output()
        self.assertEqual([line["custom_id"] for line in output], [f"row-{i}" for i in range(1, rows + 1)])
        self.assertEqual([line["error"] for line in output], [None] * rows)
        for i, line in enumerate(output, 1):
            self.assertIn(line["skein"]["served_by"], by)
            if line["skein"]["served_by"] == "local":
                said = line["response"]["body"]["choices"][0]["message"]["content"]
                self.assertEqual(said, f"What is {i} and {i}?")
        return output

    def none_asked_twice(self):
        self.assertEqual(set(self.director.asked().values()) - {1}, set(), self.director.asked())
