"""One client of the library, and who takes its events.

Two may take them: a thread, which is started by the first call that waits without an event loop; or an event loop,
as long as it is the only one that asks. Only one of them takes at a time, so pieces of an answer stay in order.
Receivers are called by the taker: with a Reply, or with a Piece of a stream. They must not block.
"""
from __future__ import annotations

import asyncio
import atexit
import collections
import ctypes
import itertools
import logging
import os
import threading
import weakref
from typing import Any, Callable, Deque, Dict, List, Optional, Union

from . import _ffi
from ._reply import Piece, Reply
from ._request import Body, Request, body_of, options_of

BATCH = 256
FORKED = "this skein.Client was opened before a fork, and does not survive it: open one in the child process"


class LoopReceiver:
    """Receives in the thread of an event loop, which is woken once for a batch."""

    __slots__ = ("loop", "settle")

    def __init__(self, loop: asyncio.AbstractEventLoop, settle: Callable[[Any], None]) -> None:
        self.loop, self.settle = loop, settle


Receiver = Union[LoopReceiver, Callable[[Any], None]]


class Arrivals:
    """What has come for one reader in an event loop. Knows nothing of the reader, which may be dropped meanwhile."""

    __slots__ = ("items", "_waiter")

    def __init__(self) -> None:
        self.items: Deque[Any] = collections.deque()
        self._waiter: "Optional[asyncio.Future[None]]" = None

    def put(self, item: Any) -> None:
        self.items.append(item)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Any:
        while not self.items:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self.items.popleft()


def _settle(batch: List[Any]) -> None:
    for receiver, item in batch:
        receiver.settle(item)


