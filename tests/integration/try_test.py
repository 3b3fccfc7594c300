"""`skein check` says where money would be lost, and `skein try` asks the first rows and writes nothing."""
import json
import os
import pathlib
import signal
import sys
import time

import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "field"))
import server  # noqa: E402

EVIL = "\x1b[2J\x1b]0;owned\x07 fine\n--- line 9 (forged)"


os.environ["TRY_TEST_KEY"] = "CANARY-0123456789"


class Before(harness.Case):
    def serve(self, *rules):
        self.server = server.Server(list(rules) or [{"echo": True}], self.folder)
        self.addCleanup(self.server.close)

    def job_of(self, rows, request='{messages: [{role: user, content: "{{ q }}"}], max_tokens: 50}', extra="",
               prices="", name="in.jsonl"):
        if rows is not None:
            self.write(name, rows if isinstance(rows, (str, bytes))
                       else "".join(json.dumps({"q": row}) + "\n" for row in rows))
        self.write("job.yaml", f"""version: 1
endpoints:
  - {{name: main, base_url: "http://127.0.0.1:{self.server.port}/v1", model: m, api_key: "${{TRY_TEST_KEY}}"{prices}}}
input: {{file: "{name}"}}
{f"request: {request}" if request else ""}
output: {{file: out.jsonl}}
{extra}
""")

    def tried(self, *arguments, expect=0, **options):
        before = sorted(os.listdir(self.folder))
        status, out, err = self.skein("try", "job.yaml", *arguments, **options)
        self.assertEqual(status, expect, err)
        self.assertEqual(sorted(os.listdir(self.folder)), before, "nothing is written")
        self.assertNotIn("CANARY", out + err)
        return out, err

    def checked(self, *arguments, expect=0):
        before = sorted(os.listdir(self.folder))
        status, out, err = self.skein("check", "job.yaml", *arguments)
        self.assertEqual(status, expect, err)
        self.assertEqual(sorted(os.listdir(self.folder)), before, "nothing is written")
        self.assertEqual(self.server.asked.total(), 0)
        return out, err

    # --- try ---

    def test_the_first_three_rows_are_asked_and_shown_and_nothing_is_written(self):
        self.serve()
        self.job_of([f"q{i}" for i in range(9)])
        out, err = self.tried()
        self.assertEqual(self.server.asked, {"q0": 1, "q1": 1, "q2": 1})
        for i in range(3):
            self.assertIn(f"--- line {i + 1} (line-{i + 1}) POST http://", out)
            self.assertIn(f"user:\n    q{i}\nanswer (main, ", out)
            self.assertIn(f"finish_reason stop):\n    q{i}\n", out)
        self.assertIn("tried 3 rows: 3 answered, 0 failed; nothing was written", err)
        self.tried("7")
        self.assertEqual(self.server.asked.total(), 10)
        self.assertIn("tried 9 rows", self.tried("1000")[1])
        for wrong in ("0", "-1", "some", "1001"):
            self.tried(wrong, expect=2)

    def test_a_finished_output_and_the_journal_of_another_run_are_not_in_the_way(self):
        self.serve()
        self.job_of(["a", "b"])
        self.run_job()
        kept = {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        self.tried()
        self.assertEqual(kept, {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()})

    def test_rows_that_fail_are_shown_with_the_servers_words_and_the_others_go_on(self):
        self.serve({"prompt": "bad", "status": 400, "body": {"error": {"message": "no such CANARY-0123456789 field"}}},
                   {"prompt": "evil", "ok": EVIL}, {"echo": True})
        self.job_of('{"q": "bad"}\n{"x": 1}\n{broken\n{"q": "evil"}\n')
        out, err = self.tried("9", expect=1)
        self.assertIn("FAILED (main, ", out)
        self.assertIn("rejected, HTTP 400", out)
        self.assertIn("    no such [key] field\n", out)
        self.assertIn("it has no field `q`", out)
        self.assertIn("not valid JSON", out)
        self.assertNotIn("\x1b", out)
        self.assertNotIn("\x07", out)
        self.assertNotIn("\n--- line 9", out)
        self.assertIn("tried 4 rows: 1 answered, 3 failed", err)

    def test_a_refused_key_ends_it_with_exit_status_3(self):
        self.serve({"status": 401, "body": {"error": {"message": "who are you"}}})
        self.job_of(["a", "b"])
        out, err = self.tried(expect=3)
        self.assertIn("who are you", out + err)

    def test_streams_and_standard_input_can_be_tried(self):
        events = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in ("He", "llo")]
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.serve({"events": events})
        self.job_of(["a"], request='{messages: [{role: user, content: "{{ q }}"}], stream: true}')
        self.assertIn("finish_reason stop):\n    Hello\n", self.tried()[0])
        with (self.folder / "in.jsonl").open("rb") as rows:
            self.assertIn("    Hello\n", self.tried("--set", "input.file=-", stdin=rows)[0])

    def test_ctrl_c_ends_it(self):
        self.serve({"delay": 60, "echo": True})
        self.job_of(["a"], extra="grace: 0s")
        process = self.start("try", "job.yaml")
        self.addCleanup(process.kill)
        end = time.monotonic() + harness.PATIENCE
        while not self.server.asked and process.poll() is None:
            self.assertLess(time.monotonic(), end)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(out, b"")

    def test_a_closed_output_is_a_failure(self):
        self.serve()
        self.job_of(["a"])
        with open("/dev/full", "wb") as full:
            status, _, _ = self.skein("try", "job.yaml", stdout=full)
        self.assertEqual(status, 4)

    # --- check ---

    def test_check_counts_what_is_broken_doubled_and_blank(self):
        self.serve()
        self.job_of('{"q": "a"}\n\n{"x": "b"}\n{bad\n{"q": "a"}\n{"q": "c"}\n{"q": "a"}\n')
        out, _ = self.checked()
        self.assertIn("in.jsonl, jsonl: 6 rows (1 blank line left out)", out)
        self.assertIn("2 cannot be asked; 2 requests are the same as that of an earlier row", out)
        self.assertIn("1 (line-3): input line 3: it has no field `q`; it has: x", out)
        self.assertIn("1 (line-4): input line 4: it is not valid JSON", out)
        self.job_of("name,q\nx,1\ny,2\n", name="in.csv")
        self.assertIn("in.csv, csv, cut at ',' with the columns name, q: 2 rows", self.checked()[0])

    def test_check_says_that_all_requests_are_the_same(self):
        self.serve()
        self.job_of(["a", "b"], request='{messages: [{role: user, content: "hello"}]}')
        self.assertIn("ALL REQUESTS ARE THE SAME", self.checked()[0])
        self.job_of(["a"], request='{messages: [{role: user, content: "{{ q }}"}]}')
        self.assertNotIn("THE SAME", self.checked()[0])

    def test_check_estimates_tokens_and_cost_of_the_rows_that_would_be_asked(self):
        self.serve()
        prices = ", input_price: 4, output_price: 8"
        self.job_of(["x" * 400] * 3 + ["y" * 400], prices=prices)
        out, _ = self.checked()
        tokens = (len('"messages":[{"role":"user","content":""}],"max_tokens":50') + 400 + 3) // 4 * 4
        self.assertIn(f"tokens    about {tokens} in, a token for every 4 bytes; at most 200 out, by max_tokens", out)
        self.assertIn(f"cost      at most about {(tokens * 4 + 200 * 8) / 1e6:.6f}, by the prices of main", out)
        self.run_job()
        out, _ = self.checked_again()
        self.assertNotIn("tokens  ", out)
        self.job_of(["x" * 400] * 3 + ["y" * 400, "new"], prices=prices)
        out, _ = self.checked_again()
        self.assertIn("at most 50 out, by max_tokens", out)
        self.job_of(["a"], request='{messages: [{role: user, content: "{{ q }}"}]}')
        (self.folder / "out.jsonl").unlink()
        (self.folder / "out.jsonl.journal").unlink()
        out, _ = self.checked_again()
        self.assertIn("no request sets max_tokens", out)
        self.assertIn("no endpoint has prices", out)

    def test_check_estimates_answers_by_the_limit_of_the_endpoint_where_a_row_has_none(self):
        self.serve()
        self.job_of(["a", "b"], request='{messages: [{role: user, content: "{{ q }}"}], n: 3}',
                    prices=", max_tokens: 70")
        self.assertIn("at most 420 out, by max_tokens\n", self.checked()[0])
        self.job_of(["a", "b"], prices=", max_tokens: 70")
        self.assertIn("at most 100 out, by max_tokens\n", self.checked()[0])

    def checked_again(self):
        self.server.asked.clear()
        return self.checked()

    def test_check_names_members_of_whole_requests_that_are_probably_misspelt(self):
        self.serve()
        row = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions",
               "body": {"messages": [{"role": "user", "content": "x"}], "temprature": 0.1}}
        self.job_of(json.dumps(row) + "\n", request="")
        self.assertIn("1 row has `temprature` (did you mean `temperature`?)", self.checked()[0])

    def test_check_of_many_rows_looks_at_the_first_and_reckons_with_all(self):
        self.serve()
        self.job_of([f"{i:06}" for i in range(100_010)])
        out, _ = self.checked()
        self.assertIn("of the first 100000: none broken", out)
        self.assertIn(f"at most {100_010 * 50} out", out)


if __name__ == "__main__":
    harness.main()
