"""A server for one request that knows when its first byte came."""
import re
import socket
import statistics
import threading
import time

from . import machine
from .child import Refused, run
from .load import Load

ANSWER = (b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
          b'{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],'
          b'"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}')
PATIENCE = 30  # Seconds.


class Listener:
    """Serves one request on a thread of its own. `base` and `url` are as those of a Server."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        self.base = f"http://127.0.0.1:{self.socket.getsockname()[1]}/v1"
        self.url = self.base + "/chat/completions"
        self.first_byte = None  # Monotonic seconds.
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            connection, _ = self.socket.accept()
            with connection:
                connection.settimeout(PATIENCE)
                seen = connection.recv(65536)
                self.first_byte = time.monotonic()
                while not whole(seen) and (more := connection.recv(65536)):
                    seen += more
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                                   b"content-length: %d\r\n\r\n" % len(ANSWER) + ANSWER)
                while connection.recv(65536):
                    pass
        except OSError:
            pass  # Nobody came, or somebody left: first_byte tells.

    def close(self):
        self.thread.join(PATIENCE)
        self.socket.close()


def whole(request):
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length:\s*(\d+)", head, re.IGNORECASE)
    return bool(end) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


def time_to_first_byte(program, place):
    """Seconds from before the process was made until the first byte of its request was here."""
    listener = Listener()
    command = program.command(Load(requests=1, in_flight=1), listener, place)
    began = time.monotonic()
    ended = run(command, machine.CLIENT)
    listener.close()
    if ended.status != 0 or listener.first_byte is None:
        raise Refused(f"{program.name} ended with {ended.status}: {ended.err[-300:]}")
    return listener.first_byte - began


def median_start(program, place, count=5):
    return statistics.median(time_to_first_byte(program, place) for _ in range(count))
