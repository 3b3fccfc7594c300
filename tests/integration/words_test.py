"""What skein says: of a job file with mistakes, of what is there already, and of what went wrong."""
import os
import pty
import re

import harness

REFUSE_SOME = "faults: [{fault: status, status: 400, contains: What is 3 and, body: '{\"error\":{\"message\":\"no 3s here\"}}'}]"


class JobFiles(harness.Case):
    def test_all_mistakes_are_told_at_once_each_on_a_line_with_its_place(self):
        self.rows(3)
        self.job("http://127.0.0.1:9/v1/chat/completions", "limits: {in_flight: 0}\ntimeouts: {conect: 5s}")
        for command in ("check", "run"):
            status, _, err = self.skein(command, "job.yaml")
            self.assertEqual(status, 2, err)
            lines = err.splitlines()
            self.assertEqual(len(lines), 3, err)
            self.assertRegex(lines[0], r"^skein: job\.yaml:4:15: .*write http://127\.0\.0\.1:9/v1 without /chat/comp")
            self.assertRegex(lines[1], r"^skein: job\.yaml:10:\d+: in_flight must be")
            self.assertRegex(lines[2], r"^skein: job\.yaml:11:\d+: unknown key 'conect'.*'connect'")

    def test_what_is_probably_not_meant_is_warned_of_by_check_and_run(self):
        self.rows(3)
        path = self.job("mock:")
        path.write_text(path.read_text().replace("{{ question }}", "{question}").replace("role:", "roel:")
                        .replace("request:\n", "request:\n  temprature: 0\n"))
        for command in ("check", "run"):
            status, _, err = self.skein(command, "job.yaml")
            self.assertIn("job.yaml:8:3: 'temprature'", err)
            self.assertIn("did you mean 'temperature'?", err)
            self.assertIn("did you mean 'role'?", err)
            self.assertRegex(err, r"job\.yaml:9:\d+: `\{question\}` is sent as it stands.*\{\{ question \}\}")
            self.assertIn("so all 3 requests are the same; the input has: custom_id, question", err)

    def test_a_place_that_is_wrong_is_told_with_its_line(self):
        self.write("rows.csv", "question\nWhat?\n")
        path = self.job("mock:")
        path.write_text(path.read_text().replace("rows.jsonl", "rows.csv").replace("{{ question }}", "{{ qestion }}"))
        for command in ("check", "run"):
            status, _, err = self.skein(command, "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertRegex(err, r"^skein: job\.yaml:8:\d+: the input has no field `qestion`; it has: question; "
                                  r"did you mean `question`\?")

    def test_every_job_file_of_configs_passes_check_on_a_fresh_clone(self):
        configs = harness.pathlib.Path(__file__).parents[2] / "configs"
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("SKEIN_") and name != "MAIN_API_KEY"}
        for config in sorted(configs.glob("*.yaml")):
            with self.subTest(config.name):
                # As in a clone: what was built or run beside this one is not there.
                copy = self.folder / "clone" / "configs"
                copy.mkdir(parents=True, exist_ok=True)
                for file in configs.iterdir():
                    (copy / file.name).write_bytes(file.read_bytes())
                status, _, err = self.skein("check", str(copy / config.name), env=environment)
                self.assertEqual(status, 0, err)


class WhatIsThere(harness.Case):
    def earlier(self, *arguments):
        status, out, err = self.skein("check", "job.yaml", *arguments)
        self.assertEqual(status, 0, err)
        return re.search(r"^  earlier   (.*)$", out, re.M)[1], out

    def test_check_and_run_tell_the_same_from_the_first_run_to_the_last(self):
        mock = self.mock(REFUSE_SOME)
        self.rows(8)
        self.job(mock.url)
        self.assertEqual(self.earlier()[0], "none")
        self.run_job(expect=1)
        story, out = self.earlier()
        self.assertEqual(story, "complete already: 8 rows are done, 1 of them failed; nothing is left to ask "
                                "(--retry-failed asks again what failed)")
        self.assertIn("8 rows, none of them left to ask", out)
        _, err = self.run_job(expect=1)
        self.assertIn(story, err)
        story, out = self.earlier("--retry-failed")
        self.assertEqual(story, "resumed: 8 rows are done, 1 of them failed; 1 is left to ask, those that failed "
                                "among them")
        self.assertIn("8 rows, 1 of them left to ask, so 1 request if all goes well; a row that fails is asked "
                      "4 times, and again whenever it was told to wait", out)
        self.assertEqual(self.earlier("--retry-failed", "--overwrite")[0], story)
        self.assertEqual(self.earlier("--overwrite")[0],
                         "replaced because of overwrite: the result of an earlier run")
        mock.change("seed: 1\n")
        mock.forget()
        _, err = self.run_job("--retry-failed", "--overwrite")
        self.assertIn(story, err)
        self.assertEqual(mock.ledger()["requests"], 1, "what has an answer is not asked again")
        self.assertEqual([line["error"] for line in self.output()], [None] * 8)

    def test_a_journal_of_another_job_is_refused_or_replaced_by_both(self):
        self.rows(4)
        self.job("mock:")
        self.run_job()
        (self.folder / "out.jsonl").unlink()
        self.job("mock:", timings="true")
        for command in ("check", "run"):
            status, _, err = self.skein(command, "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertIn("is of another job: the setting of timings was 'off', now it is 'on'", err)
        story, _ = self.earlier("--overwrite")
        self.assertIn("replaced because of overwrite: the journal out.jsonl.journal is of another job", story)
        _, err = self.run_job("--overwrite")
        self.assertIn(story, err)

    def test_the_folder_of_the_output_is_made(self):
        self.rows(2)
        self.job("mock:", file="deep/er/out.jsonl")
        self.assertIn("its folder will be made", self.earlier()[1])
        self.run_job()
        self.assertEqual(len(self.output("deep/er/out.jsonl")), 2)
        self.job("mock:", file="rows.jsonl/out.jsonl")
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 2)
        self.assertIn("Not a directory", err)


