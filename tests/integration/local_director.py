"""Who tells fake workers (fake_worker.py) what to do, hears what happens to them, and knows of each of
their processes whether it lives."""
import collections
import json
import os
import pathlib
import select
import signal
import socketserver
import threading

import harness


class Seen:
    """A process, held by a handle, so that it is known when it ends and no other is taken for it."""

    def __init__(self, pid):
        self.pid = pid
        self.handle = os.pidfd_open(pid)

    def ends_within(self, seconds):
        waiting = select.poll()
        waiting.register(self.handle, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    @property
    def lives(self):
        return not self.ends_within(0)

    def kill(self, number=signal.SIGKILL):
        signal.pidfd_send_signal(self.handle, number)


def stat_of(pid):
    """Its name and its parent."""
    name, rest = pathlib.Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
    return name, int(rest.split()[1])


def keepers_of(parent):
    """Those of ours that stand between a worker and skein."""
    keepers = []
    while (stat := stat_of(parent))[0] == "skein-keeper":
        keepers.append(parent)
        parent = stat[1]
    return keepers


class Director:
    """What workers tell, in order, and what they are answered: `rules[event](event)` is the order, and
    may take its time. Where there is no rule they go on."""

    def __init__(self, case):
        self.path = str(case.folder / "director")
        self.rules = {}
        self.changed = threading.Condition()
        self.events = []
        self.workers = []  # Every one that was started, in that order.
        self.others = []  # Keepers, and what workers have started.
        self.guests = []  # Servers that are none of skein's.
        self.run = None  # skein, if it runs at all: without it nothing more happens.
        director = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                event = json.loads(self.rfile.readline())
                self.wfile.write(json.dumps(director.answer(event)).encode() + b"\n")

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass  # A worker that was killed meanwhile.

        self.server = Server(self.path, Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        case.addCleanup(self.close)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        for seen in (*self.workers, *self.others, *self.guests):
            os.close(seen.handle)

    def answer(self, event):
        with self.changed:
            self.see(event)
            self.events.append(event)
            self.changed.notify_all()
        rule = self.rules.get(event["event"])
        return (rule(event) if rule else None) or {}

    def see(self, event):
        if event["event"] == "started":
            keepers = keepers_of(event["parent"])
            (self.workers if keepers else self.guests).append(Seen(event["pid"]))
            self.others += [Seen(pid) for pid in keepers]
        elif event["event"] == "daemon":
            self.others.append(Seen(event["pid"]))

    def those(self, kind):
        return [event for event in self.events if event["event"] == kind]

    def until(self, count, kind):
        """Until so many of these have happened; gives them."""
        def is_over():
            return len(self.those(kind)) >= count or (self.run and not self.run.thread)
        with self.changed:
            self.changed.wait_for(is_over, harness.PATIENCE)
            said = self.run.said if self.run else ""
            assert len(self.those(kind)) >= count, f"{len(self.those(kind))} of {count} {kind}\n{said}"
            return self.those(kind)

    def asked(self):
        """How often each question came."""
        return collections.Counter(event["question"] for event in self.those("asked"))
