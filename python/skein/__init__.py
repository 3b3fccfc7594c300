"""Thousands of requests to LLM APIs at once: retried, rate-limited, in order.

    import skein

    with skein.Client(endpoints=[{"base_url": URL, "model": "m", "api_key": KEY}], in_flight=64) as client:
        for reply in client.map(prompts):
            print(reply.text)

The guide is docs/python.md. The work is done by libskein, outside the interpreter: no thread of it ever runs
Python code.
"""
from ._client import Client
from ._reply import Chunk, Fault, Reply, Timing, Usage
from ._replies import AsyncReplies, Replies
from ._request import Request
from ._run import Report, run
from ._stream import AsyncStream, Stream
from ._ffi import version

__all__ = [
    "AsyncReplies", "AsyncStream", "Chunk", "Client", "Fault", "Replies", "Reply", "Report", "Request", "Stream",
    "Timing", "Usage", "run",
]
__version__ = version()
