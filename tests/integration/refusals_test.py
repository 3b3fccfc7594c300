"""What cannot be is refused before anything is sent: exit status 2 at once, a message that names the
place and what to do, and not a file more than before."""
import json
import os
import subprocess
import time

import harness

SOON = 2  # Seconds, with every sanitizer on.
JOB = """version: 1
endpoints:
  - name: main
    base_url: "URL"
    model: small
input: {file: rows.jsonl}
request: {messages: [{role: user, content: "{{ question }}"}]}
output: {file: out.jsonl}
"""
HERE = "§"  # Stands where the message must point to, and is taken out of the job.

# What is put in place of what, and words that the message must have.
IN_THE_FILE = {
    "an unknown key": ("input: {file:", "input: {§fiel:", ["unknown key 'fiel'", "did you mean"]),
    "an unknown section": ("version: 1", "version: 1\n§limit: {in_flight: 3}",
                           ["unknown key 'limit'", "did you mean"]),
    "a key that stands twice": ("    model: small", "    model: small\n    §model: large",
                                ["'model'", "twice"]),
    "an alias": ("input: {file: rows.jsonl}", "input: §&a {file: rows.jsonl}\nread: *a",
                 ["anchors"]),
    "a cyclic alias": ("input: {file: rows.jsonl}", "input: §&a {file: *a}", ["anchors"]),
    "a tab": ("    model: small", "    model: small\n§\trpm: 5", ["tab"]),
    "two documents": ("output: {file: out.jsonl}", "output: {file: out.jsonl}\n§---\nversion: 1",
                      ["second document"]),
    "a negative number": ("version: 1", "version: 1\nlimits: {in_flight: §-3}",
                          ["in_flight must be", "-3"]),
    "an octal number": ("    model: small", "    model: small\n    rpm: §010",
                        ["rpm must be", "leading zero"]),
    "a missing variable": ("    model: small", "    model: §${SKEIN_TEST_NOWHERE}",
                           ["SKEIN_TEST_NOWHERE is not set"]),
    "a missing key": ("    model: small", "    model: small\n    api_key: §${SKEIN_TEST_NOWHERE}",
                      ["SKEIN_TEST_NOWHERE is not set"]),
    "a header with a line break": (
        "    model: small", '    model: small\n    headers: {x-a: "b", §x-c: "d\\r\\nx-e: f"}',
        ["line break"]),
    "a header that is ours": (
        "    model: small", "    model: small\n    headers: {§Authorization: Bearer x}", ["api_key"]),
    "a literal key": ("    model: small", "    model: small\n    api_key: §CANARY-key",
                      ["environment variable", "never the key itself"]),
    "a file as an endpoint": ('"URL"', "§file:///etc/passwd", ["https://"]),
    "plain http to elsewhere": ('"URL"', "§http://192.0.2.1/v1", ["allow_plaintext"]),
    "a second endpoint of the same name": (
        "    model: small", "    model: small\n  - {name: §main, base_url: 'mock:'}", ["two endpoints"]),
    "a cost without a price": ("version: 1", "version: 1\nlimits: {max_cost: §5}", ["input_price"]),
    "a duration without unit": ("version: 1", "version: 1\ntimeouts: {idle: §30}", ["write 30s"]),
    "an output that is the input": ("output: {file: out.jsonl}", "output: {file: §rows.jsonl}",
                                    ["is the input"]),
    "no endpoints": (JOB[JOB.index("endpoints"):JOB.index("input")], "", ["endpoints is missing"]),
}


def place_in(text):
    """`(job, place)` of a text with a mark."""
    before, mark, after = text.partition(HERE)
    if not mark:
        return text, ""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return before + after, f"job.yaml:{line}:{column}: "


