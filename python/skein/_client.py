"""The client."""
from __future__ import annotations

import asyncio
import concurrent.futures
import json
from typing import Any, Dict, Iterable, Mapping, Optional, Union

from ._core import Core, LoopReceiver
from ._replies import AsyncReplies, Replies
from ._reply import Reply
from ._request import Body, Request, json_bytes
from ._stream import AsyncStream, Stream

Asked = Union[Body, Request]


class Client:
    """Asks LLM APIs, with no more requests in flight than it may. One for a program, as a rule; any thread and any
    event loop may use it.

    endpoints: whom to ask, as in a job file: `{"base_url": …, "model": …, "api_key": …}`. A name may be left out.
    in_flight: requests in flight at once (64).
    settings: any other section of a job file, as a dict (`{"timeouts": {"request": "2m"}}`); or all settings as
        text, in YAML or JSON, in place of `endpoints` and `in_flight`.
    window: how far `map` reads ahead of its reader; four times `in_flight`, and 256 at least.

    Wrong settings are a ValueError that says where and what.

    `with` waits at its end for all replies, as that of an executor does; after an exception it cancels instead.
    """

    def __init__(self, endpoints: Optional[Iterable[Mapping[str, Any]]] = None, *, in_flight: Optional[int] = None,
                 settings: Union[Mapping[str, Any], str, bytes, None] = None, window: Optional[int] = None) -> None:
        self._core: Optional[Core] = None
        self._window = window if window is not None else max(4 * (in_flight or 64), 256)
        if self._window < 1:
            raise ValueError("window must be 1 at least")
        self._core = Core(_settings_text(endpoints, in_flight, settings))

    # --- Without an event loop ---

    def ask(self, request: Asked) -> Reply:
        """Asks, and waits for the reply. Ctrl-C ends the wait, and cancels the request."""
        self._opened().must_not_be_taker()
        future = self.submit(request)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def submit(self, request: Asked) -> "concurrent.futures.Future[Reply]":
        """Asks, and does not wait. The future gets a Reply, also if the request fails; its `cancel` cancels the
        request. There is no back-pressure here: for very many requests use `map`."""
        core = self._opened()
        core.use_thread()
        future = _Future(self)
        future.number = core.ask(request, future.receive)
        return future

    def map(self, requests: Any, *iterables: Iterable[Any], ordered: bool = True) -> Replies:
        """The replies to many requests, in their order: `map(requests)`, or `map(build, items)` as that of an
        executor, where `build` makes the request of an item. Lazy: input is read by the thread that reads the
        replies, at most a window ahead. With `ordered=False` replies come as they arrive; `reply.index` says which
        it is. A failed request raises when its `text` is read, and does not end the loop."""
        core = self._opened()
        core.use_thread()
        return Replies(core, _all(requests, iterables), self._window, ordered, self)

    def stream(self, request: Asked) -> Stream:
        """Asks, and gives the pieces of the answer as they come."""
        core = self._opened()
        core.use_thread()
        return Stream(core, request, self)

    # --- In an event loop ---

    async def aask(self, request: Asked) -> Reply:
        """Asks, and awaits the reply. If the task is cancelled, so is the request."""
        core = self._opened()
        loop = asyncio.get_running_loop()
        core.use_loop(loop)
        future: "asyncio.Future[Reply]" = loop.create_future()

        def settle(reply: Reply) -> None:
            if not future.done():
                future.set_result(reply)

        number = core.ask(request, LoopReceiver(loop, settle))
        try:
            return await future
        except BaseException:
            core.cancel(number)
            raise

    def amap(self, requests: Any, *iterables: Iterable[Any], ordered: bool = True) -> AsyncReplies:
        """`map` for `async for`. The input may be an async iterable."""
        return AsyncReplies(self._opened(), _all(requests, iterables), self._window, ordered, self)

    def astream(self, request: Asked) -> AsyncStream:
        """`stream` for `async for`; is called where a loop is running."""
        return AsyncStream(self._opened(), request, self)

    # --- The rest ---

    def tally(self) -> Dict[str, Any]:
        """The counters so far: `completed`, `attempts`, `retries`, `cost` … A few microseconds."""
        return dict(json.loads(self._opened().tally()))

    def close(self) -> None:
        """Cancels what is not answered (its reply is the fault `cancelled`) and ends all threads: a few seconds at
        most. Happens by itself when the client is dropped, and at the end of the program."""
        if self._core is not None:
            self._core.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        try:
            if kind is None and self._core is not None:
                self._core.wait_for_all()
        finally:
            self.close()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<skein.Client at {id(self):#x}>"  # Nothing of the settings: there are keys in them.

    def _opened(self) -> Core:
        assert self._core is not None
        self._core.usable()
        return self._core


class _Future(concurrent.futures.Future):  # type: ignore[type-arg]
    """Is pending until the reply is there, so that `cancel` works."""

    number = 0

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client: Optional[Client] = client  # Which lives as long as somebody waits.

    def receive(self, reply: Reply) -> None:
        if self.set_running_or_notify_cancel():
            self.set_result(reply)
        self._client = None

    def cancel(self) -> bool:
        client = self._client
        is_cancelled = super().cancel()
        if is_cancelled and client is not None and client._core is not None:
            client._core.cancel(self.number)
        return is_cancelled


def _all(requests: Any, iterables: Any) -> Any:
    if callable(requests):
        if not iterables:
            raise TypeError("map(build, items): the items are missing")
        return map(requests, *iterables)
    if iterables:
        raise TypeError("map(build, items): the first argument must be a function, if there are two")
    if isinstance(requests, (str, bytes, Mapping)):
        raise TypeError("map takes many requests, such as a list of texts; for one request use ask")
    return requests


def _settings_text(endpoints: Optional[Iterable[Mapping[str, Any]]], in_flight: Optional[int],
                   settings: Union[Mapping[str, Any], str, bytes, None]) -> bytes:
    if isinstance(settings, (str, bytes)):
        if endpoints is not None or in_flight is not None:
            raise TypeError("settings as text are all settings: write endpoints and in_flight into it")
        return settings.encode() if isinstance(settings, str) else settings
    whole: Dict[str, Any] = dict(settings or {})
    if endpoints is not None:
        if isinstance(endpoints, (str, Mapping)):
            raise TypeError('endpoints is a list of dicts, such as [{"base_url": …, "model": …}]')
        given = [dict(endpoint) for endpoint in endpoints]
        for i, endpoint in enumerate(given):
            endpoint.setdefault("name", "main" if len(given) == 1 else f"endpoint-{i + 1}")
        whole["endpoints"] = given
    if in_flight is not None:
        whole["limits"] = {**whole.get("limits", {}), "in_flight": in_flight}
    return json_bytes(whole)
