"""The server over transformers as a process, and the director of the model in its stub."""
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

import harness

HERE = pathlib.Path(__file__).resolve().parent
SERVER = HERE.parents[1] / "src" / "local" / "pool" / "engines" / "transformers_server.py"
STUB = HERE / "stub_transformers"


class Director:
    """Hears what the model is asked to do, step by step, and says how it goes."""

    def __init__(self, case):
        path = str(case.folder / "director")
        self.environment = {"STUB_DIRECTOR": path}
        self.changed = threading.Condition()
        self.words = []  # To be said, in order.
        self.always = "go"  # After them; None holds the model.
        self.events = []
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(path)
        self.listening.listen()
        case.addCleanup(self.listening.close)

    def direct(self):
        """To be called once the server has been started; a thread that ends with it."""
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            peer, _ = self.listening.accept()
            with peer, peer.makefile() as lines:
                for line in lines:
                    peer.sendall(self.answer(json.loads(line)).encode() + b"\n")
        except OSError:
            pass

    def answer(self, event):
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.words or self.always)
            return self.words.pop(0) if self.words else self.always

    def hold(self):
        with self.changed:
            self.always = None

    def say(self, *words, always=None):
        with self.changed:
            self.words += words
            self.always = always
            self.changed.notify_all()

    def steps(self):
        return [event for event in self.events if "rows" in event]

    def until(self, condition):
        """Until this is so of the steps; gives them."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.steps()), harness.PATIENCE), self.events
            return self.steps()


class Worker:
    """Stopped by its own handle. `address` is a port, or the path of a unix socket."""

    def __init__(self, case, *arguments, env=None, model="some-model", stubs=(STUB,), flags=(), unix=False):
        where = ["--socket", str(case.folder / "worker")] if unix else ["--port", "0"]
        path = os.pathsep.join(map(str, stubs))
        self.process = subprocess.Popen(
            [sys.executable, "-B", *flags, SERVER, "--model", model, *where, *arguments],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=case.folder,
            env={**os.environ, "PYTHONPATH": path, **(env or {})},
        )
        self.said = ""
        case.addCleanup(self.stop)

    def stop(self):
        self.process.kill()
        self.process.wait(harness.PATIENCE)
        self.process.stderr.close()

    def hear(self, words):
        """Reads what it says until these words are in a line; gives the line."""
        while True:
            line = self.process.stderr.readline()
            self.said += line
            assert line, f"ended without {words}: {self.said}"
            if words in line:
                return line.strip()

    def ready(self):
        self.listens()
        self.hear("ready")
        return self

    def listens(self):
        address = self.hear("listening on ").split(" on ")[1]
        self.address = address[5:] if address.startswith("unix:") else int(address.split(":")[2])
        return self

    def end(self):
        """Its exit status, and all that it said."""
        status = self.process.wait(harness.PATIENCE)
        self.said += self.process.stderr.read()
        return status, self.said

    def connect(self):
        if isinstance(self.address, int):
            return socket.create_connection(("127.0.0.1", self.address), harness.PATIENCE)
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(harness.PATIENCE)
        peer.connect(self.address)
        return peer


class Line(http.client.HTTPConnection):
    """A connection that stays open from request to request."""

    def __init__(self, worker):
        super().__init__("worker")
        self.worker = worker

    def connect(self):
        self.sock = self.worker.connect()

    def ask(self, path, body=None, **headers):
        """Sends; a body that is not bytes is made JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.request("GET" if body is None else "POST", path, body, headers)

    def hear(self):
        """The status and the JSON of the answer."""
        answer = self.getresponse()
        return answer.status, json.loads(answer.read())

    def get(self, path, body=None, **headers):
        self.ask(path, body, **headers)
        return self.hear()