class Reports(harness.Case):
    def test_a_report_tells_what_failed_why_and_what_to_type(self):
        self.rows(8)
        with open(self.folder / "rows.jsonl", "a", encoding="utf-8") as rows:
            rows.write('{"custom_id": "none"}\n')
        self.job(self.mock(REFUSE_SOME).url)
        _, err = self.run_job("--set", "limits.in_flight=4", expect=1)
        self.assertIn("2 failed (1 of them could not be asked)", err)
        self.assertIn("2 rows failed:", err)
        self.assertIn("1 rejected (row-3): HTTP 400: no 3s here", err)
        self.assertIn("1 bad_input (none): input line 9: it has no field `question`; it has: custom_id", err)
        self.assertIn("to ask them again: skein run job.yaml --set limits.in_flight=4 --retry-failed", err)
        _, quiet = self.run_job("-q", "--retry-failed", expect=1)
        self.assertTrue(quiet.startswith("skein:  2 of 9 rows failed:\n"), quiet)
        self.assertIn("1 rejected (row-3): HTTP 400: no 3s here", quiet)
        _, again = self.run_job("-q", expect=1)
        self.assertEqual(again, quiet, "as the journal tells it")

    def test_a_quiet_run_that_is_stopped_says_why(self):
        self.rows(300)
        self.job(self.mock("faults: [{fault: status, status: 400}]").url,
                 "limits: {in_flight: 2, max_failures: 1%, same_refusals: 0}")
        _, err = self.run_job("-q", expect=3)
        self.assertIn("100 of 100 rows failed, and limits.max_failures is 1%", err)
        self.assertIn("HTTP 400", err)

    def test_answers_that_were_cut_off_are_counted(self):
        self.rows(5)
        path = self.job(self.mock().url)
        path.write_text(path.read_text().replace("request:\n", "request:\n  max_tokens: 1\n"))
        _, err = self.run_job()
        self.assertIn("5 of 5 answers were cut off by max_tokens (finish_reason length)", err)

    def test_a_resumed_job_tells_of_all_its_runs(self):
        mock = self.mock(REFUSE_SOME)
        self.rows(8)
        self.job(mock.url)
        _, first = self.run_job(expect=1)
        used = self.reported(first, "tokens in")
        mock.change("seed: 1\n")
        _, err = self.run_job("--retry-failed")
        found = re.search(r"all runs: 8 of 8 rows answered, ([\d ]+) tokens in", err)
        self.assertTrue(found, err)
        self.assertGreater(int(found[1].replace(" ", "")), used)

    def test_a_report_is_no_wider_than_the_terminal(self):
        self.rows(8)
        self.job(self.mock(REFUSE_SOME).url)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        harness.subprocess.run(["stty", "cols", "60"], stdin=slave, check=True)
        process = self.start("run", "job.yaml", stdout=harness.subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        heard = self.all_of_terminal(master)
        self.assertEqual(process.wait(harness.PATIENCE), 1)
        report = heard.decode().split("run complete")[1].splitlines()[1:]
        self.assertGreater(len(report), 5)
        self.assertLessEqual(max(len(line) for line in report), 60, report)

    def test_a_line_has_the_time_of_the_attempt_that_answered(self):
        mock = self.mock("latency: 50ms\nfaults: [{fault: status, status: 503, count: 1}]")
        self.rows(1)
        self.job(mock.url, timings="true")
        self.run_job()
        facts = self.output()[0]["skein"]
        self.assertEqual(facts["attempts"], 2)
        self.assertGreaterEqual(facts["attempt_ms"], 50)
        self.assertLess(facts["attempt_ms"], facts["total_ms"] - facts["queue_ms"])


if __name__ == "__main__":
    harness.main()
