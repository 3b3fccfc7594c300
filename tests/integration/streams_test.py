"""Rows from wherever they come, replies to wherever they go: files of every format, standard input and
standard output, and readers that go away."""
import json
import os
import shutil
import subprocess
import unittest

import harness
from preload import Preload

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Streams(harness.Case):
    def echo_job(self, url, input_file="'-'", output_file="'-'", extra="", said="{{ text }}"):
        """A job whose replies repeat what was said."""
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{url}", model: small}}]
input: {{file: {input_file}}}
request: {{messages: [{{role: user, content: "echo:{said}"}}]}}
output: {{file: {output_file}, timings: false}}
{extra}
""")

    def said(self, lines):
        return [line["response"]["body"]["choices"][0]["message"]["content"] for line in lines]

    def run_with(self, data, *arguments, expect=0):
        """Gives the data on standard input; what comes back is lines of JSON and nothing else."""
        process = self.start("run", "job.yaml", *arguments, stdin=subprocess.PIPE)
        out, err = process.communicate(data, timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, expect, err.decode())
        return [json.loads(line) for line in out.decode().splitlines()], err.decode()

    def of_file(self, name, data, *arguments, said="{{ text }}", extra="", expect=0):
        """The output lines of a file with this content."""
        self.write(name, data)
        self.echo_job(self.mock().url, name, "out.jsonl", extra, said)
        self.run_job("--overwrite", *arguments, expect=expect)
        return self.output()

    def test_from_standard_input_to_standard_output_in_order(self):
        self.echo_job(self.mock("latency: {uniform: {from: 0ms, to: 20ms}}\n").url)
        texts = [f"line number {i}" for i in range(300)]
        lines, err = self.run_with("\n".join(texts).encode())
        self.assertEqual(self.said(lines), texts)
        self.assertEqual([line["skein"]["seq"] for line in lines], list(range(1, 301)))
        self.assertIn("run complete", err)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["job.yaml"], "nothing is left")

    def test_in_the_order_of_completion_all_are_there(self):
        self.echo_job(self.mock("latency: {uniform: {from: 0ms, to: 20ms}}\n").url)
        texts = [f"line number {i}" for i in range(300)]
        lines, _ = self.run_with("\n".join(texts).encode(), "--set", "output.order=completion")
        self.assertNotEqual(self.said(lines), texts)
        self.assertEqual(sorted(self.said(lines)), sorted(texts))

    def test_a_reply_leaves_while_the_input_is_still_open(self):
        self.echo_job(self.mock().url)
        process = self.start("run", "job.yaml", stdin=subprocess.PIPE)
        self.addCleanup(process.kill)
        for text in ("first", "second"):
            process.stdin.write(text.encode() + b"\n")
            process.stdin.flush()
            self.assertEqual(self.said([json.loads(process.stdout.readline())]), [text])
        process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 0)

    def test_a_reader_that_goes_away_ends_the_run(self):
        mock = self.mock("latency: 2ms\n")
        rows = 20_000
        self.write("lines.txt", "".join(f"line number {i}\n" for i in range(rows)))
        self.echo_job(mock.url, "lines.txt", extra="limits: {in_flight: 4}")
        process = self.start("run", "job.yaml")
        self.addCleanup(process.kill)
        first = process.stdout.readline()
        before = mock.ledger()["requests"]
        process.stdout.close()
        err = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(harness.PATIENCE), 4, err)
        self.assertEqual(self.said([json.loads(first)]), ["line number 0"])
        self.assertIn("the reader of standard output went away", err)
        self.assertLess(mock.ledger()["requests"] - before, 500)

    def test_a_full_disk_behind_standard_output_is_no_success(self):
        mock = self.mock()
        self.echo_job(mock.url)
        with open("/dev/full", "wb") as full:
            process = self.start("run", "job.yaml", stdin=subprocess.PIPE, stdout=full)
            _, err = process.communicate(b"one\ntwo\nthree\n", timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 4, err.decode())
        self.assertIn("No space left", err.decode())

    def test_a_standard_stream_that_is_closed_is_an_error_and_no_wait(self):
        mock = self.mock()
        self.write("lines.txt", "one\ntwo\n")
        for closed, files in ((0, ("'-'", "out.jsonl")), (1, ("lines.txt", "'-'"))):
            with self.subTest(descriptor=closed):
                self.echo_job(mock.url, *files)
                process = self.start("run", "job.yaml", preexec_fn=lambda: os.close(closed))
                try:
                    _, err = process.communicate(timeout=10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    _, err = process.communicate()
                self.assertIn(process.returncode, (2, 4), err.decode())

    def test_an_id_that_comes_twice_on_a_stream_is_asked_once(self):
        mock = self.mock()
        self.echo_job(mock.url)
        rows = [json.dumps({"custom_id": i, "text": i}) for i in ("a", "b", "a")]
        lines, _ = self.run_with("\n".join(rows).encode(), expect=1)
        self.assertEqual([line["custom_id"] for line in lines], ["a", "b", "a"])
        self.assertEqual(lines[2]["error"]["code"], "bad_input")
        self.assertEqual(mock.ledger()["requests"], 2)

    def test_empty_lines_are_no_rows_and_lines_keep_their_numbers(self):
        lines = self.of_file("lines.txt", "\none\n\n  \ntwo\n\n\nthree")
        self.assertEqual(self.said(lines), ["one", "two", "three"])
        self.assertEqual([line["skein"]["seq"] for line in lines], [2, 5, 8])
        self.assertEqual([line["custom_id"] for line in lines], ["line-2", "line-5", "line-8"])

    def test_a_file_from_another_system(self):
        lines = self.of_file("lines.txt", BYTE_ORDER_MARK + b"one\r\ntwo\r\n")
        self.assertEqual(self.said(lines), ["one", "two"])
        rows = b'{"text": "one"}\r\n{"text": "two"}\r\n'
        self.assertEqual(self.said(self.of_file("rows.jsonl", BYTE_ORDER_MARK + rows)), ["one", "two"])
        table = b"id,text\r\n1,one\r\n2,two\r\n"
        self.assertEqual(self.said(self.of_file("rows.csv", BYTE_ORDER_MARK + table)), ["one", "two"])

    def test_text_is_taken_as_it_stands(self):
        texts = ['{"text": "no JSON"}', 'quo"tes\\', "{{ text }}", "Füße, 糸, 🧶", "\ttab"]
        lines = self.of_file("lines.txt", "\n".join(texts) + "\n")
        self.assertEqual(self.said(lines), texts)

    def test_a_table(self):
        table = 'name,text\nplain,one\n"a, comma","two ""quoted"" words"\nlines,"three\nfour"\n'
        lines = self.of_file("rows.csv", table, said="{{ name }}: {{ text }}")
        self.assertEqual(
            self.said(lines), ["plain: one", 'a, comma: two "quoted" words', "lines: three\nfour"])

    def test_a_record_with_a_field_too_few_fails_alone(self):
        lines = self.of_file("rows.csv", "name,text\na,one\nb\nc,three\n", expect=1)
        self.assertEqual([line["error"] and line["error"]["code"] for line in lines],
                         [None, "bad_input", None])

    def test_whole_requests_of_three_kinds(self):
        mock = self.mock()
        asked = {
            "/v1/chat/completions": {"messages": [{"role": "user", "content": "echo:hello"}]},
            "/v1/completions": {"prompt": "echo:hello"},
            "/v1/embeddings": {"input": "hello", "dimensions": 3},
        }
        rows = [json.dumps({"custom_id": url, "method": "POST", "url": url,
                            "body": {"model": "of the row", **body}}) for url, body in asked.items()]
        self.write("batch.jsonl", "\n".join(rows))
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{mock.url}"}}]
input: {{file: batch.jsonl, format: openai-batch}}
output: {{file: out.jsonl}}
""")
        self.run_job()
        output = self.output()
        self.assertEqual([line["custom_id"] for line in output], list(asked))
        self.assertEqual({entry["path"] for entry in mock.entries()}, set(asked))
        chat, text, embedding = (line["response"]["body"] for line in output)
        self.assertEqual(chat["choices"][0]["message"]["content"], "hello")
        self.assertEqual(text["choices"][0]["text"], "hello")
        self.assertEqual(len(embedding["data"][0]["embedding"]), 3)
        self.assertEqual(chat["model"], "of the row")

    def test_nothing_to_ask_is_a_success(self):
        for name, data in (("lines.txt", ""), ("rows.jsonl", "\n\n"), ("rows.csv", "name,text\n")):
            with self.subTest(name):
                self.assertEqual(self.of_file(name, data), [])
        self.echo_job(self.mock().url)
        lines, _ = self.run_with(b"")
        self.assertEqual(lines, [])

    def test_no_folder_for_temporary_files_is_said(self):
        self.echo_job("mock:")
        status, _, err = self.skein("run", "job.yaml", env={**os.environ, "TMPDIR": "/nonexistent"})
        self.assertEqual(status, 2, err)
        self.assertIn("TMPDIR", err)

    def test_writes_that_are_interrupted_or_half_done_lose_no_byte(self):
        mock = self.mock()
        self.rows(50)
        self.job(mock.url)
        self.run_job()
        wanted = (self.folder / "out.jsonl").read_bytes()
        preload = Preload(self, writes="badly")
        bad = preload.environment
        status, _, err = self.skein("run", "job.yaml", "--overwrite", env=bad)
        self.assertEqual(status, 0, err)
        self.assertEqual((self.folder / "out.jsonl").read_bytes(), wanted)
        self.job(mock.url, file="'-'")
        status, out, err = self.skein("run", "job.yaml", env=bad)
        self.assertEqual(status, 0, err)
        self.assertEqual(out.encode(), wanted)
        self.assertGreater(preload.asked()["write"], 4)

    @unittest.skipUnless(shutil.which("strace"), "no strace here")
    def test_a_disk_that_did_not_take_it_is_no_success(self):
        mock = self.mock()
        self.rows(3)
        self.job(mock.url)
        process = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
             "-e", "inject=fdatasync:error=EIO:when=1", harness.SKEIN, "run", "job.yaml"],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.PATIENCE,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"},  # It cannot look while traced.
        )
        if b"ptrace" in process.stderr:
            self.skipTest("tracing is not allowed here")
        self.assertEqual(process.returncode, 4, process.stderr)
        self.assertFalse((self.folder / "out.jsonl").exists())


if __name__ == "__main__":
    harness.main()
