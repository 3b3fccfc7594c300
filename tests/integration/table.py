"""A table of mishaps, asked as one job: each entry is a row of the input that meets its own weather,
among rows that go well, so that what is tested is the row and not the endpoint's rest."""
import collections
import json

import harness

BETWEEN = 6  # Rows that go well, before and after each entry.
QUICK = """
limits: {in_flight: 4, attempts: %d}
backoff: {base: 2ms, max: 10ms, throttled_base: 2ms, throttled_max: 10ms}
"""


def raw(head, body="", **more):
    """An answer byte by byte as it is given here, after which the server closes."""
    return {"fault": "raw", "body": head.replace("\n", "\r\n") + "\r\n\r\n" + body, **more}


def events(*lines, **more):
    """A stream of these lines, each of them with what ends it, and its connection closed."""
    return raw("HTTP/1.1 200 OK\ncontent-type: text/event-stream", "".join(lines), **more)


def answer(body, *headers, status=200):
    """An answer of status 200 with this body; also what is no JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {"fault": "status", "status": status, "body": text, "headers": dict(headers)}


Row = collections.namedtuple("Row", "line asked text fault message")


class Case(harness.Case):
    def ask(self, table, stream=False, attempts=2, extra="", more="", expect=1):
        """Asks a table of {title: fault}; gives {title: Row}. The ledger has judged each count."""
        faults = [{**fault, "contains": f"<{i}>"} for i, fault in enumerate(table.values())]
        mock = self.mock(json.dumps({"faults": faults}))
        rows = []
        for i, title in enumerate(table):
            rows += [{"custom_id": f"{i}-{j}", "text": f"well {i}-{j}"} for j in range(BETWEEN)]
            rows.append({"custom_id": title, "text": f"<{i}> all of the answer"})
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{mock.url}", model: small}}]
input: {{file: rows.jsonl}}
request: {{stream: {str(stream).lower()}, {more} messages: [{{role: user, content: "echo:{{{{ text }}}}"}}]}}
output: {{file: out.jsonl, timings: false}}
{QUICK % attempts}{extra}
""")
        self.run_job(expect=expect)
        output = self.output()
        self.assertEqual([line["custom_id"] for line in output], [row["custom_id"] for row in rows])
        asked = collections.Counter(int(entry["request"]) for entry in mock.entries())
        found = {}
        for sequence, (row, line) in enumerate(zip(rows, output), start=1):
            self.assertEqual(line["skein"]["attempts"], asked[sequence], line)
            text = None
            if not line["error"]:
                text = line["response"]["body"]["choices"][0]["message"]["content"]
            if row["custom_id"] in table:
                error = line["error"] or {"code": None, "message": ""}
                found[row["custom_id"]] = Row(
                    line, asked[sequence], text, error["code"], error["message"])
            else:
                self.assertEqual((text, asked[sequence]), (row["text"], 1))
        self.assertEqual(sum(asked.values()), mock.ledger()["requests"])
        return found

    def recovers(self, table, asked=2, **options):
        """Each entry is asked so often, and what counts is the whole answer of the last time."""
        for i, (title, row) in enumerate(self.ask(table, expect=0, **options).items()):
            with self.subTest(title):
                self.assertEqual((row.fault, row.asked), (None, asked), row.message)
                self.assertEqual(row.text, f"<{i}> all of the answer")

    def fails(self, table, **options):
        """A table of {title: (mishap, fault, times asked, words of the message)}."""
        found = self.ask({title: entry[0] for title, entry in table.items()}, **options)
        for title, (_, fault, asked, *words) in table.items():
            with self.subTest(title):
                row = found[title]
                self.assertEqual((row.fault, row.asked), (fault, asked), row.message)
                for word in words:
                    self.assertIn(word, row.message)
        return found
