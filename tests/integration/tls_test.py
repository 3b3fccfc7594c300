"""Whom skein believes: who cannot prove who he is hears not one byte of a request, and a port that
speaks another language is told from one that is not there. The servers are made here."""
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
import unittest
import warnings

import harness

ROWS = 20
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

    def run_against(self, server, scheme="https", trusted=None, rows=2, expect=1):
        self.rows(rows)
        text = self.job(f"{scheme}://localhost:{server.port}/v1", LIMITS).read_text()
        if trusted:
            text = text.replace("    model: small", f"    model: small\n    ca_file: {trusted}.pem")
        self.write("job.yaml", text)
        for name in ("out.jsonl", "out.jsonl.journal"):
            (self.folder / name).unlink(missing_ok=True)
        return self.run_job(expect=expect)[1]

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


if __name__ == "__main__":
    harness.main()
