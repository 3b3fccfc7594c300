"""Inputs as they come: broken rows, absurd ids, lines and files that are too long, and files that somebody
writes to while they are read. A row fails alone, and what cannot be told apart is refused."""
import json

import harness

MB = 1 << 20
MOST_MEMORY = 500 * 1024 * (4 if harness.TSAN else 1)  # kB. TSan keeps a shadow of several times the size.


class Inputs(harness.Case):
    def faults(self):
        """The faults of the output's lines, by line."""
        return {line["skein"]["seq"]: line["error"]["code"] for line in self.output() if line["error"]}

    def test_a_broken_row_is_a_line_with_its_fault_and_a_strange_id_is_none(self):
        mock = self.mock()
        self.write("rows.jsonl", b"\n".join([
            b'{"custom_id": "good", "question": "echo:one"}',
            b'{"custom_id": "not utf-8", "question": "\xff\xfe"}',
            b'{"custom_id": "cut", "question": ',
            b'["an", "array"]',
            b'{"custom_id": 17, "question": "echo:five"}',
            b'{"custom_id": null, "question": "echo:six"}',
            b'{"custom_id": "' + b"x" * 10_000 + b'", "question": "echo:seven"}',
            b'{"custom_id": "zero \\u0000 byte", "question": "echo:eight"}',
        ]))
        self.job(mock.url)
        self.run_job(expect=1)
        output = self.output()
        self.assertEqual([line["skein"]["seq"] for line in output], list(range(1, 9)))
        self.assertEqual(self.faults(), dict.fromkeys((2, 3, 4), "bad_input"))
        self.assertEqual(mock.ledger()["requests"], 5)
        ids = [line["custom_id"] for line in output]
        self.assertEqual(len(set(ids)), 8, "each has a name of its own")
        self.assertEqual(ids[6], "x" * 10_000)

    def test_a_line_of_a_hundred_megabytes_fails_alone_and_is_not_held(self):
        mock = self.mock()
        with open(self.folder / "rows.jsonl", "wb") as file:
            file.write(b'{"question": "echo:one"}\n{"question": "')
            for _ in range(100):
                file.write(b"x" * MB)
            file.write(b'"}\n{"question": "echo:three"}\n')
        self.job(mock.url)
        status, _, err, memory = self.most_memory_of("run", "job.yaml")
        self.assertEqual(status, 1, err)
        self.assertEqual(self.faults(), {2: "bad_input"})
        self.assertEqual(mock.ledger()["requests"], 2)
        self.assertLess(memory, MOST_MEMORY, "kB")

    def test_a_million_rows_take_no_memory_worth_speaking_of(self):
        rows = 1_000_000
        with open(self.folder / "rows.jsonl", "w", encoding="ascii") as file:
            file.writelines(f'{{"custom_id": "{i}", "question": "What is {i}?"}}\n' for i in range(rows))
        self.job("mock:")
        status, out, err, memory = self.most_memory_of("check", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertIn(str(rows), out.replace(" ", ""))
        self.assertLess(memory, MOST_MEMORY, "kB")

    def test_an_input_that_changes_while_it_is_read_ends_the_run_and_the_next_asks_what_is_missing(self):
        for title, change in {
            "grows": lambda text: text + b'{"question": "one more"}\n',
            "shrinks": lambda text: text[:-200],
            "another text": lambda text: text.replace(b"What is 5999", b"What is 1234"),
        }.items():
            with self.subTest(title), harness.Mock("latency: 30ms\n") as mock:
                rows = self.rows(6000)
                for name in ("out.jsonl", "out.jsonl.journal"):
                    (self.folder / name).unlink(missing_ok=True)
                self.job(mock.url, "limits: {in_flight: 64}\n")
                process = self.start("run", "job.yaml")
                self.addCleanup(process.kill)
                mock.until(lambda ledger: ledger["requests"] > 64)
                rows.write_bytes(change(rows.read_bytes()))
                _, err = process.communicate(timeout=harness.PATIENCE)
                self.assertEqual(process.returncode, 4, err.decode())
                self.assertIn("changed while it was read", err.decode())
                self.assertFalse((self.folder / "out.jsonl").exists())
                status, _, err = self.skein("run", "job.yaml")
                self.assertEqual(status, 1 if title == "shrinks" else 0, err)
                self.assertIn("the input has changed since", err)
                whole = [line for line in rows.read_bytes().splitlines() if line.endswith(b"}")]
                self.assertEqual(mock.ledger()["requests"], len(whole))
                self.assertEqual([line["skein"]["seq"] for line in self.output()][-1],
                                 len(rows.read_bytes().splitlines()))


if __name__ == "__main__":
    harness.main()
