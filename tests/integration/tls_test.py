"""Whom skein believes: who cannot prove who he is hears not one byte of a request, and a port that
speaks another language is told from one that is not there. The servers are made here."""
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import unittest
import warnings

import harness
import scripted

ROWS = 20
VARIABLES = ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR")
LIMITS = "limits: {in_flight: 2, attempts: 3, first_answer: 1s}\nbackoff: {base: 1ms}\n"


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   capture_output=True, timeout=harness.PATIENCE)


class Server:
    """Answers nobody: it notes how hand-shakes end and what is said after them."""

    def __init__(self, context=None, first_words=b""):
        self.context, self.first_words = context, first_words
        self.connections, self.heard = 0, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):  # That is how it is told to stop.
            while True:
                line, _ = self.listener.accept()
                self.connections += 1
                with contextlib.suppress(OSError), line:
                    self.talk(line)

    def talk(self, line):
        line.settimeout(harness.PATIENCE)
        with line.dup() as raw, contextlib.ExitStack() as open_lines:
            try:
                if self.context:
                    line = self.context.wrap_socket(line, server_side=True)
                open_lines.enter_context(line)
                heard = line.recv(65536)
                line.sendall(self.first_words)
                self.heard += heard
            finally:  # What is not read would reset the connection, and our last word be lost.
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(65536):
                    pass

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


