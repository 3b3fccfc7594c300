"""Whatever stands in an input line reaches the server byte for byte, or fails alone and is not sent."""
import json

import harness
import table


class Rows(harness.Case):
    def echo(self, texts, stream=False):
        """What the server makes of these texts, which it says again."""
        self.write("rows.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
        mock = self.mock()
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{mock.url}", model: small}}]
input: {{file: rows.jsonl}}
request: {{stream: {str(stream).lower()}, messages: [{{role: user, content: "echo:{{{{ text }}}}"}}]}}
output: {{file: out.jsonl}}
""")
        self.run_job("--overwrite")
        self.assertEqual(mock.ledger()["answered"], {"200": len(texts)})
        return [line["response"]["body"]["choices"][0]["message"]["content"] for line in self.output()]

    def test_every_text_arrives_as_it_is(self):
        controls = "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xa0)))
        texts = [controls, "</script><!-- {{ text }} ${HOME} %s \\u0041", "\u2028\u2029\ufeff\U0001f9f6",
                 "x" * 1_000_000, '"\\"\\\\"', "\ufffe\uffff\U0010ffff"]
        for stream in (False, True):
            self.assertEqual(self.echo(texts, stream), texts)

    def test_a_row_of_which_nothing_was_executed_in_time_stays_undone_and_the_others_go_on(self):
        rows, window = 60, 8
        refused = "faults: [{fault: 429, contains: What is 2 and, headers: {retry-after-ms: '20'}}]"
        mock = self.mock(refused)
        self.rows(rows)
        self.job(mock.url, f"limits: {{in_flight: 4, attempts: 100, window: {window}}}\n"
                           "timeouts: {request: 1s}\n"
                           "backoff: {base: 50ms, max: 100ms, throttled_base: 50ms, throttled_max: 100ms}\n")
        _, err = self.run_job(expect=3)
        self.assertIn("1 row was never executed within timeouts.request and stays undone", err)
        self.assertIn(f"{rows - 1} of {rows} rows are in the journal: run again to finish the rest", err)
        self.assertEqual(mock.ledger()["answered"]["200"], rows - 1)
        self.assertNotIn(2, [record["i"] for record in self.journal()])
        mock.change("seed: 1\n")
        mock.forget()
        self.run_job()
        self.assertEqual(mock.ledger()["requests"], 1)
        self.assertEqual([line["skein"]["seq"] for line in self.output()], list(range(1, rows + 1)))

    def test_what_is_no_json_fails_alone_and_is_never_sent(self):
        torture = [b'{"text": "\xff"}', b'{"text": "\\ud800"}', b'{"text": 1e999}', b'{"text": "a\x00b"}',
                   b'{"text": ' + b"9" * 30 + b"}", b"[" * 100_000, b'{"text": ' + b"[" * 100_000,
                   b'{"text": "x"', b'"text"', b"\xff\xfe{\x00}\x00", b'{"text": "x"} {"text": "y"}']
        good = b'{"text": "fine", "text": "not this one"}'
        self.write("rows.jsonl", b"\n".join(line for bad in torture for line in (good, bad)) + b"\n")
        mock = self.mock()
        self.job(mock.url, table.QUICK % 2)
        text = (self.folder / "job.yaml").read_text().replace("{{ question }}", "echo:{{ text }}")
        self.write("job.yaml", text)
        self.run_job(expect=1)
        output = self.output()
        self.assertEqual(len(output), 2 * len(torture))
        for line in output[0::2]:
            self.assertEqual(line["response"]["body"]["choices"][0]["message"]["content"], "fine")
        self.assertEqual([line["error"]["code"] for line in output[1::2]], ["bad_input"] * len(torture))
        self.assertEqual(mock.ledger()["answered"], {"200": len(torture)})

    def test_a_field_that_is_missing_or_made_to_look_like_a_place_harms_nobody(self):
        rows = [{"text": "{{ text }}"}, {"no text": 1}, {"text": {"a": "{{ text | json }}"}}, {"text": None}]
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        mock = self.mock()
        self.job(mock.url)
        text = (self.folder / "job.yaml").read_text().replace("{{ question }}", "echo:{{ text }}")
        self.write("job.yaml", text)
        self.run_job(expect=1)
        first, missing, *_ = self.output()
        self.assertEqual(first["response"]["body"]["choices"][0]["message"]["content"], "{{ text }}")
        self.assertEqual(missing["error"]["code"], "bad_input")
        self.assertEqual(mock.ledger()["requests"],
                         sum(line["skein"]["attempts"] for line in self.output()))


if __name__ == "__main__":
    harness.main()