class Refusals(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Mock()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        super().setUp()
        self.rows(3)
        self.job_text(JOB)

    def job_text(self, text):
        self.write("job.yaml", text.replace("URL", self.server.url))

    def refused(self, *words, arguments=("run", "job.yaml"), **options):
        before = sorted(os.listdir(self.folder))
        began = time.monotonic()
        status, out, err = self.skein(*arguments, **options)
        took = time.monotonic() - began
        self.assertEqual(status, 2, err)
        self.assertEqual(out, "")
        for word in words:
            self.assertIn(word, err)
        self.assertLess(took, SOON)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        self.assertEqual(self.server.ledger()["requests"], 0)
        return err

    def test_what_stands_wrong_in_the_file_is_named_with_its_place(self):
        for title, (old, new, words) in IN_THE_FILE.items():
            with self.subTest(title):
                self.assertEqual(JOB.count(old), 1)
                text, place = place_in(JOB.replace(old, new))
                self.job_text(text)
                for command in ("run", "check"):
                    err = self.refused(place, *words, arguments=(command, "job.yaml"))
                self.assertNotIn("CANARY", err, "a key must not be repeated")

    def test_a_bomb_of_aliases(self):
        levels = ["a: &a0 [" + "x, " * 9 + "x]"]
        for i in range(1, 12):
            levels.append(f"b{i}: &a{i} [" + f"*a{i - 1}, " * 9 + f"*a{i - 1}]")
        self.job_text(JOB + "\n".join(levels) + "\n")
        self.refused(f"job.yaml:{JOB.count(chr(10)) + 1}:", "anchors")

    def test_a_key_from_the_environment_with_a_line_break(self):
        self.job_text(JOB.replace("    model: small", "    model: small\n    api_key: ${TEST_KEY}"))
        env = {**os.environ, "TEST_KEY": "CANARY-key\r\nx-evil: 1"}
        err = self.refused("job.yaml:6:14: ", "line break", env=env)
        self.assertNotIn("CANARY", err)

    def test_a_value_from_outside_the_file_is_checked_alike(self):
        self.refused("--set limits.in_flight", arguments=("run", "job.yaml", "--set", "limits.in_flight=-3"))
        self.refused("did you mean", arguments=("run", "job.yaml", "--set", "limits.inflight=3"))
        self.refused("KEY=VALUE", arguments=("run", "job.yaml", "--set", "limits.in_flight"))
        self.refused("SKEIN_LIMITS_IN_FLIGHT", env={**os.environ, "SKEIN_LIMITS_IN_FLIGHT": "many"})

    def test_an_output_that_cannot_be_written(self):
        self.write("file", "")
        self.job_text(JOB.replace("out.jsonl", "file/out.jsonl"))
        self.refused("cannot write into file", "Not a directory")
        (self.folder / "pipe").mkdir()
        self.job_text(JOB.replace("out.jsonl", "pipe"))
        self.refused("pipe", "a folder")
        (self.folder / "link").symlink_to(self.folder / "elsewhere")
        self.job_text(JOB.replace("out.jsonl", "link"))
        self.refused("symbolic link")
        self.write("there", "the work of a week\n")
        self.job_text(JOB.replace("out.jsonl", "there"))
        self.refused("is there already")
        self.assertEqual((self.folder / "there").read_text(), "the work of a week\n")

    def test_a_folder_that_may_not_be_written(self):
        folder = self.folder / "closed"
        folder.mkdir()
        if os.geteuid() != 0:
            folder.chmod(0o500)
        else:  # Root may write everywhere but where nobody can.
            made = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", folder])
            if made.returncode != 0:
                self.skipTest("root may write everywhere, and not mount here")
            self.addCleanup(subprocess.run, ["umount", folder], check=True)
        self.job_text(JOB.replace("out.jsonl", "closed/out.jsonl"))
        self.refused("closed")

    def test_an_output_that_is_the_input_by_another_name(self):
        os.link(self.folder / "rows.jsonl", self.folder / "other.jsonl")
        self.job_text(JOB.replace("out.jsonl", "other.jsonl"))
        self.refused("is the input")

    def test_an_input_that_cannot_be_asked(self):
        rows = [{"custom_id": i, "question": "?"} for i in ("a", "b", "a")]
        self.write("rows.jsonl", "\n".join(map(json.dumps, rows)))
        self.refused("custom_id", "3")
        (self.folder / "rows.jsonl").unlink()
        self.refused("rows.jsonl", "No such file")
        os.mkfifo(self.folder / "rows.jsonl")
        self.refused("rows.jsonl", "give `-`")

    def test_a_weather_file_that_cannot_be_read(self):
        self.job_text(JOB.replace('"URL"', "mock:nowhere.yaml"))
        self.refused("nowhere.yaml", "cannot be read")

    def test_a_field_that_no_column_has(self):
        self.write("rows.csv", "id,queston\n1,why\n")
        self.job_text(JOB.replace("rows.jsonl", "rows.csv"))
        self.refused("question", "queston")

    def test_a_job_that_is_not_there(self):
        self.refused("nowhere.yaml", arguments=("run", "nowhere.yaml"))
        self.refused("folder", arguments=("run", "."))
        self.write("empty.yaml", "")
        self.refused("empty.yaml:1:1", arguments=("run", "empty.yaml"))

    def test_a_command_line_that_says_nothing(self):
        self.refused("subcommand", arguments=())
        self.refused("subcommand", arguments=("rum", "job.yaml"))
        self.refused("job", arguments=("run",))
        self.refused("--forse", arguments=("run", "job.yaml", "--forse"))

    def test_help_and_version_are_answers(self):
        status, out, err = self.skein("--help")
        self.assertEqual((status, err), (0, ""))
        for word in ("run", "check", "mock:", "Exit status"):
            self.assertIn(word, out)
        status, out, err = self.skein("run", "--help")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("--retry-failed", out)
        status, out, err = self.skein("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^skein \d+\.\d+\.\d+ \(libcurl ")


if __name__ == "__main__":
    harness.main()
