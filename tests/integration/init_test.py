"""`skein init` writes a job that passes `skein check` and runs as it is; `skein schema` prints what editors read."""
import json
import pathlib
import stat

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNNABLE = ("csv", "text", "chat", "embeddings", "batch")


class Init(harness.Case):
    def init(self, *arguments, expect=0):
        status, out, err = self.skein("init", *arguments)
        self.assertEqual(status, expect, out + err)
        return out if expect == 0 else err

    def run_as_written(self):
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual((status, err), (0, ""), out)
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 0, err)

    def lines(self, file):
        return (self.folder / file).read_text(encoding="utf-8").splitlines()

    def test_each_kind_runs_as_it_is_written(self):
        base = self.folder
        for kind in RUNNABLE:
            with self.subTest(kind):
                self.folder = base / kind
                self.folder.mkdir()
                out = self.init(kind)
                self.assertIn("skein check job.yaml", out)
                self.run_as_written()
                self.assertEqual(self.lines("job.yaml")[0], "# yaml-language-server: $schema=job.schema.json")
        self.assertEqual(self.lines("../csv/labels.csv")[0], "id,review,label,error")
        self.assertEqual(len(self.lines("../csv/labels.csv")), 4)
        self.assertEqual(len(self.lines("../text/answers.txt")), 3)
        vector = json.loads(self.lines("../embeddings/vectors.jsonl")[0])
        self.assertTrue(vector["response"]["body"]["data"][0]["embedding"])
        self.assertEqual([json.loads(line)["custom_id"] for line in self.lines("../chat/replies.jsonl")],
                         ["line-1", "line-2", "line-3"])

    def test_a_job_for_a_local_model_says_what_is_missing(self):
        self.init("local")
        status, _, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 2)
        self.assertRegex(err, r"job\.yaml:\d+:\d+: |local\.engine: there is no program llama-server")

    def test_a_file_of_rows_says_its_kind_and_its_fields(self):
        self.write("my data.csv", "no;the text;stars\n7;a long text to ask about;5\n")
        self.init("my data.csv")
        job = (self.folder / "job.yaml").read_text(encoding="utf-8")
        self.assertIn('file: "my data.csv"', job)
        self.assertIn('content: "{{ the text }}"', job)
        self.run_as_written()
        self.assertEqual(self.lines("labels.csv")[0], "no,the text,label,error")
        self.assertFalse((self.folder / "reviews.csv").exists())

    def test_a_file_of_rows_stands_where_it_stands_seen_from_the_job(self):
        (self.folder / "data").mkdir()
        (self.folder / "jobs").mkdir()
        self.write("data/rows.jsonl", '{"id": 1, "text": "a question"}\n')
        self.init("data/rows.jsonl", "-o", "jobs/one.yaml")
        self.assertIn("file: ../data/rows.jsonl", (self.folder / "jobs/one.yaml").read_text(encoding="utf-8"))
        status, _, err = self.skein("check", "jobs/one.yaml")
        self.assertEqual(status, 0, err)

    def test_a_field_that_no_placeholder_can_name_is_left_out(self):
        self.write("rows.csv", 'a|b,"c ""d""",e\nlong long text,long long text,x\n')
        self.init("rows.csv")
        self.assertIn('content: "{{ e }}"', (self.folder / "job.yaml").read_text(encoding="utf-8"))
        self.run_as_written()

    def test_a_field_with_a_name_that_yaml_takes_for_a_value_is_a_name(self):
        self.write("rows.csv", "null,true,no\n1,2,long text\n")
        self.init("rows.csv")
        self.run_as_written()
        self.assertEqual(self.lines("labels.csv")[0], "null,no,label,error")

    def test_what_is_there_is_kept(self):
        self.write("job.yaml", "mine")
        err = self.init("csv", expect=2)
        self.assertIn("job.yaml exists; give -o another name", err)
        self.assertEqual((self.folder / "job.yaml").read_text(encoding="utf-8"), "mine")
        self.write("reviews.csv", "id,review\n1,mine\n")
        self.init("csv", "-o", "other.yaml")
        self.assertEqual(self.lines("reviews.csv"), ["id,review", "1,mine"])

    def test_what_cannot_be_meant_is_refused(self):
        self.assertIn("'cvs' is no file here, and no kind of job; did you mean 'csv'?", self.init("cvs", expect=2))
        self.assertIn("it can be: csv, text, chat, embeddings, batch, local", self.init("spreadsheet", expect=2))
        self.write("empty.csv", "")
        self.init("empty.csv", expect=2)
        self.assertIn("skein: cannot read none.csv: No such file", self.init("csv", "none.csv", expect=2))
        self.write("broken.jsonl", "\xff\x00 no json")
        self.init("broken.jsonl", expect=2)
        self.assertFalse((self.folder / "job.yaml").exists())

    def test_a_folder_that_takes_no_file_is_told(self):
        err = self.init("csv", "-o", "nowhere/job.yaml", expect=4)
        self.assertIn("nowhere/job.yaml cannot be written: No such file or directory", err)

    def test_the_schema_is_that_of_the_documents(self):
        status, out, _ = self.skein("schema")
        self.assertEqual(status, 0)
        self.assertEqual(out, (ROOT / "docs" / "job.schema.json").read_text(encoding="utf-8"))
        self.init("text")
        written = self.folder / "job.schema.json"
        self.assertEqual(written.read_text(encoding="utf-8"), out)
        self.assertFalse(written.stat().st_mode & stat.S_IWOTH)


if __name__ == "__main__":
    harness.main()
