"""Jobs with two keys, and the search for either of them in everything that a run leaves or says."""
import os

import harness
import table

KEY = "CANARY-7f3e"
OTHER = "BUNTING-51c9"  # Sent in a header of the user's own.
TRACES = ("CANARY", "ANARY-7", "7f3e", "BUNTING", "UNTING-5", "51c9")  # In any case of letters.
SECRETS = {"TEST_KEY": KEY, "TEST_OTHER": OTHER}


class Case(harness.Case):
    def setUp(self):
        super().setUp()
        self.env = {**os.environ, **SECRETS, "TMPDIR": str(self.folder)}

    def job_with_keys(self, url, extra=""):
        self.job(url, table.QUICK % 2 + extra)
        job = (self.folder / "job.yaml").read_text()
        keys = '    api_key: ${TEST_KEY}\n    headers: {x-api-key: "${TEST_OTHER}"}'
        self.write("job.yaml", job.replace("    model: small", "    model: small\n" + keys))

    def run_with_keys(self, *arguments, expect):
        """Runs with every log there is; its words and its files know no key."""
        status, out, err = self.skein("run", "job.yaml", "-v", *arguments, env=self.env)
        self.assertEqual(status, expect, err)
        self.no_key_in(out, err)
        return err

    def no_key_in(self, *texts):
        places = {f"text {i}": text for i, text in enumerate(texts)}
        for path in self.folder.iterdir():
            places[path.name] = path.read_bytes().decode(errors="replace") if path.is_file() else ""
        for place, text in places.items():
            for trace in TRACES:
                at = text.lower().find(trace.lower())
                self.assertEqual(at, -1, f"{trace} in {place}: {text[max(at - 80, 0):at + 80]!r}")
