"""Whatever the server does: every row has one line, in order, what was asked is counted as the server
counted it, and a key is nowhere to be read."""
import json
import os
import socket

import harness

KEY = "CANARY-7f3e"
STORM = """
seed: 11
latency: {uniform: {from: 0ms, to: 8ms}}
per_token: 100us
faults:
  - {fault: bad_json, first_attempts: 1, rate: 0.02}
  - {fault: 429, headers: {retry-after: "0.05"}, rate: 0.02}
  - {fault: status, status: 500, rate: 0.03}
  - {fault: hang_up, rate: 0.02}
  - {fault: hang_up_reused, rate: 0.03}
  - {fault: truncate, after_bytes: 40, rate: 0.02}
  - {fault: reset, rate: 0.01}
  - {fault: reset, after_bytes: 20, rate: 0.01}
  - {fault: cut_stream, after_tokens: 3, rate: 0.05}
"""
LIMITS = """
limits: {in_flight: 16, attempts: 12}
backoff: {base: 2ms, max: 10ms, throttled_base: 2ms, throttled_max: 10ms}
"""


class Faults(harness.Case):
    def faults_of(self, output):
        return {line["skein"]["seq"]: line["error"]["code"] for line in output if line["error"]}

    def whole_requests(self, count):
        """Every second one is to be streamed."""
        lines = []
        for i in range(1, count + 1):
            body = {"model": "small", "stream": i % 2 == 0,
                    "messages": [{"role": "user", "content": f"What is {i} and {i}?"}]}
            lines.append(json.dumps({"custom_id": f"row-{i}", "method": "POST",
                                     "url": "/v1/chat/completions", "body": body}))
        self.write("rows.jsonl", "\n".join(lines) + "\n")

    def no_key_anywhere(self, *texts):
        for text in texts:
            self.assertNotIn(KEY, text)
        for path in self.folder.iterdir():
            self.assertNotIn(KEY.encode(), path.read_bytes(), path)

    def test_a_storm(self):
        rows = 600
        mock = self.mock(STORM)
        self.whole_requests(rows)
        self.job(mock.url, LIMITS)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", "".join(l for l in job.splitlines(True)
                                       if not l.startswith(("request:", "  messages:"))))
        _, err = self.run_job()
        output = self.output()
        self.assertEqual([line["custom_id"] for line in output], [f"row-{i}" for i in range(1, rows + 1)])
        self.assertEqual(self.faults_of(output), {})
        ledger = mock.ledger()
        self.assertEqual(self.reported(err, "attempts"), ledger["requests"])
        self.assertEqual(sum(line["skein"]["attempts"] for line in output), ledger["requests"])
        self.assertLessEqual(ledger["most_in_flight"], 16)
        self.assertGreater(ledger["requests"], rows * 10 // 9)
        for kind in ("bad_response", "throttled", "server_error",
                     "keepalive_race", "truncated", "incomplete_stream"):
            self.assertRegex(err, rf"\b{kind} \d")

    def test_the_places_in_flight_are_used_and_never_exceeded(self):
        mock = self.mock("latency: 50ms\nfaults: [{fault: status, status: 500, rate: 0.2}]\n")
        self.rows(200)
        self.job(mock.url, LIMITS)
        self.run_job()
        self.assertEqual(mock.ledger()["most_in_flight"], 16)
        mock.forget()
        self.run_job("--overwrite", "--set", "endpoints.main.in_flight=3")
        self.assertEqual(mock.ledger()["most_in_flight"], 3)

    def test_a_published_rate_is_kept(self):
        # A little below what the server allows, for on the way requests draw closer together.
        mock = self.mock("rpm: 1200\n")
        self.rows(50)
        self.job(mock.url)
        self.run_job("--set", "endpoints.main.rpm=1100")
        self.assertEqual(mock.ledger()["answered"], {"200": 50}, "not one 429")
        arrived = sorted(entry["arrived_ns"] for entry in mock.entries())
        burst, per_second = 1100 / 60, 1100 / 60
        self.assertGreater((arrived[-1] - arrived[0]) / 1e9, 0.8 * (50 - burst) / per_second)

    def test_a_refused_row_is_asked_once_and_the_others_are_answered(self):
        mock = self.mock("faults: [{fault: status, status: 400, contains: What is 3 and}]")
        self.rows(8)
        self.job(mock.url, LIMITS)
        self.run_job(expect=1)
        output = self.output()
        self.assertEqual(self.faults_of(output), {3: "rejected"})
        self.assertEqual(output[2]["response"]["status_code"], 400)
        self.assertEqual(mock.ledger()["answered"], {"200": 7, "400": 1})

    def test_a_row_that_cannot_be_sent_is_a_failed_line(self):
        mock = self.mock()
        rows = self.rows(5).read_text().splitlines()
        rows[1] = '{"custom_id": "row-2", "question": '
        rows[3] = '{"custom_id": "row-4", "no question": 4}'
        self.write("rows.jsonl", "\n".join(rows))
        self.job(mock.url)
        self.run_job(expect=1)
        output = self.output()
        self.assertEqual(self.faults_of(output), {2: "bad_input", 4: "bad_input"})
        self.assertIn("line 2", output[1]["error"]["message"])
        self.assertIn("question", output[3]["error"]["message"])
        self.assertEqual(mock.ledger()["requests"], 3)

    def closed(self, weather, fault):
        """The endpoint shuts itself: exit status 3 after few requests, and nothing is lost."""
        mock = self.mock(weather)
        self.rows(500)
        self.job(mock.url, LIMITS)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("    model: small", "    model: small\n    api_key: ${TEST_KEY}"))
        env = {**os.environ, "TEST_KEY": KEY}
        status, out, err = self.skein("run", "job.yaml", "-v", env=env)
        self.assertEqual(status, 3, err)
        self.assertIn(f"stopped: {fault}", err)
        self.assertIn("main: ", err, "the endpoint's name")
        self.assertIn("its key is from $TEST_KEY", err)
        self.assertLessEqual(mock.ledger()["requests"], 16)
        self.assertFalse((self.folder / "out.jsonl").exists())
        self.assertEqual(self.journal(), [], "no row is at fault")
        self.no_key_anywhere(out, err)

    def test_a_refused_key_stops_the_run(self):
        body = f'{{"error":{{"message":"Incorrect API key provided: {KEY}.","code":"invalid_api_key"}}}}'
        self.closed(f"faults: [{{fault: status, status: 401, body: '{body}'}}]", "auth")

    def test_an_exhausted_account_stops_the_run(self):
        body = f'{{"error":{{"message":"No credit for {KEY}","code":"insufficient_quota"}}}}'
        self.closed(f"faults: [{{fault: status, status: 429, body: '{body}'}}]", "quota")

    def test_a_key_is_sent_and_is_nowhere_else(self):
        weather = f"""require_key: true
faults:
  - {{fault: status, status: 400, body: '{{"error":{{"message":"bad {KEY}"}}}}', contains: What is 2}}
  - {{fault: redirect, location: "http://127.0.0.1:1/?key={KEY}", contains: What is 3}}
"""
        mock = self.mock(weather)
        self.rows(4)
        self.job(mock.url)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("    model: small", "    model: small\n    api_key: ${TEST_KEY}"))
        env = {**os.environ, "TEST_KEY": KEY}
        checked = self.skein("check", "job.yaml", env=env)
        self.assertEqual(checked[0], 0, checked)
        status, out, err = self.skein("run", "job.yaml", "-v", env=env)
        self.assertEqual(status, 1, err)
        self.assertEqual(self.faults_of(self.output()), {2: "rejected", 3: "redirect_refused"})
        self.no_key_anywhere(out, err, *checked[1:])

    def test_a_redirect_is_not_followed(self):
        elsewhere = self.mock()
        mock = self.mock(f"faults: [{{fault: redirect, location: '{elsewhere.url}/chat/completions'}}]")
        self.rows(3)
        self.job(mock.url)
        _, err = self.run_job(expect=3)
        self.assertIn("redirects are not followed", err)
        self.assertFalse((self.folder / "out.jsonl").exists())  # A wrong address costs no row.
        self.assertEqual(mock.ledger()["requests"], 3)
        self.assertEqual(elsewhere.ledger()["requests"], 0)

    def test_streamed_rows(self):
        mock = self.mock("first_token: 5ms\nper_token: 1ms\n")
        self.rows(20)
        self.job(mock.url, timings="true")
        self.run_job()
        plain = [line["response"]["body"]["choices"][0]["message"]["content"] for line in self.output()]
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("request:\n", "request:\n  stream: true\n"))
        _, err = self.run_job("--overwrite")
        output = self.output()
        streamed = [line["response"]["body"]["choices"][0]["message"]["content"] for line in output]
        self.assertEqual(streamed, plain)
        for line in output:
            self.assertGreater(line["skein"]["usage"]["output_tokens"], 0)
            self.assertGreaterEqual(line["skein"]["ttft_ms"], 5)
        self.assertIn("TTFT p50", err)

    def test_nobody_at_the_address(self):
        with socket.socket() as bound:  # Bound and not listening: connections are refused.
            bound.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
            self.rows(20)
            self.job(url, "\nlimits: {in_flight: 16, first_answer: 2s}\n")
            _, err = self.run_job(expect=3)
        self.assertIn("never answered", err)
        self.assertIn(url, err)
        self.assertFalse((self.folder / "out.jsonl").exists())
        self.assertIn("0 of 20 rows are in the journal", err)

    def test_nobody_answers_at_the_address_and_each_row_runs_out_of_time_first(self):
        with socket.socket() as silent:  # The kernel accepts, and nobody reads.
            silent.bind(("127.0.0.1", 0))
            silent.listen(64)
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
            self.rows(60)
            self.job(url, "\nlimits: {in_flight: 16, first_answer: 2s}\ntimeouts: {request: 1500ms}\n")
            _, err = self.run_job(expect=3)
        self.assertIn("never answered in 16 attempts", err)
        self.assertIn(f"does a server run at {url}", err)
        self.assertIn("no answer in 1.5 s, the time limit of a request", err)
        self.assertIn("0 of 60 rows are in the journal", err)


if __name__ == "__main__":
    harness.main()
