"""Every form of output holds every row in its order, and a run that was killed and went on gives the same
bytes as an undisturbed one."""
import csv
import io
import json
import os
import random
import signal
import subprocess

import harness
from preload import Preload

ROWS = 120
KILLS = int(os.environ.get("SKEIN_KILLS", "6"))
WEATHER = """
latency: {uniform: {from: 1ms, to: 10ms}}
faults:
  - {fault: status, status: 500, contains: "=1", first_attempts: 1}
  - {fault: status, status: 400, contains: back}
"""
LIMITS = """
limits: {in_flight: 16, attempts: 8}
backoff: {base: 1ms, max: 5ms}
"""
COLUMNS = "{why: error, answer: text, first: \"json.a[0]\", key: row.custom_id, q: row.question, tokens: output_tokens}"
FORMS = {
    "openai-batch": {},
    "jsonl": {},
    "jsonl of columns": {"format": "jsonl", "columns": COLUMNS},
    "csv": {},
    "csv of columns": {"format": "csv", "columns": COLUMNS},
    "text": {},
}


def questions():
    """Texts that try every form: line ends, quotes, JSON in fences."""
    texts = ['a, "b"\n\nc\r\nd', "```json\n{\"a\": [7, 8]}\n```", '{"a": ["x, y"]}', "=1+1", "back\\slash", "", "ü€𝄞"]
    for i in range(1, ROWS + 1):
        yield {"custom_id": f"row-{i}", "question": f"echo:{texts[i % len(texts)]}"}


