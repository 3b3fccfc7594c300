"""What the server over transformers refuses, and in which words."""
import json
import signal

from transformers_case import CHAT, TEXT, Case, chat, content

SECRET = {"SKEIN_WORKER_TOKEN": "CANARY-2b7d"}


class Refusals(Case):
    def test_bodies(self):
        line, sock = self.line(self.worker("--context", "50", "--name", "small")), None
        for path, body, status, code, words in (
            (CHAT, b"{", 400, None, "not JSON"), (CHAT, b"[" * 100000, 400, None, "not JSON"),
            (CHAT, b"\xff", 400, None, "not JSON"), (CHAT, b"[]", 400, None, "must be a JSON object"),
            (CHAT, {}, 400, None, "'messages' must be a list"),
            (CHAT, {"messages": ["hi"]}, 400, None, "'messages[0]' must be an object"),
            (CHAT, chat([{"type": "image_url"}]), 400, None, "'messages[0].content' must be a text"),
            (CHAT, chat("[a]", max_tokens="9"), 400, None, "from 1 to 2147483648, but is \"9\""),
            (CHAT, chat("[a]", max_tokens=0), 400, None, "but is 0"),
            (CHAT, chat("[a]", max_tokens=True), 400, None, "but is true"),
            (CHAT, chat("[a]", temperature=float("nan")), 400, None, "'temperature' must be a number"),
            (CHAT, chat("[a]", top_p=1.5), 400, None, "'top_p' must be a number from 0 to 1"),
            (CHAT, chat("[a]", seed=1 << 64), 400, None, "'seed' must be an integer"),
            (CHAT, chat("[a]", stop=[""]), 400, None, "'stop' must be"),
            (CHAT, chat("[a]", stream="yes"), 400, None, "'stream' must be true or false"),
            (CHAT, chat("[a]", n=2), 400, "unsupported", "'n' is not supported"),
            (CHAT, chat("[a]", tools=[{}]), 400, "unsupported", "'tools' is not supported"),
            (CHAT, chat("[a]", model="large"), 404, "model_not_found", 'no model "large" here, only "small"'),
            (CHAT, {"messages": [{"role": "wizard"}]}, 400, None, "refuses this: no wizards in this house"),
            (CHAT, chat("\ud800"), 400, None, "cannot be made tokens"),
            (CHAT, chat("[a]", max_tokens=40), 400, "context_length_exceeded",
             "the prompt has 21 tokens, and 40 more are asked for, but the context has room for 50"),
            (CHAT, chat("a" * 32), 400, "context_length_exceeded", "has 50 tokens"),
            (TEXT, {"prompt": ["a", "b"]}, 400, None, "'prompt' must be one text"),
            (TEXT, {"prompt": [1, -1]}, 400, None, "'prompt' must be one text"),
            (TEXT, {"prompt": [1, 258]}, 400, None, "each below 258"),
            ("/v1/embeddings", {"input": "a"}, 501, None, "no embeddings"),
            ("/v1/nothing", {}, 404, None, "no /v1/nothing here, only /health"),
            ("/health", {}, 405, None, "takes GET, not POST"),
        ):
            with self.subTest(words):
                got, answer = line.get(path, body)
                sock = sock or line.sock
                self.assertIs(line.sock, sock, "the connection goes on")
                error = answer["error"]
                self.assertEqual((got, error["code"]), (status, code), error)
                self.assertIn(words, error["message"])
                kind = "not_supported_error" if status == 501 else "invalid_request_error"
                self.assertEqual(error["type"], kind)
        self.assertEqual(content(line.get(CHAT, chat("[a]", max_tokens=29))), "a", "it just fits")

    def test_the_model_has_less_room_than_is_asked_for(self):
        line = self.line(self.worker("--context", "4096"))
        _, answer = line.get(CHAT, chat("[a]", max_tokens=1000))
        self.assertIn("room for 1000 tokens", answer["error"]["message"])

    def raw(self, worker, *parts):
        """The status line and the error of what is answered to these bytes, and then closed."""
        with worker.connect() as peer:
            for part in parts:
                peer.sendall(part)
            with peer.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
        self.assertIn(b"Connection: close", head)
        return head.split(b"\r\n")[0].decode(), json.loads(body)["error"]["message"]

    def test_bodies_without_a_proper_length(self):
        worker = self.worker()
        post = b"POST %s HTTP/1.1\r\nHost: worker\r\n" % CHAT.encode()
        for headers, status, words in (
            (b"", "411", "Content-Length"),
            (b"Transfer-Encoding: chunked\r\n", "411", "chunks are not read"),
            (b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "411", "chunks are not read"),
            (b"Content-Length: -1\r\n", "400", "one number"),
            (b"Content-Length: ten\r\n", "400", "one number"),
            (b"Content-Length: 1\r\nContent-Length: 2\r\n", "400", "one number"),
        ):
            with self.subTest(headers):
                line, message = self.raw(worker, post + headers + b"\r\n")
                self.assertIn(status, line)
                self.assertIn(words, message)
        self.assertIn("501", self.raw(worker, b"BREW / HTTP/1.1\r\n\r\n")[0])
        size = (16 << 20) + 1
        line, message = self.raw(worker, post + b"Content-Length: %d\r\n\r\n" % size, bytes(size))
        self.assertIn("413", line)
        self.assertIn(f"has {size} bytes; at most {16 << 20}", message)

    def test_a_token_is_asked_for_everywhere_but_for_health(self):
        worker = self.worker(env=SECRET)
        line = self.line(worker)
        self.assertEqual(line.get("/health"), (200, {"status": "ok"}))
        right = {"Authorization": f"Bearer {SECRET['SKEIN_WORKER_TOKEN']}"}
        for wrong in ({}, {"Authorization": "Bearer CANARY-2b7"}, {"Authorization": "CANARY-2b7d"},
                      {"Authorization": "Bearer \xff"}):
            for path in (CHAT, "/v1/models", "/progress", "/nothing"):
                body = chat("[a]") if path == CHAT else None
                status, answer = line.get(path, body, **wrong)
                self.assertEqual((status, answer["error"]["code"]), (401, "invalid_api_key"), (wrong, path))
                self.assertNotIn("CANARY", json.dumps(answer))
        self.assertEqual(content(line.get(CHAT, chat("[a]"), **right)), "a")
        worker.process.send_signal(signal.SIGTERM)
        self.assertNotIn("CANARY", worker.end()[1])

    def test_a_model_without_a_template(self):
        line = self.line(self.worker(env={"STUB_TEMPLATE": ""}))
        status, body = line.get(CHAT, chat("[hey]"))
        self.assertEqual(content((status, body)), "hey")
        self.assertEqual(body["usage"]["prompt_tokens"], 1 + len("user: [hey]\nassistant:"))
