"""The canned server as a process of its own. We hold its standard input: it ends with us."""
import json
import subprocess
import tempfile

from . import machine
from .child import Refused

PATIENCE = 60  # Seconds until it has told its totals.


class Server:
    def __init__(self, program, options=(), secure=None):
        """`secure`: certificate and key, for TLS."""
        words = [str(program), *(str(option) for option in options)]
        if secure:
            words += ["--tls", str(secure.certificate), str(secure.key)]
        self.totals = None
        self.complaints = tempfile.TemporaryFile()
        with machine.pinned_to(machine.SERVER):
            self.process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True
            )
        line = self.process.stdout.readline()
        if not line.startswith("port "):
            self.close()
            raise Refused(f"the canned server does not start: {self.complaint() or line}")
        scheme = "https" if secure else "http"
        self.base = f"{scheme}://127.0.0.1:{int(line.split()[1])}/v1"
        self.url = self.base + "/chat/completions"

    def complaint(self):
        self.complaints.seek(0)
        return self.complaints.read().decode(errors="replace").strip()

    def close(self):
        """Ends it; from then on `totals` has what it counted."""
        self.process.stdin.close()
        said = self.process.stdout.read()
        self.process.stdout.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if said.strip():
            self.totals = json.loads(said.strip().splitlines()[-1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.totals is None:
            self.close()
        self.complaints.close()
