"""Cases of servers as they are: each folder here is one, with `job.yaml` and `case.json`; README.md says
what stands in them. All are judged, or those whose names begin with the arguments."""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
import harness  # noqa: E402
import server  # noqa: E402

MEMBERS = {"title", "rows", "make", "server", "runs", "expect"}
OF_RUN = {"command", "env", "write", "expect"}
EXPECTED = {"exit", "seconds", "outcomes", "asked", "requests", "lines", "bodies", "stdout", "stderr",
            "unsaid"}


def prompts_of(rows):
    """The prompts that a list such as `["x0-4", "p5"]` stands for."""
    for entry in rows:
        word, first, last = re.fullmatch(r"(\D*)(\d+)(?:-(\d+))?", entry).groups()
        for number in range(int(first), int(last or first) + 1):
            yield f"{word}{number}"


def made(file):
    """The text of a file of many or of large rows: `{i}` is the number of the row, from 0, and
    `{base64 1000}` so many characters of base64."""
    def row(number):
        text = json.dumps(file["row"]).replace("{i}", str(number))
        return re.sub(r"\{base64 (\d+)\}", lambda found: ("Ab3/" * int(found[1]))[:int(found[1])], text)

    return "".join(row(number) + "\n" for number in range(file["rows"]))


def bounds_of(expected):
    """A number stands for itself, a pair for the least and the most."""
    return expected if isinstance(expected, list) else [expected, expected]


class Field(harness.Case):
    def play(self, folder):
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        self.assertLessEqual(case.keys(), MEMBERS)
        self.server = server.Server(case["server"], self.folder)
        self.addCleanup(self.server.close)
        self.prompts = list(prompts_of(case.get("rows", [])))
        if self.prompts:
            self.write("in.jsonl", "".join(json.dumps({"q": prompt}) + "\n" for prompt in self.prompts))
        for name, file in case.get("make", {}).items():
            self.write(name, made(file))
        for path in folder.iterdir():
            if path.name != "case.json":
                self.write(path.name, self.filled_in(path.read_bytes()))
        for run in case.get("runs") or [{"expect": case["expect"]}]:
            self.assertLessEqual(run.keys(), OF_RUN)
            self.assertLessEqual(run["expect"].keys(), EXPECTED)
            self.play_run(run)

    def filled_in(self, text):
        """With the port of the server and its socket in their places."""
        return (text.replace(b"PORT", str(self.server.port).encode())
                .replace(b"SOCKET", str(self.folder / "server.sock").encode()))

    def play_run(self, run):
        for name, text in run.get("write", {}).items():
            self.write(name, self.filled_in(text.encode()))
        env = {name: self.filled_in(value.encode()).decode() for name, value in run.get("env", {}).items()}
        self.server.asked.clear()
        self.server.bodies.clear()
        seconds = run["expect"].get("seconds", 30)
        command = [self.filled_in(word.encode()).decode() for word in run.get("command", ["run", "job.yaml"])]
        process = self.start(*command, env={**os.environ, **env})
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            self.fail(f"not done after {seconds} s: {process.communicate()[1].decode()}")
        self.judge(run["expect"], process.returncode, out.decode(), err.decode())

    def judge(self, expect, status, out, err):
        self.assertEqual(status, expect["exit"], err)
        for beginning, expected in expect.get("outcomes", {}).items():
            found = collections.Counter(outcome for prompt, outcome in self.outcomes().items()
                                        if prompt.startswith(beginning))
            self.assertEqual(found.keys(), expected.keys(), err)
            for outcome, count in expected.items():
                self.within(found[outcome], count, f"rows {beginning}* that are {outcome}: {err}")
        for beginning, expected in expect.get("asked", {}).items():
            for prompt in self.prompts or list(self.server.asked):
                if prompt.startswith(beginning):
                    self.within(self.server.asked[prompt], expected, f"requests for {prompt}: {err}")
        if "requests" in expect:
            self.within(self.server.asked.total(), expect["requests"], f"requests in all: {err}")
        for number, members in expect.get("lines", {}).items():
            line = next(line for line in self.output() if line["skein"]["seq"] == int(number))
            self.judge_members(line, members, f"line {number}")
        for number, members in expect.get("bodies", {}).items():
            self.judge_members(self.server.bodies[int(number) - 1], members, f"request {number}")
        for words in expect.get("stdout", []):
            self.assertIn(words, out)
        for words in expect.get("stderr", []):
            self.assertIn(words, err)
        for words in expect.get("unsaid", []):
            self.assertNotIn(words, err)

    def judge_members(self, value, members, what):
        for path, expected in members.items():
            found = server.member(value, path)
            if expected == {"missing": True}:
                self.assertIs(found, server.MISSING, f"{path} of {what}: {value}")
            else:
                self.assertEqual(found, expected, f"{path} of {what}: {value}")

    def within(self, number, expected, what):
        least, most = bounds_of(expected)
        self.assertTrue(least <= number <= most, f"{number}, not {least} to {most}, {what}")

    def outcomes(self):
        """What became of each row: answered, the code of its error, or undone. A row of an input that is
        not made of prompts is known by its number."""
        lines = {record["i"]: record["out"] for record in self.journal()}
        if (self.folder / "out.jsonl").exists():
            lines = {line["skein"]["seq"]: line for line in self.output()}
        found = dict.fromkeys(self.prompts, "undone")
        for number, line in lines.items():
            name = self.prompts[number - 1] if self.prompts else str(number)
            found[name] = line["error"]["code"] if line["error"] else "answered"
        return found


def add(folder):
    def test(self):
        self.play(folder)

    test.__doc__ = json.loads((folder / "case.json").read_text(encoding="utf-8"))["title"]
    setattr(Field, f"test_{folder.name}", test)


if __name__ == "__main__":
    for path in sorted(HERE.glob("*/case.json")):
        if not sys.argv[1:] or path.parent.name.startswith(tuple(sys.argv[1:])):
            add(path.parent)
    unittest.main(argv=sys.argv[:1], verbosity=2)
