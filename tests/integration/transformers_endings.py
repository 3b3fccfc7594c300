"""How the server over transformers begins and ends, and what becomes of those who wait."""
import contextlib
import os
import signal
import socket
import stat

from transformers_case import CHAT, TEXT, Case, chat, content, text
from transformers_worker import STUB


class Endings(Case):
    def test_loading(self):
        worker = self.begin().listens()
        line = self.line(worker)
        for path, body in (("/health", None), (CHAT, chat("[a]"))):
            status, answer = line.get(path, body)
            self.assertEqual((status, answer["error"]["message"]), (503, "Loading model"))
        self.assertEqual(line.get("/progress")[1], {"tokens": 0, "in_flight": 0})
        self.director.say(always="go")
        worker.hear("ready: some-model on cpu, 4 slots, context 1000")
        self.assertEqual(line.get("/health"), (200, {"status": "ok"}))

    def test_a_unix_socket(self):
        worker = self.worker(unix=True)
        path = self.folder / "worker"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        line = self.line(worker)
        self.assertEqual(content(line.get(CHAT, chat("[hey]"))), "hey")
        self.assertEqual(self.stream(line, CHAT, chat("[hey]"))[-1], "[DONE]")
        worker.process.send_signal(signal.SIGTERM)
        self.assertEqual(worker.end()[0], 0)
        self.assertFalse(path.exists())

    def test_sigterm(self):
        loading = self.begin().listens()
        loading.process.send_signal(signal.SIGTERM)
        self.assertEqual(loading.process.wait(2), 0)
        (self.folder / "director").unlink()
        worker = self.worker()
        self.director.hold()
        line = self.line(worker)
        line.ask(CHAT, chat("[a]"))
        self.director.until(lambda steps: len(steps) == 1)
        worker.process.send_signal(signal.SIGTERM)
        self.assertEqual(worker.process.wait(2), 0)
        self.assertIn("stopping: SIGTERM", worker.end()[1])
        with self.assertRaises(ConnectionError):
            line.hear()

    def failing(self, word, *arguments, streams=(False, False)):
        """The worker, and two lines of whose batch this has become at its second step."""
        worker = self.worker(*arguments)
        lines = self.lines(worker, len(streams))
        self.director.hold()
        gate = self.line(worker)
        gate.ask(TEXT, text("[]:"))
        self.director.until(lambda steps: len(steps) == 1)
        for line, stream in zip(lines, streams):
            line.ask(TEXT, text("[abc]:", stream=stream))
        self.in_flight(worker, 1 + len(lines))
        self.director.say("go", "go", word)
        return worker, lines

    def test_a_cuda_error_is_told_and_ends_it(self):
        worker, lines = self.failing("cuda", "--slots", "1")  # One of them still waits.
        for line in lines:
            status, answer = line.hear()
            text = "CUDA error: an illegal memory access was encountered"
            self.assertEqual((status, answer["error"]["message"]), (500, text))
        status, said = worker.end()
        self.assertEqual(status, 70)
        self.assertIn("CUDA error: an illegal memory access", said)

    def test_out_of_memory_makes_the_batches_smaller(self):
        worker, lines = self.failing("oom")
        for line in lines:
            status, answer = line.hear()
            self.assertEqual((status, answer["error"]["code"]), (503, "out_of_memory"))
            self.assertIn("now 2 are allowed", answer["error"]["message"])
        worker.hear("4 slots are too many, now 2")
        for line in lines + self.lines(worker, 3):
            line.ask(TEXT, text("[abc]:"))
        self.in_flight(worker, 5)
        before = len(self.director.steps())
        self.director.say("go", always="go")
        self.director.until(lambda steps: len(steps) > before + 8)
        self.assertEqual(max(step["rows"] for step in self.director.steps()[before:]), 2)

    def test_a_stream_that_fails_says_so(self):
        _, (line, _) = self.failing("oom", streams=(True, False))
        *events, error = self.events(line.getresponse().read())
        self.assertEqual(events[0]["choices"][0]["text"], "a")
        self.assertEqual(error["error"]["code"], "out_of_memory")

    def test_another_failure_is_of_its_batch_alone(self):
        worker, lines = self.failing("bug")
        for line in lines:
            status, answer = line.hear()
            self.assertEqual((status, answer["error"]["message"]), (500, "the shapes do not fit"))
        worker.hear("a batch of 2 failed: the shapes do not fit")
        self.director.say(always="go")
        self.assertEqual(content(lines[0].get(TEXT, text("[abc]:"))), "abc")

    def test_out_of_memory_with_one_alone(self):
        worker, (line,) = self.failing("oom", "--slots", "1", streams=(False,))
        self.assertIn("a smaller --context", line.hear()[1]["error"]["message"])
        self.assertIsNone(worker.process.poll())

    def test_what_keeps_it_from_loading(self):
        for word, status, words in (
            ("oom", 71, "out of memory while loading some-model: CUDA out of memory. Tried"),
            ("cuda", 70, "cannot load some-model: CUDA error: an illegal memory access"),
            ("unknown", 1, "cannot load some-model: there is no such model\n"),
            ("package", 1, "package sentencepiece is missing"),
        ):
            with self.subTest(word):
                (self.folder / "director").unlink(missing_ok=True)
                worker = self.begin().listens()
                self.director.say(word)
                ended, said = worker.end()
                self.assertEqual(ended, status, said)
                self.assertIn(words, said.splitlines(keepends=True)[-1])

    def test_missing_packages(self):
        stubs = []
        for name in ("torch", "transformers", "jinja2"):
            with self.subTest(name):
                folder = self.folder / f"without-{name}"
                folder.mkdir()
                (self.folder / "director").unlink(missing_ok=True)
                for stub in stubs:
                    (folder / f"{stub}.py").symlink_to(STUB / f"{stub}.py")
                worker = self.begin(stubs=[folder], flags=["-S"])  # Nothing of the machine's own.
                self.director.say(always="go")
                status, said = worker.end()
                self.assertEqual(status, 1)
                last = said.splitlines()[-1]
                self.assertIn(f"the Python package {name} is missing", last)
                self.assertTrue(last.endswith(f" -m pip install {name}"), last)
            stubs.append(name)

    def test_a_device_that_is_not_there(self):
        worker = self.begin("--device", "cuda").listens()
        status, said = worker.end()
        self.assertEqual(status, 1)
        self.assertIn("--device cuda: torch sees no CUDA device", said)

    def test_an_address_that_is_taken(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as other:
            worker = self.begin("--port", str(other.getsockname()[1]))
            status, said = worker.end()
        self.assertEqual(status, 1)
        self.assertIn("cannot listen on ", said)

    def test_options_that_make_no_sense(self):
        for arguments, words in ((["--slots", "0"], "--slots must be at least 1, but is 0"),
                                 (["--socket", "both"], "not allowed with")):
            status, said = self.begin(*arguments).end()
            os.unlink(self.folder / "director")
            self.assertEqual(status, 2)
            self.assertIn(words, said)
