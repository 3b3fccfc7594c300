"""A local engine that does as a test says. It tells its director (see local_case.py) what happens to
it, waits for the answer, and obeys that; left alone it answers each question with the question.

    fake_worker.py --director PATH [--socket PATH | --port NUMBER] [anything that a test wants to see]
"""
import argparse
import http.server
import json
import os
import signal
import socket
import sys

TOKEN = os.environ.get("SKEIN_WORKER_TOKEN")
PAGE = 1 << 16


class Director:
    """One question and its answer on each connection, so that any number may wait for theirs."""

    def __init__(self, path):
        self.path = path

    def __call__(self, event, **facts):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(self.path)
            peer.sendall(json.dumps({"event": event, "pid": os.getpid(), **facts}).encode() + b"\n")
            with peer.makefile() as answer:
                return json.loads(answer.readline() or "{}")


def obey(order):
    """What may be wanted of it at any time."""
    if order.get("ignore_term"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if order.get("daemon"):
        make_daemon()
    for _ in range(order.get("flood", 0) // PAGE):
        os.write(2, b"x" * (PAGE // 2 - 1) + b"\n" + b"y" * (PAGE // 2))
    if "say" in order:
        os.write(2, order["say"].encode() + b"\n")
    if order.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if "exit" in order:
        os._exit(order["exit"])


def make_daemon():
    """A grandchild in a session of its own that ends by SIGKILL only."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        os.read(reading, 1)  # Its end: the director knows the daemon.
        os.close(reading)
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    director("daemon")
    os.close(writing)
    while True:
        signal.pause()


def end_well(*_):
    """What SIGTERM is to it."""
    try:
        director("terminated")
    finally:
        os._exit(0)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            order = director("health", token=self.headers.get("authorization"))
            obey(order)
            return self.send(order.get("status", 200), {"status": "ok"})
        self.send(404, {"error": {"message": "no such page"}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if TOKEN and self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.send(401, {"error": {"message": "no token, no answer"}})
        is_embedding = self.path.endswith("/embeddings")
        question = body["input"] if is_embedding else body["messages"][-1]["content"]
        # Whoever looks whether it is well does not say which request it is.
        number = self.headers.get("x-skein-request")
        order = director("asked" if number else "warm_up", question=question, number=number,
                         path=self.path, attempt=int(self.headers.get("x-attempt", 1)))
        obey(order)
        if "status" in order:
            return self.send(order["status"], {"error": order["error"]})
        if is_embedding:
            return self.send(200, {"object": "list", "data": [{"index": 0, "embedding": [0.5, 1]}]})
        if body.get("stream"):
            return self.stream(question, order)
        self.send(200, {"model": "fake", "choices": [
            {"index": 0, "message": {"role": "assistant", "content": question}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 5}}, order)

    def send(self, status, page, order=None):
        data = json.dumps(page).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        half = len(data) // 2
        self.wfile.write(data[:half])
        self.midway(order)
        self.wfile.write(data[half:])

    def stream(self, question, order):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        half = len(question) // 2
        self.event({"content": question[:half]})
        self.midway(order)
        self.event({"content": question[half:]})
        self.event({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, delta, reason=None):
        event = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def midway(self, order):
        """Half of the answer has left."""
        if order and order.get("tell_midway"):
            self.wfile.flush()
            obey(director("midway"))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):  # Without looking up a name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def get_request(self):
        peer, _ = self.socket.accept()
        return peer, ("a client", 0)

    def handle_error(self, *_):
        pass  # The client left, or the director.


class UnixServer(Server):
    address_family = socket.AF_UNIX


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--director", required=True)
    parser.add_argument("--socket")
    parser.add_argument("--port", type=int, default=0)
    arguments, rest = parser.parse_known_args()
    global director
    director = Director(arguments.director)
    signal.signal(signal.SIGTERM, end_well)
    order = director("started", rest=rest, port=arguments.port, environment=dict(os.environ),
                     parent=os.getppid())
    obey(order)
    if order.get("never_listens"):
        signal.pause()
    server = (UnixServer(arguments.socket, Handler) if arguments.socket
              else Server(("127.0.0.1", arguments.port), Handler))
    director("listening", at=server.server_address)
    server.serve_forever()


if __name__ == "__main__":
    main()