@unittest.skipUnless(shutil.which("openssl"), "no openssl program here")
class Tls(harness.Case):
    def certificate(self, name="own", host="localhost", days="2", issuer=None):
        """Made in the folder as NAME.pem with NAME.key; signed by itself if there is no issuer."""
        self.write(f"{name}.ext", f"subjectAltName=DNS:{host}\n")
        openssl(self.folder, "req", "-new", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={host}",
                "-keyout", f"{name}.key", "-out", f"{name}.csr")
        signed = (["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial"] if issuer
                  else ["-signkey", f"{name}.key"])
        openssl(self.folder, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem",
                "-days", days, "-extfile", f"{name}.ext", *signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context

    def serve(self, *arguments, **options):
        server = Server(*arguments, **options)
        self.addCleanup(server.stop)
        return server

    def run_against(self, server, scheme="https", trusted=None, rows=2, expect=1, keys=(), env=None):
        self.rows(rows)
        text = self.job(f"{scheme}://localhost:{server.port}/v1", LIMITS).read_text()
        keys = [f"ca_file: {trusted}.pem"] * bool(trusted) + list(keys)
        text = text.replace("    model: small", "\n    ".join(["    model: small", *keys]))
        self.write("job.yaml", text)
        for name in ("out.jsonl", "out.jsonl.journal"):
            (self.folder / name).unlink(missing_ok=True)
        # Without what this machine says of certificates.
        here = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        status, _, err = self.skein("run", "job.yaml", env={**here, **(env or {})})
        self.assertIn(status, expect if isinstance(expect, tuple) else (expect,), err)
        return err

    def fault(self):
        """The one fault of all lines."""
        faults = {line["error"]["code"] for line in self.output()}
        self.assertEqual(len(faults), 1)
        return faults.pop(), self.output()[0]["error"]["message"]

    def test_who_cannot_prove_his_name_hears_nothing_and_is_not_asked_again(self):
        self.certificate("stranger")
        cases = {
            "signed by itself": (self.certificate(), None),
            "signed by a stranger": (self.certificate("his", issuer="stranger"), None),
            "out of date": (self.certificate("old", days="0"), "old"),
            "of another host": (self.certificate("other", host="other.test"), "other"),
        }
        for title, (context, trusted) in cases.items():
            with self.subTest(title):
                server = self.serve(context)
                err = self.run_against(server, trusted=trusted, rows=ROWS, expect=3)
                self.assertIn("stopped: tls_trust", err)
                self.assertEqual(server.heard, b"")
                self.assertLessEqual(server.connections, 2, "those that were in flight")
                self.assertEqual(self.journal(), [], "no row is at fault")

    def test_tls_that_is_too_old_is_not_spoken(self):
        context = self.certificate()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        server = self.serve(context)
        err = self.run_against(server, trusted="own", expect=3)
        self.assertIn("last: tls_handshake", err)
        self.assertEqual(server.heard, b"")

    def test_a_server_that_speaks_no_tls_is_said_to_be_one(self):
        err = self.run_against(self.serve(first_words=b"HTTP/1.1 400 Bad Request\r\n\r\n"), expect=3)
        self.assertIn("last: tls_handshake", err)
        self.assertIn("http://", err)

    def test_a_server_that_speaks_only_tls_is_said_to_be_one(self):
        alert = b"\x15\x03\x01\x00\x02\x02\x46"  # What a server of TLS says to a request in the open.
        err = self.run_against(self.serve(first_words=alert), scheme="http", expect=(1, 3))
        self.assertIn("bad_response", err)
        self.assertIn("https://", err)

    def test_a_server_that_wants_a_certificate_of_ours_is_said_to_want_one(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                context = self.certificate()
                context.minimum_version = context.maximum_version = version
                context.verify_mode = ssl.CERT_REQUIRED
                server = self.serve(context)
                # With TLS 1.3 the request may have left before the server says so.
                err = self.run_against(server, trusted="own", expect=(1, 3))
                self.assertRegex(err, "certificate required|handshake failure")
                self.assertEqual(server.heard, b"")

    def test_a_certificate_of_ours_is_shown_to_a_server_that_wants_one(self):
        self.certificate("client", host="client.test")
        both = (self.folder / "client.pem").read_text() + (self.folder / "client.key").read_text()
        self.write("both.pem", both)
        for keys in (["client_cert: client.pem", "client_key: client.key"], ["client_cert: both.pem"]):
            with self.subTest(keys):
                context = self.certificate()
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(self.folder / "client.pem")
                server = self.serve(context, first_words=scripted.FINE)
                self.run_against(server, trusted="own", expect=0, keys=keys)
                self.assertIn(b"POST /v1/chat/completions ", server.heard)

    def test_a_client_key_of_another_certificate_is_refused_with_its_name(self):
        self.certificate("client", host="client.test")
        server = self.serve(self.certificate())
        err = self.run_against(server, trusted="own", expect=3,
                               keys=["client_cert: client.pem", "client_key: own.key"])
        self.assertIn("tls_trust", err)
        self.assertEqual(server.heard, b"")
        err = self.run_against(server, expect=2, keys=["client_key: own.key"])
        self.assertIn("job.yaml:6:17: client_key needs client_cert", err)
        err = self.run_against(server, expect=2, keys=["client_cert: none.pem"])
        self.assertIn("job.yaml:6:18: there is no certificate none.pem", err)

    def test_certificates_are_found_where_the_environment_says(self):
        context = self.certificate()
        (self.folder / "hashed").mkdir()
        shutil.copy(self.folder / "own.pem", self.folder / "hashed" / "own.pem")
        openssl(self.folder, "rehash", "hashed")
        variables = {"CURL_CA_BUNDLE": "own.pem", "SSL_CERT_FILE": "own.pem", "REQUESTS_CA_BUNDLE": "own.pem",
                     "SSL_CERT_DIR": f"none:{self.folder}/hashed"}
        for name, value in variables.items():
            with self.subTest(name):
                server = self.serve(context, first_words=scripted.FINE)
                self.run_against(server, expect=0, env={name: value})
                self.assertIn(b"POST /v1/chat/completions ", server.heard)

    def test_a_variable_that_names_no_certificates_is_refused_before_anything_is_sent(self):
        server = self.serve(self.certificate())
        err = self.run_against(server, expect=2, env={"SSL_CERT_FILE": "none.pem"})
        for words in ("SSL_CERT_FILE", "none.pem", "ca_file"):
            self.assertIn(words, err)
        self.assertEqual(server.connections, 0)

    def test_where_a_certificate_is_not_trusted_the_setting_is_named(self):
        err = self.run_against(self.serve(self.certificate()), expect=3)
        self.assertIn("ca_file: names a file of certificates to trust", err)


if __name__ == "__main__":
    harness.main()
