"""The way by a proxy: what the proxy hears, what it does not, and what is said when it refuses. The
proxy and the server behind it are made here; the server's name exists nowhere else."""
import base64
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

import harness
import scripted

HOST = "llm.test"
FINE = scripted.FINE
LIMITS = "limits: {in_flight: 2, attempts: 2, first_answer: 1s}\nbackoff: {base: 1ms}\n"


def copy(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class Proxy:
    """CONNECT, requests with a whole URL, and SOCKS5; all that is asked for leads to `port`."""

    def __init__(self, port, refusal=None, context=None):
        self.port, self.refusal, self.context = port, refusal, context
        self.heads, self.names, self.logins = [], [], []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        self.threads = []
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listening.accept()
                self.threads.append(threading.Thread(target=self.serve, args=[peer]))
                self.threads[-1].start()

    def serve(self, peer):
        peer.settimeout(harness.PATIENCE)
        with contextlib.suppress(OSError, ConnectionError), contextlib.ExitStack() as stack:
            stack.enter_context(peer)
            if self.context:
                peer = stack.enter_context(self.context.wrap_socket(peer, server_side=True))
            elif peer.recv(1, socket.MSG_PEEK) == b"\x05":
                return self.socks(peer)
            head = scripted.Line(peer, 1).read_head()
            self.heads.append(head.decode("latin-1"))
            if self.refusal:
                return peer.sendall(self.refusal)
            if head.startswith(b"CONNECT "):
                peer.sendall(b"HTTP/1.1 200 Connection established\r\nx-proxy: yes\r\n\r\n")
                return self.tunnel(peer)
            peer.sendall(FINE)

    def socks(self, peer):
        _, count = peer.recv(2)
        methods = peer.recv(count)
        if 2 in methods:
            peer.sendall(b"\x05\x02")
            peer.recv(1)
            self.logins.append(tuple(peer.recv(peer.recv(1)[0]).decode() for _ in range(2)))
            peer.sendall(b"\x01\x00")
        else:
            peer.sendall(b"\x05\x00")
        kind = peer.recv(4)[3]
        self.names.append(peer.recv(peer.recv(1)[0]).decode() if kind == 3 else f"kind {kind}")
        peer.recv(2)
        peer.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        self.tunnel(peer)

    def tunnel(self, peer):
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            back = threading.Thread(target=copy, args=[server, peer])
            back.start()
            copy(peer, server)
            back.join()

    def stop(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listening.close()
        for thread in self.threads:
            thread.join(harness.PATIENCE)


class Ways(harness.Case):
    def proxy(self, port=0, **options):
        proxy = Proxy(port, **options)
        self.addCleanup(proxy.stop)
        return proxy

    def run_by(self, key, scheme="http", more="", env=None, expect=0):
        """`key` is YAML of the endpoint."""
        self.rows(2)
        text = self.job(f"{scheme}://{HOST}/v1", LIMITS + more).read_text()
        keys = f"    api_key: ${{TEST_KEY}}\n    {key}\n    allow_plaintext: true"
        self.write("job.yaml", text.replace("    model: small", "    model: small\n" + keys))
        for name in ("out.jsonl", "out.jsonl.journal"):
            (self.folder / name).unlink(missing_ok=True)
        # Without what this machine says of proxies.
        here = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        env = {**here, "TEST_KEY": "CANARY-key", **(env or {})}
        status, _, err = self.skein("run", "job.yaml", env=env)
        self.assertEqual(status, expect, err)
        return err

    def test_a_plain_request_goes_to_the_proxy_with_its_whole_address(self):
        proxy = self.proxy()
        self.run_by(f"proxy: http://{proxy.address}")
        self.assertEqual(len(proxy.heads), 2)
        self.assertTrue(proxy.heads[0].startswith(f"POST http://{HOST}/v1/chat/completions "))

    def test_the_variables_of_the_environment_are_obeyed_where_the_job_says_so(self):
        proxy = self.proxy()
        env = {"http_proxy": f"http://me:p%40ss@{proxy.address}", "NO_PROXY": "other.test"}
        self.run_by("proxy: environment", env=env)
        login = base64.b64encode(b"me:p@ss").decode()
        self.assertIn(f"Proxy-Authorization: Basic {login}", proxy.heads[0])

    def test_no_proxy_is_obeyed(self):
        proxy = self.proxy()
        env = {"http_proxy": f"http://{proxy.address}", "NO_PROXY": HOST}
        err = self.run_by("proxy: environment", env=env, expect=3)
        self.assertEqual(proxy.heads, [])
        self.assertIn(f"cannot resolve {HOST}", err)

    def test_a_proxy_of_the_job_is_that_of_every_endpoint_that_names_none(self):
        proxy = self.proxy()
        self.run_by("weight: 1", more=f"proxy: http://{proxy.address}\n")
        self.assertEqual(len(proxy.heads), 2)
        self.run_by("proxy: none", more=f"proxy: http://{proxy.address}\n", expect=3)
        self.assertEqual(len(proxy.heads), 2)

    def test_a_login_comes_from_a_variable_and_is_shown_nowhere(self):
        proxy = self.proxy()
        env = {"MY_PROXY": f"http://me:CANARY-secret@{proxy.address}"}
        err = self.run_by("proxy: ${MY_PROXY}", env=env)
        login = base64.b64encode(b"me:CANARY-secret").decode()
        self.assertIn(f"Proxy-Authorization: Basic {login}", proxy.heads[0])
        status, out, _ = self.skein("check", "job.yaml", env={**os.environ, "TEST_KEY": "k", **env})
        self.assertEqual(status, 0)
        self.assertIn(f"by the proxy http://{proxy.address}", out)
        self.assertNotIn("CANARY", out + err)
        err = self.run_by(f"proxy: http://me:CANARY@{proxy.address}", expect=2)
        self.assertIn("job.yaml:7:12: the login of a proxy never stands in a job file", err)
        self.assertNotIn("CANARY", err)

    def test_socks_looks_up_the_name_and_gets_the_login(self):
        server = self.enterContext(scripted.Server(lambda line: (line.read_request(), line.write(FINE))))
        proxy = self.proxy(int(server.url.split(":")[2].split("/")[0]))
        self.run_by("proxy: ${MY_PROXY}", env={"MY_PROXY": f"socks5h://me:secret@{proxy.address}"})
        self.assertEqual(set(proxy.names), {HOST})
        self.assertEqual(set(proxy.logins), {("me", "secret")})

    def test_a_proxy_that_refuses_is_a_connection_that_failed(self):
        for status in (b"407 Who are you", b"502 Bad Gateway"):
            with self.subTest(status):
                refusal = b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                proxy = self.proxy(refusal=refusal)
                err = self.run_by(f"proxy: http://{proxy.address}", scheme="https", expect=3)
                self.assertIn("connect", err)
                self.assertIn(status.decode().split()[0], err)
                self.assertNotIn("CANARY", "".join(proxy.heads))

    def test_a_proxy_that_is_not_there_is_named(self):
        err = self.run_by("proxy: http://no-such-proxy.invalid:3128", expect=3)
        self.assertIn("cannot resolve no-such-proxy.invalid, the proxy", err)

    def certificate(self, *hosts):
        """Made in the folder as own.pem; signed by itself."""
        names = ",".join(f"DNS:{host}" for host in hosts)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-subj", f"/CN={hosts[0]}", "-addext", f"subjectAltName={names}", "-days", "2",
                        "-keyout", "own.key", "-out", "own.pem"], cwd=self.folder, check=True,
                       capture_output=True, timeout=harness.PATIENCE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "own.pem", self.folder / "own.key")
        return context

    @unittest.skipUnless(shutil.which("openssl"), "no openssl program here")
    def test_a_proxy_that_is_asked_by_tls_must_prove_its_name(self):
        proxy = self.proxy(context=self.certificate("localhost"))
        address = proxy.address.replace("127.0.0.1", "localhost")
        self.run_by(f"proxy: https://{address}\n    ca_file: own.pem")
        self.assertTrue(proxy.heads[0].startswith(f"POST http://{HOST}/v1/chat/completions "))
        proxy.heads.clear()
        err = self.run_by(f"proxy: https://{address}", expect=3)
        self.assertIn("tls_trust", err)
        self.assertEqual(proxy.heads, [])

    @unittest.skipUnless(shutil.which("openssl"), "no openssl program here")
    def test_through_a_tunnel_the_proxy_hears_neither_key_nor_question(self):
        context = self.certificate(HOST)

        def serve(line):
            with context.wrap_socket(line.peer, server_side=True) as peer:
                inside = scripted.Line(peer, line.number)
                inside.read_request()
                inside.write(FINE)

        server = self.enterContext(scripted.Server(serve))
        proxy = self.proxy(int(server.url.split(":")[2].split("/")[0]))
        self.run_by(f"proxy: http://{proxy.address}\n    ca_file: own.pem", scheme="https")
        self.assertEqual([line["error"] for line in self.output()], [None, None])
        self.assertTrue(all(head.startswith(f"CONNECT {HOST}:443 ") for head in proxy.heads))
        self.assertNotIn("CANARY", "".join(proxy.heads))


if __name__ == "__main__":
    harness.main()
