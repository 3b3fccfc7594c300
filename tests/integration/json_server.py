"""A server for JSON over HTTP that a test writes by itself, where the mock server would share too much with
what is tested."""
import http.server
import json
import threading


class Server(http.server.ThreadingHTTPServer):
    """Calls `handler.answer_to(body)` for each POST, and notes what was asked."""
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.asked = []  # (path, headers, body)
        self.first = []  # Answers given first, each once: (status, body, content type).
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.asked.append((self.path, dict(self.headers), body))
            first = self.server.first.pop(0) if self.server.first else None
        if first:
            return self.send(*first)
        self.answer_to(body)

    def send(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass
