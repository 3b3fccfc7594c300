"""A child process: run on its core, waited for, and what it cost."""
import dataclasses
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

from . import machine

LONGEST = 600  # Seconds. Only what hangs takes so long.
LATE = -signal.SIGKILL  # The status of what took longer than it may.


class Refused(Exception):
    """A run whose figures are not to be believed, or that was none."""


@dataclasses.dataclass
class Command:
    argv: list
    folder: pathlib.Path | None = None
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Ended:
    status: int
    cpu: float   # Seconds, user and system.
    wall: float  # Seconds, from before it was started until it was gone.
    out: str
    err: str
    watched: "Watch | None" = None


class Watch(threading.Thread):
    """Looks at a process every few milliseconds, for what cannot be asked once it is gone: its peak
    memory (`ru_maxrss` has ours in it, from before the exec), the CPU of each thread, and when a
    file of it last grew."""

    EVERY = 0.005

    def __init__(self, growing=None):
        super().__init__(daemon=True)
        self.peak = 0       # Bytes.
        self.threads = {}   # Thread id: seconds of CPU.
        self.growth = []    # (monotonic seconds, bytes) at each change of the file.
        self.growing = growing
        self.process = None
        self.began = 0.0
        self.over = threading.Event()

    def begin(self, process, began):
        self.began = began
        self.process = pathlib.Path("/proc") / str(process)
        self.start()

    def end(self):
        self.over.set()
        self.join()

    def run(self):
        while not self.over.wait(self.EVERY):
            try:
                self.look()
            except (FileNotFoundError, ProcessLookupError):
                pass  # A thread or the process went while we looked.

    def look(self):
        if self.growing and self.growing.exists():
            size = self.growing.stat().st_size
            if not self.growth or self.growth[-1][1] != size:
                self.growth.append((time.monotonic(), size))
        for line in (self.process / "status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                self.peak = max(self.peak, int(line.split()[1]) * 1024)
        for task in (self.process / "task").iterdir():
            self.threads[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9


def run(command, cores, watch=None, longest=LONGEST):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with machine.pinned_to(cores):
            began = time.monotonic()
            process = subprocess.Popen(
                [str(word) for word in command.argv], cwd=command.folder, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, env=machine.environment(**command.environment),
            )
        if watch:
            watch.begin(process.pid, began)
        guard = threading.Timer(longest, process.send_signal, [signal.SIGKILL])
        guard.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # Ctrl-C: it must not outlive us.
            process.kill()
            process.wait()
            raise
        finally:
            guard.cancel()
            if watch:
                watch.end()
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(process.returncode, usage.ru_utime + usage.ru_stime, wall,
                     text_of(out), text_of(err), watch)


def text_of(file):
    file.seek(0)
    return file.read().decode(errors="replace")
