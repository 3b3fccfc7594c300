"""The functions of skein.h, as ctypes calls them. tests/capi/surface_test.py compares the names."""
from __future__ import annotations

import ctypes as c
import os
import pathlib
from typing import Any, Optional

REPLY, CHUNK = 1, 2
CHUNKS = 1
NOT_ASKED = 2**64 - 1
FOR_EVER = -1


def _path() -> str:
    """SKEIN_LIBRARY, else the library beside this file, else the one that the system finds."""
    said = os.environ.get("SKEIN_LIBRARY")
    if said:
        return said
    beside = pathlib.Path(__file__).with_name("libskein.so.0")
    return str(beside) if beside.exists() else "libskein.so.0"


class Text(c.Structure):
    _fields_ = [("data", c.c_void_p), ("size", c.c_size_t)]


class AskOptions(c.Structure):
    _fields_ = [("size", c.c_uint32), ("flags", c.c_uint32), ("deadline_ns", c.c_int64), ("path", c.c_char_p)]


Observe = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_char_p)
Log = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_char_p)

try:
    # Calls that may take time let other threads of Python run; getters are over sooner than that takes.
    _long = c.CDLL(_path())
    _short = c.PyDLL(_path())
except OSError as error:
    raise ImportError(f"libskein.so.0 is not found ({error}); install it, or name it by SKEIN_LIBRARY") from None


def _of(library: Any, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


_client, _event, _size = c.c_void_p, c.c_void_p, c.c_size_t

abi = _of(_short, "skein_abi", c.c_uint32)
if abi() != 0:
    raise ImportError(f"{_path()} has the ABI {abi()}, and this package needs 0: the two are of different versions")
_version = _of(_short, "skein_version", c.c_char_p)
free = _of(_short, "skein_free", None, c.c_void_p)
open_ = _of(_long, "skein_open", _client, c.c_void_p, _size, c.POINTER(c.c_void_p))
close = _of(_long, "skein_close", None, _client)
shut = _of(_long, "skein_shut", None, _client)
drain = _of(_long, "skein_drain", c.c_int, _client, c.c_int64)
ask = _of(_long, "skein_ask", c.c_uint64, _client, c.c_char_p, _size, c.c_uint64, c.POINTER(AskOptions))
cancel = _of(_long, "skein_cancel", None, _client, c.c_uint64)
cancel_all = _of(_long, "skein_cancel_all", None, _client)
take = _of(_long, "skein_take", _size, _client, c.POINTER(c.c_void_p), _size, c.c_int64)
fd = _of(_short, "skein_fd", c.c_int, _client)
tally = _of(_long, "skein_tally", c.c_void_p, _client)
on_log = _of(_long, "skein_on_log", None, _client, Log, c.c_void_p)
run = _of(_long, "skein_run", c.c_int, c.c_char_p, _size, c.c_char_p, Observe, c.c_void_p, c.POINTER(c.c_void_p))

event_kind = _of(_short, "skein_event_kind", c.c_int, _event)
event_tag = _of(_short, "skein_event_tag", c.c_uint64, _event)
event_free = _of(_short, "skein_event_free", None, _event)

reply_text = _of(_short, "skein_reply_text", Text, _event)
reply_body = _of(_short, "skein_reply_body", Text, _event)
reply_fault = _of(_short, "skein_reply_fault", Text, _event)
reply_detail = _of(_short, "skein_reply_detail", Text, _event)
reply_remote_message = _of(_short, "skein_reply_remote_message", Text, _event)
reply_endpoint = _of(_short, "skein_reply_endpoint", Text, _event)
reply_model = _of(_short, "skein_reply_model", Text, _event)
reply_finish_reason = _of(_short, "skein_reply_finish_reason", Text, _event)
reply_request_id = _of(_short, "skein_reply_request_id", Text, _event)
reply_json = _of(_short, "skein_reply_json", Text, _event)
reply_status = _of(_short, "skein_reply_status", c.c_int32, _event)
reply_attempts = _of(_short, "skein_reply_attempts", c.c_int32, _event)
reply_maybe_executed = _of(_short, "skein_reply_maybe_executed", c.c_int32, _event)
reply_served_by = _of(_short, "skein_reply_served_by", c.c_int32, _event)
reply_begun = _of(_short, "skein_reply_begun", c.c_int32, _event)
reply_retryable = _of(_short, "skein_reply_retryable", c.c_int32, _event)
reply_input_tokens = _of(_short, "skein_reply_input_tokens", c.c_int64, _event)
reply_output_tokens = _of(_short, "skein_reply_output_tokens", c.c_int64, _event)
reply_total_ns = _of(_short, "skein_reply_total_ns", c.c_int64, _event)
reply_queued_ns = _of(_short, "skein_reply_queued_ns", c.c_int64, _event)
reply_first_byte_ns = _of(_short, "skein_reply_first_byte_ns", c.c_int64, _event)
reply_first_token_ns = _of(_short, "skein_reply_first_token_ns", c.c_int64, _event)
reply_cost = _of(_short, "skein_reply_cost", c.c_double, _event)

chunk_text = _of(_short, "skein_chunk_text", Text, _event)
chunk_reasoning = _of(_short, "skein_chunk_reasoning", Text, _event)
chunk_choice = _of(_short, "skein_chunk_choice", c.c_int32, _event)
chunk_calls = _of(_short, "skein_chunk_calls", Text, _event)


def version() -> str:
    return str(_version().decode())


def bytes_of(text: Any) -> bytes:
    """A copy of what an event shows."""
    return c.string_at(text.data, text.size) if text.size else b""


def taken(pointer: c.c_void_p) -> Optional[str]:
    """The text that a function has given away; frees it."""
    if not pointer:
        return None
    try:
        return c.string_at(pointer).decode("utf-8", "replace")
    finally:
        free(pointer)
