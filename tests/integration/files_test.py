"""Files as people have them: CSV of any delimiter and encoding, packed files, and files that are no prompts at
all. What Python's csv and gzip read is what is asked; what cannot be read costs no request."""
import bz2
import csv
import gzip
import io
import itertools
import json
import lzma
import pickle
import random
import shutil
import sqlite3
import subprocess
import tarfile
import unittest
import zipfile

import harness

MOST_MEMORY = (600 if harness.TSAN else 320 if harness.ASAN else 150) * 1024  # kB.
TEXTS = ["plain", "", "a, b; c | d", 'say "hi"', "two\r\nlines", " spaces ", "Größe – 5 €", "tab\there"]


def packed_twice(data):
    """Two members, as a log that was appended to has them."""
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:])


class Files(harness.Case):
    def files_job(self, url, name, field="q", extra_input="", output="keep: all"):
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{url}", model: small}}]
input: {{file: "{name}"{extra_input}}}
request: {{messages: [{{role: user, content: "echo:{{{{ {field} }}}}"}}]}}
output: {{file: out.jsonl, timings: false, {output}}}
""")

    def rows_of(self, *arguments, data=None, expect=0):
        """The rows that the output's lines carry."""
        process = self.start("run", "job.yaml", "--overwrite", *arguments, stdin=subprocess.PIPE)
        _, err = process.communicate(data, timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, expect, err.decode())
        return [line["skein"]["row"] for line in self.output()]

    def refused(self, *arguments, data=None):
        """What is said of a job that sends nothing."""
        process = self.start("run", "job.yaml", "--overwrite", *arguments, stdin=subprocess.PIPE)
        _, err = process.communicate(data, timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 2, err.decode())
        return err.decode()

    def test_csv_of_any_delimiter_and_encoding_is_what_python_reads(self):
        mock = self.mock()
        generator = random.Random(1)
        kinds = itertools.product(",;\t|", ("\r\n", "\n", "\r"), ("utf-8", "utf-8-sig", "utf-16", "cp1252"))
        for delimiter, end, encoding in kinds:
            with self.subTest(delimiter=delimiter, end=end, encoding=encoding):
                text = io.StringIO(newline="")
                writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
                writer.writerow(["id", "q", "the rest"])
                for number in range(8):
                    writer.writerow([number, *generator.choices(TEXTS, k=2)])
                data = text.getvalue().encode(encoding)
                self.write("in.csv.gz", gzip.compress(data))
                setting = ", encoding: windows-1252" if encoding == "cp1252" else ""
                self.files_job(mock.url, "in.csv.gz", extra_input=setting)
                with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as read:
                    expected = list(csv.DictReader(read, delimiter=delimiter))
                self.assertEqual(self.rows_of(), expected)
                said = [line["response"]["body"]["choices"][0]["message"]["content"] for line in self.output()]
                self.assertEqual(said, [row["q"] for row in expected])

    def test_packed_rows_are_read_from_a_file_and_from_standard_input_whatever_they_are_called(self):
        mock = self.mock()
        rows = [{"q": f"question {number}", "n": number} for number in range(5000)]
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        packers = {"gzip": gzip.compress, "gzip of two members": packed_twice}
        if shutil.which("zstd"):
            packers["zstd"] = lambda data: subprocess.run(
                ["zstd", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
        for title, pack in packers.items():
            with self.subTest(title):
                self.write("rows.data", pack(data))
                self.files_job(mock.url, "rows.data")
                self.assertEqual(self.rows_of(), rows)
                self.files_job(mock.url, "-")
                self.assertEqual(self.rows_of(data=pack(data)), rows)

    def test_a_packed_file_that_is_cut_off_or_damaged_sends_nothing_and_says_how_far_it_is(self):
        mock = self.mock()
        whole = gzip.compress("".join(f'{{"q": "question {i}"}}\n' for i in range(100_000)).encode())
        damaged = bytearray(whole)
        damaged[len(whole) // 2] ^= 0xFF
        self.files_job(mock.url, "rows.jsonl.gz")
        for data, words in ((whole[:-200], "stream is cut off, behind line 9"),
                            (bytes(damaged), "stream is damaged"),
                            (whole + b"garbage", "bytes of another kind, behind line 100000")):
            self.write("rows.jsonl.gz", data)
            self.assertIn(words, self.refused())
        self.assertEqual(mock.ledger()["requests"], 0)

    def test_a_killed_run_of_a_packed_file_goes_on(self):
        mock = self.mock("latency: 20ms\n")
        self.write("rows.jsonl.gz", gzip.compress("".join(f'{{"q": "{i}"}}\n' for i in range(2000)).encode()))
        self.files_job(mock.url, "rows.jsonl.gz")
        process = self.start("run", "job.yaml", "--set", "limits.in_flight=16")
        self.addCleanup(process.kill)
        mock.until(lambda ledger: ledger["requests"] > 300)
        process.kill()
        process.communicate()
        self.run_job("--set", "limits.in_flight=500")
        self.assertEqual([line["skein"]["row"]["q"] for line in self.output()], [str(i) for i in range(2000)])
        self.assertLessEqual(mock.ledger()["requests"], 2000 + 16)

    def other_files(self):
        """Files of other kinds, by name, and what each is called."""
        def archive(*names):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as into:
                for name in names:
                    into.writestr(name, "text")
            return file.getvalue()

        database = self.folder / "rows.db"
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE rows (q TEXT)")
        connection.close()
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as into:
            into.add(database, "rows.db")
        return {
            "rows.parquet": (b"PAR1\x15\x04\x15\x00", "a Parquet file"),
            "rows.arrow": (b"ARROW1\0\0", "an Arrow (Feather) file"),
            "rows.orc": (b"ORC\x08\x03\x10\0", "an ORC file"),
            "rows.avro": (b"Obj\x01\x04\x16", "an Avro file"),
            "rows.xlsx": (archive("[Content_Types].xml", "xl/workbook.xml"), "a spreadsheet (xlsx)"),
            "rows.docx": (archive("[Content_Types].xml", "word/document.xml"), "a document (docx)"),
            "rows.xls": (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0", "an old Office file"),
            "rows.zip": (archive("rows.jsonl"), "a zip archive"),
            "rows.npz": (archive("arr_0.npy"), "NumPy arrays"),
            "rows.tar": (tar.getvalue(), "a tar archive"),
            "rows.tar.gz": (gzip.compress(tar.getvalue()), "a tar archive"),
            "rows.bz2": (bz2.compress(b'{"q": 1}\n'), "compressed with bzip2"),
            "rows.xz": (lzma.compress(b'{"q": 1}\n'), "compressed with xz"),
            "rows.7z": (b"7z\xBC\xAF\x27\x1C\0\x04", "a 7z archive"),
            "rows.db": (database.read_bytes(), "an SQLite database"),
            "rows.pkl": (pickle.dumps([1, 2]), "a Python pickle"),
            "rows.npy": (b"\x93NUMPY\x01\0v\0{'descr'", "a NumPy array"),
            "rows.h5": (b"\x89HDF\r\n\x1A\n\0", "an HDF5 file"),
            "rows.pdf": (b"%PDF-1.7\n%\xE2\xE3\n", "a PDF document"),
            "rows.png": (b"\x89PNG\r\n\x1A\n\0", "a picture (PNG)"),
            "rows.xml": (b"<?xml version='1.0'?>\n<q/>\n", "an XML document"),
            "rows.yaml": (b"- q: one\n- q: two\n", "a YAML document"),
            "rows.json": (b'{\n  "q": "one"\n}\n', "a JSON object over several lines"),
            "texts.json": (b'["one", "two"]\n', "a JSON list of texts"),
            "rows.jsonl": (b"version https://git-lfs.github.com/spec/v1\noid\n", "a pointer of Git LFS"),
            "rows.gz": (gzip.compress(gzip.compress(b'{"q": 1}\n')), "packed twice"),
            "rows.bin": (b"some text\nand then\0\x01\x02\n", "a binary file"),
        }

    def test_every_other_kind_of_file_is_refused_by_name_with_what_to_type(self):
        mock = self.mock()
        for name, (data, kind) in self.other_files().items():
            with self.subTest(name):
                self.write(name, data)
                self.files_job(mock.url, name, "text")
                err = self.refused()
                self.assertIn(kind, err)
                self.assertIn(f"{name}", err)
                self.files_job(mock.url, "-", "text")
                if name not in ("rows.yaml",):
                    self.assertIn(kind, self.refused(data=data))
        self.assertEqual(mock.ledger()["requests"], 0)

    def test_what_is_to_be_typed_works(self):
        mock = self.mock()
        self.files_job(mock.url, "rows.jsonl.bz2")
        self.write("rows.jsonl.bz2", bz2.compress(b'{"q": "one"}\n'))
        line = self.refused().partition("pipe them in: ")[2].strip()
        self.assertTrue(line.startswith("bzcat 'rows.jsonl.bz2' | skein run JOB.yaml --set input.file=-"), line)
        if not shutil.which("bzcat"):
            return
        line = line.replace("skein run JOB.yaml", f"'{harness.SKEIN}' run job.yaml --overwrite")
        subprocess.run(["bash", "-c", line], cwd=self.folder, check=True, capture_output=True)
        self.assertEqual(self.output()[0]["skein"]["row"], {"q": "one"})

    def test_a_list_of_objects_is_rows(self):
        mock = self.mock()
        rows = [{"q": f"question {i}", "list": [i, {"x": None}]} for i in range(300)]
        for indent in (None, 2):
            self.write("rows.json", json.dumps(rows, indent=indent))
            self.files_job(mock.url, "rows.json")
            self.assertEqual(self.rows_of(), rows)
        self.write("rows.json", json.dumps(rows, indent=2)[:-50])
        before = mock.ledger()["requests"]
        self.assertIn("the JSON list is cut off: it is never closed", self.refused())
        self.assertEqual(mock.ledger()["requests"], before)

    def test_a_stream_that_stops_being_text_ends_there(self):
        mock = self.mock()
        self.files_job(mock.url, "-", "text")
        good = "".join(f"line {i}\n" for i in range(1, 2001)).encode()
        process = self.start("run", "job.yaml", stdin=subprocess.PIPE)
        _, err = process.communicate(good + b"caf\xE9\nnever sent\n", timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, 4, err.decode())
        self.assertIn("standard input:2001:4: the byte 0xE9 is not UTF-8", err.decode())
        self.assertLessEqual(mock.ledger()["requests"], 2000)
        self.assertNotIn("never sent", (self.folder / "out.jsonl.journal").read_text())

    def test_rows_of_json_that_are_not_utf8_fail_alone_and_are_told_before(self):
        mock = self.mock()
        self.write("rows.jsonl", b'{"q": "one"}\n{"q": "caf\xE9"}\n')
        self.files_job(mock.url, "rows.jsonl")
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 1, err)
        self.assertIn("1 row is not UTF-8 and will fail; the first: rows.jsonl:2:11: the byte 0xE9", err)
        self.assertIn("column 11", self.output()[1]["error"]["message"])
        self.assertEqual(mock.ledger()["requests"], 1)

    def test_fields_are_kept_as_they_came_in_the_order_of_the_row_also_beside_a_fault(self):
        mock = self.mock()
        self.write("rows.jsonl", b'{"b": 1.0, "q": "x", "a": {"z": 12345678901234567890, "y": "\\u00e9"}}\n{"a": 2}\n')
        self.files_job(mock.url, "rows.jsonl", output="keep: [a, b]")
        self.run_job(expect=1)
        lines = (self.folder / "out.jsonl").read_text().splitlines()
        self.assertIn('"row":{"b":1.0,"a":{"z": 12345678901234567890, "y": "\\u00e9"}}', lines[0])
        self.assertIn('"row":{"a":2}', lines[1])

    def test_fields_that_no_row_has_are_refused_where_all_rows_have_the_same(self):
        mock = self.mock()
        self.write("rows.csv", "id,q\n1,one\n")
        for key, words in (("input.id=doc", "input.id: the input has no field `doc`; it has: id, q"),
                           ("output.keep=[\"doc\"]", "output.keep: the input has no field `doc`; it has: id, q")):
            self.files_job(mock.url, "rows.csv")
            self.assertIn(words, self.refused("--set", key))
        self.assertEqual(self.rows_of("--set", "input.id=id"), [{"id": "1", "q": "one"}])
        self.assertEqual(self.output()[0]["custom_id"], "1")

    def test_blank_lines_are_told_and_asked_where_the_job_says_so(self):
        mock = self.mock()
        self.write("rows.txt", "one\n\n \ntwo\n")
        self.files_job(mock.url, "rows.txt", "text")
        _, out, _ = self.skein("check", "job.yaml")
        self.assertIn("(2 blank lines left out)", out)
        _, err = self.run_job()
        self.assertIn("2 blank lines of the input left out", err)
        self.assertEqual(len(self.output()), 2)
        self.assertEqual(len(self.rows_of("--set", "input.blank=ask")), 4)

    def test_a_packed_file_of_many_rows_takes_no_more_memory_than_a_small_one(self):
        with gzip.open(self.folder / "rows.jsonl.gz", "wt", compresslevel=1) as file:
            file.writelines(f'{{"q": "{i} and some more words in it"}}\n' for i in range(1_000_000))
        self.files_job("mock:", "rows.jsonl.gz")
        status, out, err, memory = self.most_memory_of("check", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertIn("jsonl, gzip: 1000000 rows", out)
        self.assertLess(memory, MOST_MEMORY, "kB")


if __name__ == "__main__":
    harness.main()
