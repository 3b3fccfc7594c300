"""Replies, faults and pieces of answers, as Python values."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from . import _ffi


class Fault(Exception):
    """Why a request failed. Is raised by `Reply.text` and its like, when they are read."""

    def __init__(self, kind: str, detail: str = "", *, status: int = 0, remote_message: str = "",
                 retryable: bool = False) -> None:
        super().__init__(kind, detail)
        self.kind = kind  # A stable name, such as "timeout_idle": docs/faults.md.
        self.detail = detail  # skein's own words.
        self.status = status  # Of HTTP; 0: there was no response.
        self.remote_message = remote_message  # The server's words, which are not to be trusted.
        self.retryable = retryable  # It may pass: asking again makes sense.

    def __str__(self) -> str:
        said = f"; the server says: {self.remote_message}" if self.remote_message else ""
        return f"{self.kind}: {self.detail}{said}"


@dataclass(frozen=True)
class Usage:
    """Tokens, as the server counted them."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True)
class Timing:
    """Seconds of one request; those of an attempt are of the last one."""

    queued: float
    total: float
    attempt: Optional[float] = None
    first_byte: Optional[float] = None
    first_token: Optional[float] = None


@dataclass(frozen=True)
class Chunk:
    """A piece of a streamed answer."""

    text: str
    reasoning: str = ""
    choice: int = 0
    calls: List[Dict[str, Any]] = field(default_factory=list)  # Pieces of tool calls.


class Reply:
    """The one outcome of a request: an answer, or a fault. Texts are copied out of the library when they are read
    first. `text`, `body` and `json()` raise the `Fault` of a request that failed; nothing else here raises."""

    __slots__ = ("_event", "_text", "_known", "index")

    def __init__(self, event: int, index: int = 0) -> None:
        self._event = event
        self._text: Optional[str] = None
        self._known: Optional[Dict[str, Any]] = None
        self.index = index  # Position in the input of `map`.

    def __del__(self) -> None:
        event, self._event = self._event, 0
        if event:
            _ffi.event_free(event)

    @property
    def ok(self) -> bool:
        """It was answered."""
        return not _ffi.reply_fault(self._event).size

    @property
    def fault(self) -> Optional[Fault]:
        """Why it failed; None if it was answered."""
        kind = _str(_ffi.reply_fault(self._event))
        if not kind:
            return None
        return Fault(
            kind, _str(_ffi.reply_detail(self._event)), status=_ffi.reply_status(self._event),
            remote_message=_str(_ffi.reply_remote_message(self._event)),
            retryable=_ffi.reply_retryable(self._event) == 1)

    @property
    def text(self) -> str:
        """The text of the first choice."""
        if self._text is None:
            self._check()
            self._text = _str(_ffi.reply_text(self._event))
        return self._text

    @property
    def body(self) -> bytes:
        """The whole answer as JSON, in the form of OpenAI whatever API served."""
        self._check()
        return _ffi.bytes_of(_ffi.reply_body(self._event))

    def json(self) -> Any:
        """The whole answer."""
        return json.loads(self.body)

    def _check(self) -> None:
        fault = self.fault
        if fault is not None:
            raise fault

    @property
    def endpoint(self) -> str:
        """The name of the endpoint of the last attempt; empty if there was none."""
        return _str(_ffi.reply_endpoint(self._event))

    @property
    def model(self) -> str:
        """As the server named it."""
        return _str(_ffi.reply_model(self._event))

    @property
    def finish_reason(self) -> str:
        return _str(_ffi.reply_finish_reason(self._event))

    @property
    def request_id(self) -> str:
        """The server's name for it, for its support."""
        return _str(_ffi.reply_request_id(self._event))

    @property
    def status(self) -> int:
        """Of HTTP; 0: there was no response."""
        return int(_ffi.reply_status(self._event))

    @property
    def attempts(self) -> int:
        return int(_ffi.reply_attempts(self._event))

    @property
    def maybe_executed(self) -> int:
        """Attempts that the server may have executed and billed."""
        return int(_ffi.reply_maybe_executed(self._event))

    @property
    def begun(self) -> bool:
        """Pieces of it were given before; with a fault: the answer broke off."""
        return bool(_ffi.reply_begun(self._event) == 1)

    @property
    def usage(self) -> Optional[Usage]:
        """None if the server did not say, or there is no answer."""
        usage = self._facts().get("usage")
        return Usage(**usage) if usage else None

    @property
    def timing(self) -> Timing:
        facts = self._facts()

        def seconds(name: str) -> Optional[float]:
            value = facts.get(name)
            return None if value is None else value / 1e9

        return Timing(seconds("queued_ns") or 0.0, seconds("total_ns") or 0.0, seconds("attempt_ns"),
                      seconds("first_byte_ns"), seconds("first_token_ns"))

    @property
    def cost(self) -> Optional[float]:
        """By the server's bill or the endpoint's prices; None if neither is known."""
        cost = float(_ffi.reply_cost(self._event))
        return None if cost < 0 else cost

    def _facts(self) -> Dict[str, Any]:
        if self._known is None:
            self._known = json.loads(_ffi.bytes_of(_ffi.reply_json(self._event)) or b"{}")
        return self._known

    def __repr__(self) -> str:
        if not self.ok:
            return f"<skein.Reply {self.fault}>"
        text = self.text
        return f"<skein.Reply {text[:60]!r}{' …' if len(text) > 60 else ''}>"


class Piece:
    """A chunk that still holds room in the library. `taken` gives the room back."""

    __slots__ = ("_event",)

    def __init__(self, event: int) -> None:
        self._event = event

    def taken(self) -> Chunk:
        calls = _ffi.bytes_of(_ffi.chunk_calls(self._event))
        chunk = Chunk(_str(_ffi.chunk_text(self._event)), _str(_ffi.chunk_reasoning(self._event)),
                      _ffi.chunk_choice(self._event), json.loads(calls) if calls else [])
        self.__del__()
        return chunk

    def __del__(self) -> None:
        event, self._event = self._event, 0
        if event:
            _ffi.event_free(event)


def _str(text: Any) -> str:
    return _ffi.bytes_of(text).decode("utf-8", "replace")
