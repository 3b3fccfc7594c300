"""A key is in the environment and in the head of a request, and nowhere else: not in an output, a log, a
journal, a report or a plan, whoever quotes it back and however."""
import contextlib
import http.server
import json
import shutil
import ssl
import subprocess
import threading
import unittest

import harness
import keys
import table
from keys import KEY, OTHER


def quoting(words, status=400, **headers):
    body = json.dumps({"error": {"message": words, "type": words, "code": words}})
    return {"fault": "status", "status": status, "body": body, "headers": headers}


class Secrets(keys.Case):
    def test_the_keys_are_sent_and_the_plan_does_not_show_them(self):
        seen = []
        with listener(lambda request: seen.append(dict(request.headers))) as url:
            self.rows(2)
            self.job_with_keys(url)
            status, plan, err = self.skein("check", "job.yaml", env=self.env)
            self.assertEqual((status, seen), (0, []), err)
            self.run_with_keys(expect=0)
        self.no_key_in(plan, err)
        self.assertEqual([(head["Authorization"], head["x-api-key"]) for head in seen],
                         [(f"Bearer {KEY}", OTHER)] * 2)

    def test_whoever_quotes_a_key_is_not_repeated(self):
        cut, rest = KEY[:-2], OTHER[3:]
        faults = [
            quoting(f"Incorrect key provided: {KEY}, {OTHER}."),
            quoting(f"no such key: {KEY.lower()} {OTHER.upper()}"),
            quoting(f"key {cut}*** and ***{rest}"),
            quoting(f"{KEY}{OTHER}{KEY}" * 300),
            quoting("m", **{"x-request-id": f"r-{KEY}", "request-id": OTHER}),
            {"fault": "status", "status": 200, "body": f"<html>{KEY} {OTHER}</html>"},
            {"fault": "status", "status": 200, "body": "{}", "headers": {"content-encoding": KEY}},
            {"fault": "status", "status": 200, "body": json.dumps({"error": f"{KEY} is wrong"})},
            {"fault": "status", "status": 500, "body": f"panic: {KEY}", "headers": {KEY: OTHER}},
            {"fault": "redirect", "location": f"http://127.0.0.1:1/{KEY}?key={OTHER}"},
            {"fault": "raw", "body": f"HTTP/1.1 200 {KEY}\r\n{KEY}: {OTHER}\r\n\r\n{KEY}"},
            {"fault": "raw", "body": f"{KEY} {OTHER}\r\n"},
            {"fault": "raw", "body": f"HTTP/1.1 200 OK\r\ncontent-length: {KEY}\r\n\r\n"},
            {"fault": "raw", "body": f"HTTP/1.1 200 OK\r\ncontent-type: {KEY}\r\n\r\nx"},
            table.raw(f"HTTP/1.1 500 {KEY}\ncontent-length: 999", f"half of it: {KEY}"),
        ]
        for stream in (False, True):
            with self.subTest(stream=stream):
                # Each is asked among rows that go well, so that the endpoint stays in use.
                mock = self.mock(json.dumps({"faults": [
                    {**fault, "contains": f"What is {7 * i} and"} for i, fault in enumerate(faults, 1)]}))
                self.rows(7 * len(faults))
                self.job_with_keys(mock.url)
                if stream:
                    job = (self.folder / "job.yaml").read_text()
                    self.write("job.yaml", job.replace("request:\n", "request:\n  stream: true\n"))
                self.run_with_keys("--overwrite", expect=1)
                failed = [line for line in self.output() if line["error"]]
                self.assertEqual(len(failed), len(faults))
                self.assertIn("[key]", failed[0]["error"]["message"])

    def test_a_key_in_the_id_of_an_answer_is_masked(self):
        body = json.dumps({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]})
        mock = self.mock(json.dumps({"faults": [
            {"fault": "status", "status": 200, "body": body, "headers": {"x-request-id": f"r/{KEY}"}}]}))
        self.rows(1)
        self.job_with_keys(mock.url)
        self.run_with_keys(expect=0)
        self.assertEqual(self.output()[0]["response"]["request_id"], "r/[key]")

    def test_who_refuses_the_key_is_named_and_the_key_is_not(self):
        for status in (401, 402):
            mock = self.mock(json.dumps({"faults": [quoting(f"{KEY} {OTHER[:8]}", status)]}))
            self.rows(20)
            self.job_with_keys(mock.url)
            err = self.run_with_keys("--overwrite", expect=3)
            self.assertIn("main", err)

    def test_what_a_model_says_is_given_as_it_is(self):
        self.write("rows.jsonl", json.dumps({"question": f"echo:my key is {KEY}"}))
        self.job_with_keys(self.mock().url)
        status, _, err = self.skein("run", "job.yaml", "-v", env=self.env)
        self.assertEqual(status, 0, err)
        self.assertNotIn(KEY, err)
        text = self.output()[0]["response"]["body"]["choices"][0]["message"]["content"]
        self.assertEqual(text, f"my key is {KEY}")

    @unittest.skipUnless(shutil.which("openssl"), "no openssl here")
    def test_nobody_who_cannot_be_trusted_is_sent_a_key(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out",
             "server.crt", "-subj", "/CN=127.0.0.1", "-days", "2"],
            cwd=self.folder, check=True, capture_output=True, timeout=harness.PATIENCE)
        seen = []
        with listener(seen.append, self.folder) as url:
            self.rows(3)
            self.job_with_keys(url)
            err = self.run_with_keys(expect=3)
        self.assertIn("tls_trust", err)
        self.assertEqual(seen, [])

    def test_a_complaint_about_the_job_does_not_show_a_key(self):
        self.rows(1)
        for old, new in (("model: small", "model: small\n    rpm: ${TEST_KEY}"),
                         ("version: 1", "version: ${TEST_KEY}"),
                         ("rows.jsonl", "${TEST_KEY}.jsonl"),
                         ("base_url: \"mock:\"", "base_url: \"ftp://${TEST_KEY}/\"")):
            with self.subTest(new):
                self.job_with_keys("mock:")
                job = (self.folder / "job.yaml").read_text()
                self.write("job.yaml", job.replace(old, new))
                status, out, err = self.skein("run", "job.yaml", env=self.env)
                self.assertEqual(status, 2, err)
                if "jsonl" not in new:  # The name of a file is no secret to who must find it.
                    self.no_key_in(out, err)

    def test_help_shows_nothing_of_the_environment(self):
        for arguments in (["--help"], ["--version"], ["run", "--help"], ["check", "--help"]):
            status, out, err = self.skein(*arguments, env=self.env)
            self.assertEqual(status, 0, err)
            self.no_key_in(out, err)


@contextlib.contextmanager
def listener(saw, certificate=None):
    """A server that answers everything well and shows each request to `saw`; with TLS if a folder
    with a certificate is given."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            saw(self)
            self.rfile.read(int(self.headers["content-length"]))
            body = b'{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # A hand-shake that the other side broke off.

    server = Server(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "server.crt", certificate / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    harness.main()
