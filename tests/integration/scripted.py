"""A server that does what a test says, connection by connection, where the mock server has no weather
for it."""
import socket
import threading
import time

import harness

BODY = b'{"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}]}'
FINE = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Line:
    """One connection, the other end of it being the client."""

    def __init__(self, peer, number):
        self.peer = peer
        self.number = number  # From 1.

    def read_head(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.peer.recv(4096) or self.gone()
        return head

    def read_request(self):
        head, _, body = self.read_head().partition(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.lower().split(b"\r\n")
                          if line.startswith(b"content-length:")))
        while len(body) < length:
            body += self.peer.recv(65536) or self.gone()

    def write(self, data):
        self.peer.sendall(data)

    def until_closed(self, ping=b"", every=0.05):
        """Waits until the client has closed; says how long that took. May send something meanwhile."""
        began = time.monotonic()
        self.peer.settimeout(every if ping else harness.PATIENCE)
        try:
            while True:
                try:
                    if not self.peer.recv(65536):
                        break
                except TimeoutError:
                    self.peer.sendall(ping)
        except OSError:
            pass
        return time.monotonic() - began

    def gone(self):
        raise ConnectionError("the client left")


class Server:
    """Calls `serve(line)` on a thread for each connection, which is closed after it."""

    def __init__(self, serve):
        self.serve = serve
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/v1"
        self.threads = []
        self.accepting = threading.Thread(target=self.accept)

    def __enter__(self):
        self.accepting.start()
        return self

    def __exit__(self, *_):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listening.close()
        for thread in self.threads:
            thread.join(harness.PATIENCE)

    def accept(self):
        while True:
            try:
                peer, _ = self.listening.accept()
            except OSError:
                return
            line = Line(peer, len(self.threads) + 1)
            self.threads.append(threading.Thread(target=self.run, args=(line,)))
            self.threads[-1].start()

    def run(self, line):
        with line.peer:
            try:
                self.serve(line)
            except ConnectionError:
                pass
