"""What may be asked, and the text that goes to the library."""
from __future__ import annotations

import ctypes
import json
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Union

from . import _ffi

Body = Union[str, bytes, Sequence[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Request:
    """A request that is more than its body.

    body: a str is one message of the user, a list the messages of a chat, a dict a whole body, and bytes are JSON
        as it is, which costs least.
    path: of the API, such as "/v1/embeddings"; None: "/v1/chat/completions".
    deadline: seconds until its reply, all tries included. None: `timeouts.request` of the settings.
    """

    body: Body
    path: Optional[str] = None
    deadline: Optional[float] = None


def json_bytes(value: Any) -> bytes:
    # As it is, not escaped: YAML, which settings are read as, knows no pairs of surrogates.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def body_of(body: Body) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return json_bytes({"messages": [{"role": "user", "content": body}]})
    if isinstance(body, Mapping):
        return json_bytes(body if isinstance(body, dict) else dict(body))
    if isinstance(body, Sequence):
        return json_bytes({"messages": list(body)})
    raise TypeError("a request is a str, bytes of JSON, a list of messages, a dict or a skein.Request, "
                    f"not {type(body).__name__}")


def options_of(request: Request, flags: int) -> Optional[_ffi.AskOptions]:
    if flags == 0 and request.path is None and request.deadline is None:
        return None
    options = _ffi.AskOptions(size=ctypes.sizeof(_ffi.AskOptions), flags=flags)
    if request.path is not None:
        options.path = request.path.encode()
    if request.deadline is not None:
        # 0 would mean "as the settings say".
        options.deadline_ns = max(1, min(int(request.deadline * 1e9), 2**62))
    return options
