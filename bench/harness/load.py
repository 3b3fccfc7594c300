"""What a client is asked to do, and the files it needs for it."""
import dataclasses
import gzip
import json
import pathlib
import shutil
import subprocess
import tempfile

from .child import Refused

FILLER = "some words to fill the prompt with "


@dataclasses.dataclass(frozen=True)
class Load:
    requests: int
    in_flight: int
    prompt: int = 600       # Bytes.
    stream: bool = False
    large_every: int = 0    # Every so many, one row has a large prompt. 0: none.
    large_prompt: int = 500_000
    packed: bool = False    # The input is a file of gzip.

    def prompt_of(self, number):
        """Begins with its number, as every peer's does."""
        size = self.large_prompt if self.is_large(number) else self.prompt
        begin = f"{number} "
        return begin + (FILLER * (size // len(FILLER) + 1))[: max(0, size - len(begin))]

    def is_large(self, number):
        return self.large_every > 0 and number % self.large_every == 0


@dataclasses.dataclass(frozen=True)
class Secure:
    certificate: pathlib.Path
    key: pathlib.Path


class Workplace:
    """A folder that goes away, with the inputs that several runs share."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="skein-bench-")
        self.folder = pathlib.Path(self.holder.name)
        self.made = {}
        self.secure = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.cleanup()

    def fresh(self, name="run"):
        """An empty folder; what an earlier run left there is gone."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def rows(self, load):
        """JSONL with a row for every request; each is written once."""
        if load.packed:
            return self.packed_rows(load)
        what = (load.requests, load.prompt, load.large_every, load.large_prompt)
        return self.file("rows", what, lambda file: file.writelines(
            json.dumps({"prompt": load.prompt_of(i)}) + "\n" for i in range(1, load.requests + 1)))

    def packed_rows(self, load):
        plain = self.rows(dataclasses.replace(load, packed=False))
        path = plain.with_suffix(".jsonl.gz")
        if not path.exists():
            with open(plain, "rb") as rows, gzip.open(path, "wb", compresslevel=6) as file:
                shutil.copyfileobj(rows, file)
        return path

    def body(self, load):
        """One request's body, for tools that send the same one every time."""
        asked = {"model": "m", "messages": [{"role": "user", "content": load.prompt_of(1)}]}
        return self.file("body", load.prompt, lambda file: file.write(json.dumps(asked)))

    def transfers(self, load, url):
        """The configuration of `curl --parallel`: every transfer by name."""
        one = "\n".join([f'url = "{url}"', f'data-binary = "@{self.body(load)}"', 'output = "/dev/null"',
                         'header = "content-type: application/json"',
                         'header = "authorization: Bearer CANARY-key"'])
        path = self.folder / "transfers"
        path.write_text("\nnext\n".join([one] * load.requests) + "\n", encoding="utf-8")
        return path

    def script_of_wrk(self, load):
        def write(file):
            body = pathlib.Path(self.body(load)).read_text(encoding="utf-8")
            file.write(f'wrk.method = "POST"\nwrk.body = {json.dumps(body)}\n'
                       'wrk.headers["content-type"] = "application/json"\n'
                       'wrk.headers["authorization"] = "Bearer CANARY-key"\n')
        return self.file("wrk.lua", load.prompt, write)

    def file(self, name, what, write):
        if (name, what) not in self.made:
            path = self.folder / f"{len(self.made)}-{name}"
            with open(path, "w", encoding="utf-8") as file:
                write(file)
            self.made[name, what] = path
        return self.made[name, what]

    def certificate(self):
        """Our own for 127.0.0.1, for the length of this run."""
        if self.secure is None:
            secure = Secure(self.folder / "certificate.pem", self.folder / "key.pem")
            made = subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                 "-keyout", secure.key, "-out", secure.certificate],
                capture_output=True, text=True,
            )
            if made.returncode != 0:
                raise Refused(f"openssl made no certificate: {made.stderr[-300:]}")
            self.secure = secure
        return self.secure
