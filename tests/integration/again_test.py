"""A job that is run again: rows are known by their content when the input has changed, and `--retry`
asks some rows again and keeps all other answers."""
import json
import pathlib
import random
import signal
import subprocess
import sys

import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "field"))
import server  # noqa: E402

LONG = {"object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "cut"},
                     "finish_reason": "length"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 100, "total_tokens": 110}}
CUT_OFF = [{"prompt": "cut", "is": {"max_tokens": 100}, "body": LONG},
           {"prompt": "bad", "is": {"max_tokens": 100}, "status": 400, "body": {"error": {"message": "no"}}},
           {"echo": True}]


class Again(harness.Case):
    def serve(self, rules=({"echo": True},)):
        self.server = server.Server(list(rules), self.folder)
        self.addCleanup(self.server.close)

    def ask(self, words, *arguments, expect=0, extra="", **options):
        """Runs the job over these rows; gives the texts that came back, in order, and what was asked."""
        if words is not None:
            self.write("in.jsonl", "".join(json.dumps({"q": word}) + "\n" for word in words))
        self.job_file(extra, **options)
        self.server.asked.clear()
        status, _, err = self.skein("run", "job.yaml", *arguments)
        self.assertEqual(status, expect, err)
        self.err = err
        return self.texts(), sorted(self.server.asked.elements())

    def job_file(self, extra="", file="in.jsonl", tokens=100, output="file: out.jsonl"):
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "http://127.0.0.1:{self.server.port}/v1", model: m}}]
input: {{file: {file}}}
request: {{messages: [{{role: user, content: "{{{{ q }}}}"}}], max_tokens: {tokens}}}
output: {{{output}, timings: false}}
{extra}
""")

    def texts(self):
        if not (self.folder / "out.jsonl").exists():
            return None
        lines = self.output()
        for number, line in enumerate(lines, 1):
            self.assertEqual(line["skein"]["seq"], number)
            self.assertEqual(line["id"], f"skein-{number}")
            self.assertEqual(line["custom_id"], f"line-{number}")
        return [line["error"]["code"] if line["error"] else
                line["response"]["body"]["choices"][0]["message"]["content"] for line in lines]

    def test_rows_that_are_new_are_asked_wherever_they_stand_and_known_answers_take_their_places(self):
        self.serve()
        self.ask(["a", "b", "c"])
        self.assertEqual(self.ask(["a", "b", "c", "d"]), (["a", "b", "c", "d"], ["d"]))
        self.assertIn("1 is left to ask; the input has changed since", self.err)
        self.assertEqual(self.ask(["new", "d", "c", "b", "a"]), (["new", "d", "c", "b", "a"], ["new"]))
        self.assertEqual(self.ask(["a", "b", "c", "d", "new"]), (["a", "b", "c", "d", "new"], []))
        self.assertEqual(self.ask(None), (["a", "b", "c", "d", "new"], []))
        self.assertIn("complete already", self.err)

    def test_blank_lines_and_rows_with_ids_of_their_own_are_known_as_well(self):
        self.serve()
        row = '{"custom_id": "%s", "q": "%s"}\n'
        self.write("in.jsonl", row % ("one", "a") + "\n" + row % ("line-9", "b"))
        self.job_file()
        self.run_job()
        self.write("in.jsonl", "\n\n" + row % ("two", "a") + row % ("line-9", "b") + row % ("one", "a"))
        self.server.asked.clear()
        self.run_job()
        self.assertEqual([(line["custom_id"], line["skein"]["seq"]) for line in self.output()],
                         [("two", 3), ("line-9", 4), ("one", 5)])
        self.assertEqual(self.server.asked, {"a": 1}, "the same text under another id is another row")
        self.write("in.jsonl", row % ("three", "a") + row % ("four", "b"))
        self.assertIn("3 rows of the journal", self.skein("run", "job.yaml")[2])

    def test_rows_that_are_written_differently_and_ask_the_same_are_known(self):
        self.serve()
        self.ask(["a", "b", "c"])
        self.write("in.jsonl", '{"note": 1,   "q":"c"}\n{"q":"new","note":2}\n{"q" : "a"}\n{"q": "b"}\n')
        self.assertEqual(self.ask(None), (["c", "new", "a", "b"], ["new"]))
        self.assertEqual(self.ask(None)[1], [])
        self.write("in.jsonl", '{"q": "a"}\n{"q": "a"}\n{"q":"new", "note":3}\n{"q": "b"}\n{"q": "c", "z": 0}\n')
        self.assertEqual(self.ask(None), (["a", "a", "new", "b", "c"], ["a"]))
        (self.folder / "out.jsonl").unlink()
        (self.folder / "out.jsonl.journal").unlink()
        self.write("in.csv", "q,city\na,X\nb,Y\n")
        self.job_file(file="in.csv")
        self.run_job()
        self.server.asked.clear()
        self.write("in.csv", "no,q,city\n1,b,Y\n2,a,Z\n3,c,X\n")
        self.run_job()
        self.assertEqual((self.texts(), self.server.asked), (["b", "a", "c"], {"c": 1}))

    def test_some_rows_are_asked_again_only_where_it_is_known_which(self):
        self.serve()
        self.ask(["a"], "--retry", "finish_reason=length", expect=2)
        self.assertIn("no journal", self.err)
        self.ask(["a"], "--retry", "finish_reason=length", expect=2, output="file: '-'")
        self.ask(["a"], "--retry-failed", expect=2, output="file: '-'")
        self.assertEqual(self.ask(["a"], "--retry-failed")[1], ["a"])

    def test_two_rows_with_the_same_content_are_two_rows(self):
        self.serve()
        self.ask(["a", "a", "b"])
        self.assertEqual(self.ask(["a", "b", "a", "a"]), (["a", "b", "a", "a"], ["a"]))
        self.ask(["a", "b", "a"], expect=2)
        self.assertIn("1 row of the journal", self.err)

    def test_rows_that_are_gone_are_named_and_refused_unless_they_may_be_gone(self):
        self.serve()
        before = self.ask(["a", "b", "c", "d", "e", "f"])[0]
        journal = (self.folder / "out.jsonl.journal").read_bytes()
        self.assertEqual(self.ask(["f", "new"], expect=2), (before, []))
        self.assertIn("5 rows of the journal out.jsonl.journal are not in the input in.jsonl any more: "
                      "line-1, line-2, line-3 …", self.err)
        self.assertIn("--allow-gone", self.err)
        self.assertEqual(self.skein("check", "job.yaml")[0], 2)
        self.assertEqual((self.folder / "out.jsonl.journal").read_bytes(), journal)
        self.assertIn("5 rows of the journal are not in the input and left out",
                      self.skein("check", "job.yaml", "--allow-gone")[1])
        self.assertEqual(self.ask(None, "--allow-gone"), (["f", "new"], ["new"]))
        self.assertEqual(self.ask(None), (["f", "new"], []))
        self.assertIn("complete already: 2 rows are done", self.err)
        self.assertEqual(self.ask(["f", "newer", "new"]), (["f", "newer", "new"], ["newer"]),
                         "what may be gone is not asked about again")
        self.assertEqual(self.ask(["a", "b", "new", "newer", "f"])[1], [], "the answers are still there")

    def test_an_input_without_a_row_of_before_is_another_job_that_overwrite_replaces(self):
        self.serve()
        self.ask(["a", "b"])
        self.ask(["x", "y"], expect=2)
        self.assertEqual(self.ask(["x", "y"], "--overwrite"), (["x", "y"], ["x", "y"]))

    def test_a_run_that_is_killed_after_the_input_changed_is_finished_by_the_next(self):
        self.serve([{"delay": 0.02, "echo": True}])
        rng = random.Random(7)
        words = [f"w{i}" for i in range(60)]
        self.ask(words, extra="limits: {in_flight: 4}")
        known = set(words)
        for turn in range(12):
            words = [*words, *(f"n{turn}-{i}" for i in range(10))]
            rng.shuffle(words)
            self.write("in.jsonl", "".join(json.dumps({"q": word}) + "\n" for word in words))
            self.server.asked.clear()
            process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL)
            try:
                process.wait(rng.expovariate(1 / 0.06))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            self.assertFalse(known & set(self.server.asked), "journaled, and asked again")
            known = self.journaled()
        self.assertEqual(self.ask(None, extra="limits: {in_flight: 4}"), (words, sorted(set(words) - known)))

    def journaled(self):
        """The answers in the whole lines of the journal."""
        text = (self.folder / "out.jsonl.journal").read_bytes()
        self.write("whole.journal", text[:text.rfind(b"\n") + 1])
        return {record["out"]["response"]["body"]["choices"][0]["message"]["content"]
                for record in self.journal("whole.journal")}

    def test_a_stream_is_known_by_its_content_and_what_is_gone_is_told_at_its_end(self):
        self.serve()
        self.job_file(file="'-'")

        def pipe(words, *arguments, expect=0):
            self.server.asked.clear()
            self.write("stream", "".join(json.dumps({"q": word}) + "\n" for word in words))
            with (self.folder / "stream").open("rb") as stream:
                status, _, err = self.skein("run", "job.yaml", *arguments, stdin=stream)
            self.assertEqual(status, expect, err)
            self.err = err
            return self.texts(), sorted(self.server.asked.elements())

        self.assertEqual(pipe(["a", "b"]), (["a", "b"], ["a", "b"]))
        self.assertEqual(pipe(["new", "b", "a"]), (["new", "b", "a"], ["new"]))
        before = self.texts()
        self.assertEqual(pipe(["newer", "b"], expect=4), (before, ["newer"]))
        self.assertIn("2 rows of the journal", self.err)
        self.assertEqual(pipe(["newer", "b"], "--allow-gone"), (["newer", "b"], []))

    def test_rows_that_fit_are_asked_again_with_what_the_job_says_now_and_all_others_are_kept(self):
        self.serve(CUT_OFF)
        words = ["a", "cut-1", "bad-1", "cut-2", "b"]
        answers = ["a", "cut", "rejected", "cut", "b"]
        self.assertEqual(self.ask(words, expect=1)[0], answers)
        self.ask(None, tokens=2000, expect=2)
        self.assertIn("--retry finish_reason=length", self.err)
        for name in ("finish_reason", "size=1", "code=tired", "code=", "=length"):
            self.ask(None, "--retry", name, tokens=2000, expect=2)
            self.assertIn("finish_reason=length" if "tired" not in name else "server_error", self.err)
        plan = self.skein("check", "job.yaml", "--retry", "finish_reason=length")[1]
        self.assertIn("2 are left to ask, 2 of them again", plan)
        self.assertEqual(self.ask(None, "--retry", "finish_reason=length", tokens=2000, expect=1),
                         (["a", "cut-1", "rejected", "cut-2", "b"], ["cut-1", "cut-2"]))
        self.assertEqual(self.ask(None, "--retry", "finish_reason=length", tokens=2000, expect=1)[1], [])
        self.assertEqual(self.ask(None, "--retry", "code=rejected,throttled", tokens=3000),
                         (["a", "cut-1", "bad-1", "cut-2", "b"], ["bad-1"]))
        self.assertEqual(self.ask(None, tokens=3000)[1], [])

    def test_several_conditions_are_joined_and_overwrite_is_weaker_than_retry(self):
        self.serve(CUT_OFF)
        words = ["a", "cut-1", "bad-1"]
        for conditions in (["--retry", "code=rejected,finish_reason=length"],
                           ["--retry", "code=rejected", "--retry", "finish_reason=content_filter, length"],
                           ["--retry", "finish_reason=length", "--retry-failed"]):
            (self.folder / "out.jsonl").unlink(missing_ok=True)
            (self.folder / "out.jsonl.journal").unlink(missing_ok=True)
            self.ask(words, expect=1)
            self.assertEqual(self.ask(None, *conditions, tokens=2000, output="file: out.jsonl, overwrite: true"),
                             (["a", "cut-1", "bad-1"], ["bad-1", "cut-1"]))

    def test_an_answer_stays_when_the_new_attempt_fails(self):
        self.serve(CUT_OFF)
        self.ask(["a", "cut-1", "b"])
        self.server.rules = [{"status": 400, "body": {"error": {"message": "no"}}}]
        for durability in ("interval", "each", "none"):
            answer = self.ask(None, "--retry", "finish_reason=length", expect=1,
                              output=f"file: out.jsonl, durability: {durability}")
            self.assertEqual(answer, (["a", "cut", "b"], ["cut-1"]))
            self.assertIn("1 failed", self.err)
        self.assertEqual(self.ask(None)[0], ["a", "cut", "b"])

    def test_a_retry_that_is_killed_keeps_each_answer_until_the_newer_one_is_in_the_journal(self):
        self.serve([*CUT_OFF[:2], {"delay": 0.03, "echo": True}])
        words = [f"cut-{i}" for i in range(30)]
        self.ask(words, extra="limits: {in_flight: 4}")
        self.job_file(tokens=2000, extra="limits: {in_flight: 2}")
        rng = random.Random(3)
        for _ in range(8):
            process = self.start("run", "job.yaml", "--retry", "finish_reason=length", stderr=subprocess.DEVNULL)
            try:
                process.wait(0.03 + rng.expovariate(1 / 0.1))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            self.assertEqual(len(self.output()), 30, "the output of before, or a whole newer one")
        newer = self.journaled() - {"cut"}
        texts, asked = self.ask(None, "--retry", "finish_reason=length", tokens=2000)
        self.assertEqual((texts, asked), (words, sorted(set(words) - newer)))

    def test_the_rows_of_a_changed_input_can_be_asked_again_and_keep_their_places(self):
        self.serve(CUT_OFF)
        self.ask(["a", "cut-1", "bad-1"], expect=1)
        self.assertEqual(self.ask(["bad-1", "new", "cut-1", "a"], "--retry", "finish_reason=length",
                                  tokens=2000, expect=1),
                         (["rejected", "new", "cut-1", "a"], ["cut-1", "new"]))
        self.assertEqual(self.ask(["new", "bad-1", "cut-1", "a"], "--retry-failed", tokens=2000),
                         (["new", "bad-1", "cut-1", "a"], ["bad-1"]))

    def test_the_journal_of_a_run_that_came_to_nothing_is_nobodys(self):
        self.serve([{"status": 401, "body": {"error": {"message": "no"}}}])
        self.ask(["a"], expect=3)
        self.server.rules = [{"echo": True}]
        self.assertEqual(self.ask(["x", "y"], tokens=7), (["x", "y"], ["x", "y"]))


if __name__ == "__main__":
    harness.main()