class Formats(harness.Case):
    def form(self, mock, name, **more):
        wanted = {"format": name, **FORMS[name], **more}
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in questions()))
        self.job(mock.url, LIMITS, **wanted)

    def bytes(self):
        return (self.folder / "out.jsonl").read_bytes()

    def clear(self):
        for path in self.folder.glob("out.jsonl*"):
            path.unlink()

    def undisturbed(self, mock, name, **more):
        self.form(mock, name, **more)
        self.run_job(expect=(0, 1))
        wanted = self.bytes()
        self.clear()
        return wanted

    def test_killed_in_any_form_the_bytes_are_those_of_an_undisturbed_run(self):
        mock = self.mock(WEATHER)
        rng = random.Random(8)
        for name in FORMS:
            with self.subTest(name):
                wanted = self.undisturbed(mock, name)
                for _ in range(KILLS):
                    process = self.start("run", "job.yaml", stderr=subprocess.DEVNULL)
                    try:
                        process.wait(rng.expovariate(1 / 0.05))
                    except subprocess.TimeoutExpired:
                        process.send_signal(signal.SIGKILL)
                    process.communicate()
                self.run_job(expect=(0, 1))
                self.assertEqual(self.bytes(), wanted)
                self.clear()

    def test_killed_between_the_steps_that_name_the_output(self):
        mock = self.mock()
        for name in ("csv of columns", "text"):
            wanted = self.undisturbed(mock, name)
            for call, times in (("fsync", 1), ("fdatasync", 1), ("rename", 1)):
                with self.subTest(name, call=call):
                    preload = Preload(self, fate=f"{call} {times} {signal.SIGKILL.value}")
                    status, _, err = self.skein("run", "job.yaml", env=preload.environment)
                    self.assertEqual(status, -signal.SIGKILL, err)
                    self.assertFalse((self.folder / "out.jsonl").exists())
                    self.run_job()
                    self.assertEqual(self.bytes(), wanted)
                    self.clear()

    def test_a_part_that_ends_within_the_header_is_begun_anew(self):
        mock = self.mock()
        wanted = self.undisturbed(mock, "csv")
        for part in (b"i", b"id,te", b'id,text,error\nrow-1,"a'):
            self.write("out.jsonl.part", part)
            self.run_job()
            self.assertEqual(self.bytes(), wanted)
            self.clear()

    def test_csv_is_what_a_reader_of_csv_reads(self):
        mock = self.mock(WEATHER)
        wanted = self.undisturbed(mock, "openai-batch")
        lines = [json.loads(line) for line in wanted.splitlines()]
        self.form(mock, "csv of columns")
        _, err = self.run_job(expect=1)
        records = list(csv.DictReader(io.StringIO(self.bytes().decode(), newline="")))
        self.assertEqual(len(records), ROWS)
        for record, line, row in zip(records, lines, questions(), strict=True):
            self.assertEqual((record["key"], record["q"]), (row["custom_id"], row["question"]))
            self.assertEqual(line["custom_id"], row["custom_id"])
            if line["error"]:
                self.assertEqual((record["answer"], record["tokens"]), ("", ""))
                self.assertEqual(record["why"], f"{line['error']['code']}: {line['error']['message']}")
            else:
                self.assertEqual(record["why"], "")
                text = line["response"]["body"]["choices"][0]["message"]["content"]
                self.assertEqual(record["answer"], text)
                first = {1: "7", 2: "x, y"}.get(int(row["custom_id"][4:]) % 7, "")
                self.assertEqual(record["first"], first)
        failed = sum(1 for line in lines if line["error"])
        self.assertGreater(failed, 0)
        self.assertEqual(self.reported(err, "(?:rows )?failed"), failed)

    def test_texts_are_one_line_for_each_row(self):
        mock = self.mock()
        lines = self.undisturbed(mock, "text").decode().split("\n")
        self.assertEqual(lines.pop(), "")
        had = [line.replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")
               for line in lines]
        self.assertEqual(had, [row["question"].removeprefix("echo:") for row in questions()])

    def test_rows_in_the_order_of_completion_and_at_a_pipe(self):
        mock = self.mock(WEATHER)
        for name in ("csv", "jsonl"):
            wanted = self.undisturbed(mock, name)
            self.form(mock, name, order="completion")
            self.run_job(expect=(0, 1))
            if name == "csv":
                self.assertTrue(self.bytes().startswith(b"id,text,error\n"))
            self.assertEqual(sorted(self.bytes()), sorted(wanted))
            self.clear()
            self.form(mock, name, file='"-"')
            self.assertEqual(self.run_job(expect=(0, 1))[0], wanted.decode())

    def test_another_form_or_other_columns_are_another_job(self):
        mock = self.mock(WEATHER)
        self.form(mock, "csv of columns")
        self.run_job(expect=1)
        for change in ({"format": "jsonl"}, {"columns": "{a: text}"}, {"format": "openai-batch", "columns": "{}"}):
            self.form(mock, "csv of columns", **change)
            status, _, err = self.skein("run", "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertIn("of another job: the output.format was", err)
        self.form(mock, "csv of columns")
        before = self.bytes().count(b",,,,")
        mock.change("seed: 1\n")
        self.run_job("--retry-failed")
        self.assertIn(b"why,answer,first,key,q,tokens\n", self.bytes())
        self.assertNotIn(b"rejected", self.bytes())
        self.assertGreaterEqual(before, 0)

    def test_what_does_not_fit_is_refused_at_its_place(self):
        self.rows(1)
        for output, words in (
                ({"format": "cvs"}, "one of openai-batch"),
                ({"columns": "{a: text}"}, "output.columns are for output.format jsonl and csv"),
                ({"format": "csv", "columns": "{a: txt}"}, "a column must be one of text"),
                ({"format": "csv", "columns": "{a: json.}"}, "its path is not like json.a.b"),
                ({"format": "csv", "columns": "[text]"}, "a mapping of names to sources"),
                ({"format": "csv", "columns": "{error: text}"}, "the column `error` says why"),
                ({"format": "csv", "keep": "[a]"}, "has no place for kept fields"),
                ({"format": "csv", "body": "native"}, "holds no bodies"),
                ({"format": "anthropic-batch"}, "holds answers of api: anthropic only"),
                ({"body": "nativ"}, "one of chat, native")):
            with self.subTest(words):
                self.job("http://127.0.0.1:1/v1", **output)
                status, _, err = self.skein("run", "job.yaml")
                self.assertEqual(status, 2, err)
                self.assertIn(words, err)
                self.assertRegex(err, r"job\.yaml:\d+:\d+: ")

    def test_a_column_of_a_field_that_a_csv_has_not_is_refused(self):
        self.write("rows.csv", "question,label\nhi,x\n")
        path = self.job("http://127.0.0.1:1/v1", format="csv", columns="{l: row.lable}")
        path.write_text(path.read_text().replace("rows.jsonl", "rows.csv"))
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 2, err)
        self.assertIn("the input has no field `lable`; it has: question, label", err)


if __name__ == "__main__":
    harness.main()
