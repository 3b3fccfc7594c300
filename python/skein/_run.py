"""Whole jobs."""
from __future__ import annotations

import ctypes
import json
import os
import queue
import threading
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

from . import _ffi
from ._request import json_bytes

OnProgress = Callable[[Dict[str, Any]], None]


class Report:
    """How a job ended."""

    def __init__(self, code: int, said: Dict[str, Any]) -> None:
        self.code = code  # As the exit status of `skein run`; 130: it was stopped.
        self.error: str = said.get("error", "")  # Why it ended before its last row.
        self.text: str = said.get("text", "")  # For people, some lines.
        self.warnings: List[str] = said.get("warnings", [])
        self.tally: Dict[str, Any] = said.get("tally", {})

    @property
    def ok(self) -> bool:
        """Every row was answered."""
        return self.code == 0

    def __repr__(self) -> str:
        return f"<skein.Report {self.code} {self.error or self.text.splitlines()[:1]}>"


def run(job: Union[str, "os.PathLike[str]", bytes, Mapping[str, Any]], *, on_progress: Optional[OnProgress] = None,
        every: float = 1.0) -> Report:
    """Runs a job to its end: the path of a job file, its text as bytes, or a dict of its sections. Waits until then;
    calls `on_progress` on this thread, each `every` seconds, with a dict (`rows`, `done`, `written`, `tally`).

    Ctrl-C stops the job as it stops the program: once, and what is in flight may finish; twice, and that is
    cancelled. Then it raises KeyboardInterrupt. An exception of `on_progress` stops it as well. The journal stays,
    so the same job goes on when it is run again. A job that failed raises nothing: see `Report`."""
    text: Optional[bytes] = None
    name = b"job"
    if isinstance(job, bytes):
        text = job
    elif isinstance(job, Mapping):
        text = json_bytes({"version": 1, **job})
    else:
        name = os.fsencode(job)
    return _Watched(text, name, on_progress, every).wait()


class _Watched:
    """The library blocks a thread of its own, so that this one can be interrupted."""

    def __init__(self, text: Optional[bytes], name: bytes, on_progress: Optional[OnProgress], every: float) -> None:
        self._text, self._name, self._on_progress, self._every = text, name, on_progress, every
        self._news: "queue.SimpleQueue[Union[bytes, Report, BaseException]]" = queue.SimpleQueue()
        self._wish = 0
        self._told_at = 0.0
        threading.Thread(target=self._run, name="skein run", daemon=True).start()

    def _run(self) -> None:
        try:
            said = ctypes.c_void_p()
            text = self._text
            code = _ffi.run(text, len(text) if text is not None else 0, self._name, _ffi.Observe(self._observe), None,
                            ctypes.byref(said))
            self._news.put(Report(code, json.loads(_ffi.taken(said) or "{}")))
        except BaseException as error:  # pylint: disable=broad-except
            self._news.put(error)

    def _observe(self, _: Any, progress: bytes) -> int:
        now = time.monotonic()
        if self._on_progress is not None and now - self._told_at >= self._every:
            self._told_at = now
            self._news.put(progress)
        return self._wish

    def wait(self) -> Report:
        stopped_by: Optional[BaseException] = None
        while True:
            try:
                news = self._news.get()
                if not isinstance(news, bytes):
                    break
                if self._on_progress is not None and isinstance(stopped_by, (type(None), KeyboardInterrupt)):
                    self._on_progress(json.loads(news))
            except BaseException as error:  # pylint: disable=broad-except
                stopped_by = stopped_by or error
                self._wish = min(self._wish + 1, 2)
        if isinstance(news, BaseException):
            raise news
        if stopped_by is not None:
            raise stopped_by
        return news
