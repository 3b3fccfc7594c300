"""Answers piece by piece: what `Client.stream` and `Client.astream` give."""
from __future__ import annotations

import asyncio
import queue
from typing import Any, AsyncIterator, Iterator, Optional, Union

from . import _ffi
from ._core import Arrivals, Core, LoopReceiver
from ._reply import Chunk, Piece, Reply


class _Stream:
    def __init__(self, core: Core, keep: Any) -> None:
        self._core, self._keep = core, keep
        self._id = 0
        self._reply: Optional[Reply] = None

    @property
    def reply(self) -> Reply:
        """The whole answer, or the fault that ended it; once all pieces were read."""
        if self._reply is None:
            raise RuntimeError("the reply of a stream is there when its pieces have been read")
        return self._reply

    def _give(self, item: Union[Piece, Reply]) -> Optional[Chunk]:
        """The chunk, whose room in the library is free from now on; None at the end."""
        if isinstance(item, Piece):
            return item.taken()
        self._reply, self._keep = item, None
        return None

    def close(self) -> None:
        """Cancels the request, if it is not over."""
        if self._reply is None:
            self._core.cancel(self._id)
            self._keep = None

    def __del__(self) -> None:
        self.close()


class Stream(_Stream):
    """The chunks of one answer, an iterator that waits for the next one. While nobody reads, at most 64 kB wait, and
    the server is held back. A fault ends the iteration and stands in `reply`, as what was read is no less true."""

    def __init__(self, core: Core, request: Any, keep: Any) -> None:
        super().__init__(core, keep)
        self._arrived: "queue.SimpleQueue[Union[Piece, Reply]]" = queue.SimpleQueue()
        self._id = core.ask(request, self._arrived.put, _ffi.CHUNKS)

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        if self._reply is None:
            chunk = self._give(self._arrived.get())
            if chunk is not None:
                return chunk
        raise StopIteration

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class AsyncStream(_Stream):
    """The same for `async for`."""

    def __init__(self, core: Core, request: Any, keep: Any) -> None:
        super().__init__(core, keep)
        self._arrivals = Arrivals()
        loop = asyncio.get_running_loop()
        core.use_loop(loop)
        self._id = core.ask(request, LoopReceiver(loop, self._arrivals.put), _ffi.CHUNKS)

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        if self._reply is None:
            chunk = self._give(await self._arrivals.get())
            if chunk is not None:
                return chunk
        raise StopAsyncIteration

    async def __aenter__(self) -> "AsyncStream":
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()

    async def aclose(self) -> None:
        self.close()