class Core:
    def __init__(self, settings: bytes) -> None:
        self._handle: Optional[int] = None
        text = ctypes.create_string_buffer(settings, len(settings))
        why = ctypes.c_void_p()
        try:
            self._handle = _ffi.open_(text, len(settings), ctypes.byref(why))
        finally:
            ctypes.memset(text, 0, len(settings))  # There may be keys in it.
        if not self._handle:
            raise ValueError(_ffi.taken(why) or "the client cannot be opened")
        self._receivers: Dict[int, Receiver] = {}
        self._tags = itertools.count(1)
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._loop_fd = -1
        self._thread: Optional[threading.Thread] = None
        self._is_closed = self._is_closed_by_taker = self._is_forked = False
        self._make_locks()
        _alive.add(self)

    def _make_locks(self) -> None:
        # Re-entrant: the garbage collector may close something within any call.
        self._gate = threading.RLock()  # Held by each call of the library; after it nobody calls a closed client.
        self._taking = threading.RLock()  # Held by the taker.

    # --- Asking ---

    def ask(self, request: Union[Body, Request], receiver: Receiver, flags: int = 0) -> int:
        """The id of the request; its receiver gets one Reply, after the Pieces if `flags` says so."""
        if not isinstance(request, Request):
            request = Request(request)
        body = body_of(request.body)
        options = options_of(request, flags)
        tag = next(self._tags)
        with self._gate:
            handle = self.usable()
            self._receivers[tag] = receiver
            number = _ffi.ask(handle, body, len(body), tag, None if options is None else ctypes.byref(options))
            if number == _ffi.NOT_ASKED:
                del self._receivers[tag]
                raise MemoryError("libskein has no memory left for a request")
        return int(number)

    def must_not_be_taker(self) -> None:
        """Before a wait: the thread that hands replies on would wait for itself."""
        if self._thread is threading.current_thread():
            raise RuntimeError("a callback of a future must not wait for another reply; use submit there")

    def cancel(self, number: int) -> None:
        with self._gate:
            if not self._is_closed and not self._is_forked:
                _ffi.cancel(self._handle, number)

    def shut(self) -> None:
        with self._gate:
            if not self._is_closed and not self._is_forked:
                _ffi.shut(self._handle)

    def tally(self) -> str:
        with self._gate:
            return _ffi.taken(_ffi.tally(self.usable())) or "{}"

    def usable(self) -> int:
        """The handle, or the error that says why there is none."""
        if self._is_forked:
            raise RuntimeError(FORKED)
        if self._is_closed or self._handle is None:
            raise RuntimeError("this skein.Client is closed")
        return self._handle

    # --- Taking ---

    def use_thread(self) -> None:
        """Before a call that waits without an event loop."""
        if self._thread is not None:
            return
        with self._gate:
            self.usable()
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._take_in_thread, name="skein", daemon=True)
            self._thread.start()
            self._leave_loop()

    def use_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Before a call that waits in this event loop, which is running."""
        if self._thread is not None or self._loop is loop:
            return
        with self._gate:
            handle = self.usable()
            if self._loop is not None and not self._loop.is_closed():
                self.use_thread()  # Two loops at once.
                return
            self._leave_loop()
            # A descriptor of our own, so that the loop never watches one that the library has closed.
            self._loop_fd = os.dup(_ffi.fd(handle))
            self._loop = loop
            try:
                loop.add_reader(self._loop_fd, self._take_in_loop)
            except NotImplementedError:
                self.use_thread()

    def _leave_loop(self) -> None:
        loop, descriptor = self._loop, self._loop_fd
        self._loop, self._loop_fd = None, -1
        if loop is None:
            return

        def leave() -> None:
            if not loop.is_closed():
                loop.remove_reader(descriptor)
            os.close(descriptor)

        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is loop or loop.is_closed():
            leave()
            return
        try:
            loop.call_soon_threadsafe(leave)
        except RuntimeError:  # It was closed at this moment.
            leave()

    def _take_in_thread(self) -> None:
        with self._taking:
            self._take_all()
        if self._is_closed_by_taker:
            self._release()

    def _take_in_loop(self) -> None:
        if self._thread is not None or not self._taking.acquire(blocking=False):
            return
        try:
            room = (ctypes.c_void_p * BATCH)()
            with self._gate:
                count = 0 if self._is_closed or self._is_forked else _ffi.take(self._handle, room, BATCH, 0)
            self._hand_on(room, count)
        finally:
            self._taking.release()

    def _take_all(self) -> None:
        """Until the client is shut and every reply was taken. The handle stays: `close` waits for this."""
        room = (ctypes.c_void_p * BATCH)()
        while True:
            count = _ffi.take(self._handle, room, BATCH, _ffi.FOR_EVER)
            if count == 0:
                return
            self._hand_on(room, count)

    def _hand_on(self, room: Any, count: int) -> None:
        batches: Dict[asyncio.AbstractEventLoop, List[Any]] = {}
        for event in room[:count]:
            tag = _ffi.event_tag(event)
            kind = _ffi.event_kind(event)
            item: Any
            if kind == _ffi.REPLY:
                item, receiver = Reply(event), self._receivers.pop(tag, None)
            elif kind == _ffi.CHUNK:
                item, receiver = Piece(event), self._receivers.get(tag)
            else:
                _ffi.event_free(event)
                continue
            if receiver is None:
                continue
            if isinstance(receiver, LoopReceiver):
                batches.setdefault(receiver.loop, []).append((receiver, item))
            else:
                try:
                    receiver(item)
                except Exception:  # pylint: disable=broad-except
                    logging.getLogger("skein").exception("a reply could not be handed on")
        for loop, batch in batches.items():
            if loop is self._loop and self._thread is None and not self._is_closed:
                _settle(batch)
                continue
            try:
                loop.call_soon_threadsafe(_settle, batch)
            except RuntimeError:
                pass  # The loop is closed, and nobody waits there.

    # --- The end ---

    def close(self) -> None:
        """Cancels what is not answered, hands its replies on, and ends all threads: a few seconds at most."""
        with self._gate:
            if self._is_closed or self._handle is None:
                return
            self._is_closed = True
            if self._is_forked:
                return
            _ffi.cancel_all(self._handle)
            self._leave_loop()
        if self._thread is threading.current_thread():
            self._is_closed_by_taker = True  # It cannot wait for itself, and releases the client at its end.
            return
        if self._thread is not None:
            self._thread.join()
        with self._taking:
            self._take_all()  # Also what was asked after the thread had seen the end.
        self._release()

    def wait_for_all(self) -> None:
        """Takes no more requests, and waits for the replies of all that were asked."""
        self.shut()
        if self._thread is threading.current_thread() or self._is_closed or self._is_forked:
            return
        self.use_thread()
        if self._thread is not None:
            self._thread.join()

    def _release(self) -> None:
        with self._gate:
            handle, self._handle = self._handle, None
        if handle is not None:
            _ffi.close(handle)

    def forget(self) -> None:
        """In the child of a fork: the threads and the taker are not here."""
        self._is_forked = True
        self._make_locks()
        self._loop = None


_alive: "weakref.WeakSet[Core]" = weakref.WeakSet()


def _close_all() -> None:
    for core in list(_alive):
        core.close()


def _forget_all() -> None:
    for core in list(_alive):
        core.forget()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)
