"""On a terminal nothing that others say may act: not what a server calls its error, not an id, not what a
model answers. In a file and in a pipe every byte stays as it is."""
import json
import os
import pty
import re
import subprocess

import harness

OWN = "\r\x1b[K"  # How the live line is taken away.
HOSTILE = "\x1b]0;title\x07 \x1b[2J \u009b31m \u0085 \u202eetirw\u2066 \x7f \x08 \x00 end"
ACTS = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class OnATerminal(harness.Case):
    def shown(self, *arguments, expect, stdout=True):
        """What a run writes to a terminal."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = self.start(*arguments, stdout=slave if stdout else subprocess.DEVNULL, stderr=slave)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        os.close(slave)
        heard = self.all_of_terminal(master)
        self.assertEqual(process.wait(harness.PATIENCE), expect, heard)
        return heard.decode()

    def nothing_acts(self, text):
        """Gives the text without what is ours in it."""
        text = text.replace(OWN, "").replace("\r\n", "\n")
        found = ACTS.search(text)
        self.assertIsNone(found, found and text[max(found.start() - 80, 0):found.end() + 80])
        return text

    def hostile_rows(self):
        rows = [{"custom_id": f"{i} {HOSTILE}", "question": f"echo:{HOSTILE}"} for i in range(3)]
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def test_what_a_server_says_of_its_errors_does_not_act(self):
        body = json.dumps({"error": {"message": HOSTILE, "type": HOSTILE, "code": HOSTILE}})
        fault = {"fault": "status", "status": 401, "body": body, "after": "600ms",
                 "headers": {"x-request-id": "\x1b[2J\u009b31m"}}
        self.hostile_rows()
        self.job(self.mock(json.dumps({"faults": [fault]})).url)
        shown = self.shown("run", "job.yaml", "-v", expect=3, stdout=False)
        self.assertIn(OWN, shown, "a live line was there")
        self.assertIn("\\u001b]0;title\\u0007", self.nothing_acts(shown))

    def test_what_a_model_says_does_not_act_and_reads_the_same(self):
        self.hostile_rows()
        self.job(self.mock().url, file="'-'")
        shown = self.nothing_acts(self.shown("run", "job.yaml", "-q", expect=0))
        piped = self.run_job("-q")[0]
        self.assertIn("\u202eetirw\u2066", piped, "as it is")
        self.assertNotEqual(shown, piped)
        lines = [json.loads(line) for line in shown.splitlines()]
        self.assertEqual(lines, [json.loads(line) for line in piped.split("\n")[:-1]])
        said = {line["response"]["body"]["choices"][0]["message"]["content"] for line in lines}
        self.assertEqual(said, {HOSTILE})

    def test_a_line_that_waited_for_its_turn_does_not_act_either(self):
        self.hostile_rows()
        mock = self.mock(json.dumps({"faults": [{"fault": "trickle", "bytes": 10_000, "after": "300ms",
                                                 "request": "1"}]}))
        self.job(mock.url, file="'-'")
        shown = self.nothing_acts(self.shown("run", "job.yaml", "-q", expect=0))
        lines = [json.loads(line) for line in shown.splitlines()]
        self.assertEqual([line["skein"]["seq"] for line in lines], [1, 2, 3])

    def test_result_lines_on_a_terminal_share_no_line_with_the_live_line(self):
        self.rows(40)
        # Long enough for several live lines, each result between two of them.
        mock = self.mock("latency: 100ms\n")
        self.job(mock.url, "limits: {in_flight: 4}\n", file="'-'")
        shown = self.shown("run", "job.yaml", expect=0)
        self.assertFalse(OWN in shown, "a live line was there")
        results = [line for line in shown.replace("\r\n", "\n").split("\n") if '"custom_id"' in line]
        self.assertEqual([json.loads(line)["skein"]["seq"] for line in results], list(range(1, 41)))
        self.assertIn("run complete", shown)

    def test_a_plan_does_not_act(self):
        self.hostile_rows()
        self.write("job\x1b[2J.yaml", self.job("mock:").read_text())
        shown = self.nothing_acts(self.shown("check", "job\x1b[2J.yaml", expect=0))
        self.assertIn("(0 \\u001b]0;title", shown)
        self.assertIn("job\\u001b[2J.yaml is a job", shown)

    def test_a_complaint_does_not_act(self):
        self.hostile_rows()
        text = self.job("mock:").read_text()
        self.write("job.yaml", text.replace("version: 1", 'version: 1\n"\\e[2J\\u009b31m": 1'))
        hostile = "\x1b[2J\u202e"
        for arguments in (("run", "job.yaml"), ("run", hostile), ("run", "job.yaml", hostile), (hostile,),
                          ("run", "job.yaml", "--set", hostile), ("run", f"--{hostile}", "job.yaml")):
            with self.subTest(arguments):
                shown = self.nothing_acts(self.shown(*arguments, expect=2))
                self.assertIn("\\u001b[2J", shown)


if __name__ == "__main__":
    harness.main()
