"""The replies to many requests, read lazily: what `Client.map` and `Client.amap` give."""
from __future__ import annotations

import asyncio
import operator
import queue
from typing import Any, AsyncIterator, Callable, Dict, Iterator, Optional, Union

from ._core import Arrivals, Core, LoopReceiver
from ._reply import Reply


def _numbered(put: Callable[[Reply], None], index: int) -> Callable[[Reply], None]:
    """Knows nothing of the reader, which may be dropped meanwhile."""

    def receive(reply: Reply) -> None:
        reply.index = index
        put(reply)

    return receive


class _Window:
    """Which requests are asked and not yet given. `keep` is what must live as long as they do."""

    def __init__(self, core: Core, size: int, ordered: bool, keep: Any) -> None:
        self._core, self._size, self._ordered, self._keep = core, size, ordered, keep
        self._early: Dict[int, Reply] = {}  # Replies that wait for their turn.
        self._ids: Dict[int, int] = {}  # By index, of those that were not given.
        self._asked = self._given = 0
        self._is_read = False  # There are no more requests.

    def _has_room(self) -> bool:
        return not self._is_read and self._asked - self._given < self._size

    def _ask(self, request: Any, receiver: Any) -> None:
        self._ids[self._asked] = self._core.ask(request, receiver)
        self._asked += 1

    def _next_early(self) -> Optional[Reply]:
        """The reply that is to be given now, if it is there."""
        if self._ordered:
            reply = self._early.pop(self._given, None)
        else:
            reply = self._early.pop(next(iter(self._early))) if self._early else None
        if reply is not None:
            del self._ids[reply.index]
            self._given += 1
        return reply

    def close(self) -> None:
        """Cancels the requests whose replies were not given."""
        self._is_read = True
        self._given = self._asked
        ids, self._ids = self._ids, {}
        for number in ids.values():
            self._core.cancel(number)
        self._keep = None

    def __del__(self) -> None:
        self.close()


class Replies(_Window):
    """One Reply for each request, an iterator. It waits in `next`: for the reply that is due, and for the input.
    Dropping it cancels what was not read."""

    def __init__(self, core: Core, requests: Any, size: int, ordered: bool, keep: Any) -> None:
        super().__init__(core, size, ordered, keep)
        self._requests = iter(requests)
        self._arrived: "queue.SimpleQueue[Reply]" = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Reply]:
        return self

    def __next__(self) -> Reply:
        while self._has_room():
            try:
                request = next(self._requests)
            except BaseException as error:
                self._is_read = True
                if isinstance(error, StopIteration):
                    break
                raise
            self._ask(request, _numbered(self._arrived.put, self._asked))
        if self._given == self._asked:
            raise StopIteration
        while True:
            reply = self._next_early()
            if reply is not None:
                return reply
            reply = self._arrived.get()
            self._early[reply.index] = reply

    def __length_hint__(self) -> int:
        return self._asked - self._given + operator.length_hint(self._requests)


class AsyncReplies(_Window):
    """The same for `async for`. Its input is an iterable or an async iterable."""

    def __init__(self, core: Core, requests: Any, size: int, ordered: bool, keep: Any) -> None:
        super().__init__(core, size, ordered, keep)
        self._requests: Union[Iterator[Any], AsyncIterator[Any]] = (
            requests.__aiter__() if hasattr(requests, "__aiter__") else iter(requests))
        self._arrivals = Arrivals()

    def __aiter__(self) -> AsyncIterator[Reply]:
        return self

    async def _next_request(self) -> Any:
        try:
            if isinstance(self._requests, AsyncIterator):
                return await self._requests.__anext__()
            return next(self._requests)
        except (StopIteration, StopAsyncIteration):
            self._is_read = True
            return None
        except BaseException:
            self._is_read = True
            raise

    async def __anext__(self) -> Reply:
        loop = asyncio.get_running_loop()
        self._core.use_loop(loop)
        while self._has_room():
            request = await self._next_request()
            if not self._is_read:
                self._ask(request, LoopReceiver(loop, _numbered(self._arrivals.put, self._asked)))
        if self._given == self._asked:
            raise StopAsyncIteration
        while True:
            reply = self._next_early()
            if reply is not None:
                return reply
            reply = await self._arrivals.get()
            self._early[reply.index] = reply

    async def aclose(self) -> None:
        self.close()
