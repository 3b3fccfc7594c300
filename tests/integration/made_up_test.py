"""An API that the tests made up (tests/made_up) runs through the whole program: plain and streamed
answers, retries, refusals, `check`, and beside an endpoint that speaks as OpenAI does."""
import json
import os

import harness
import json_server

KEY = "MADE_UP_KEY"


class Answer(json_server.Handler):
    """Answers what it is asked in capitals; the first attempt of each question fails."""

    def answer_to(self, body):
        words = body["words"]
        with self.server.lock:
            is_first = sum(b["words"] == words for _, _, b in self.server.asked) == 1
        if is_first:
            return self.send(500, '{"error":"not yet"}')
        if not self.path.endswith("/sing"):
            return self.send(200, json.dumps({"said": words.upper()}))
        events = "".join(f"event: word\ndata: {word} \n\n" for word in words.upper().split())
        end = "" if words.startswith("cut") else "event: bye\ndata: {}\n\n"
        self.send(200, events + end, "text/event-stream")


class MadeUp(harness.Case):
    program = harness.BUILD / "tests" / "skein_made_up"

    def setUp(self):
        super().setUp()
        self.server = json_server.Server(Answer)
        self.addCleanup(self.server.close)
        self.url = self.server.url
        os.environ[KEY] = "any"
        self.addCleanup(os.environ.pop, KEY)

    def job(self, extra="", endpoints="", request=""):
        return self.write("job.yaml", f"""version: 1
endpoints:
  - {{name: odd, api: made_up, base_url: "{self.url}", model: wood, api_key: "${{{KEY}}}"}}
{endpoints}
input: {{file: rows.jsonl}}
request:
  messages: [{{role: user, content: "{{{{ question }}}}"}}]
{request}
output: {{file: out.jsonl, timings: false}}
backoff: {{base: 1ms}}
{extra}
""")

    def ask(self, *questions):
        self.write("rows.jsonl", "".join(json.dumps({"question": q}) + "\n" for q in questions))

    def run_made_up(self, *arguments, expect=0):
        status, out, err = self.skein(*arguments, "job.yaml", program=self.program)
        self.assertEqual(status, expect, err)
        return out + err

    def texts(self):
        lines = [json.loads(line) for line in (self.folder / "out.jsonl").read_text().splitlines()]
        bodies = [(line["response"] or {}).get("body") for line in lines]
        return [body and body["choices"][0]["message"]["content"] for body in bodies], lines

    def test_plain(self):
        self.ask("one", "two")
        self.job()
        self.run_made_up("run")
        self.assertEqual(self.texts()[0], ["ONE", "TWO"])
        self.assertEqual(len(self.server.asked), 4)  # Each question once more, after its 500.
        self.assertEqual({(path, headers["x-made-up-key"]) for path, headers, _ in self.server.asked}, {("/made-up/wood/say", "any")})
        self.assertTrue(all(set(body) == {"words"} for _, _, body in self.server.asked))

    def test_streamed_and_cut(self):
        self.ask("one and two", "cut in two")
        self.job(request="  stream: true", extra="limits: {attempts: 2}")
        self.run_made_up("run", expect=1)
        texts, lines = self.texts()
        self.assertEqual(texts[0], "ONE AND TWO ")
        self.assertEqual(lines[1]["error"]["code"], "incomplete_stream")
        self.assertEqual({path for path, _, _ in self.server.asked}, {"/made-up/wood/sing"})

    def test_check_shows_what_will_be_sent(self):
        self.ask("one")
        self.job()
        text = self.run_made_up("check")
        self.assertIn(f"POST {self.url}/made-up/wood/say", text)
        self.assertIn('{"words":"one"}', text)
        self.assertEqual(self.server.asked, [])

    def test_what_it_cannot_be_asked_is_not_sent(self):
        self.write("rows.jsonl", json.dumps({
            "custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {"input": "x"}}) + "\n")
        job = self.job().read_text().split("\n")
        self.write("job.yaml", "\n".join(line for line in job if "request:" not in line and "messages:" not in line))
        self.run_made_up("run", expect=1)
        error = self.texts()[1][0]["error"]
        self.assertEqual(error["code"], "bad_input")
        self.assertIn("endpoint odd: made_up can only be talked to", error["message"])
        self.assertEqual(self.server.asked, [])

    def test_beside_an_endpoint_of_another_api(self):
        mock = self.mock("latency: 1ms\n")
        self.ask(*(f"question {i}" for i in range(40)))
        self.job(endpoints=f'  - {{name: usual, base_url: "{mock.url}", model: small}}')
        self.run_made_up("run")
        self.assertEqual(len(self.texts()[0]), 40)
        self.assertGreater(len(self.server.asked), 0)
        self.assertGreater(mock.ledger()["requests"], 0)


if __name__ == "__main__":
    harness.main()
