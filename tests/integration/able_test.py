"""Rows that only some endpoints can serve go to those, and rows that one endpoint cannot serve go on to the
one that the job names for it."""
import json
import os

import harness
import json_server

LONG = 400  # Characters of a prompt above which the small model refuses.


def says(text):
    return json.dumps({"model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
                                                  "finish_reason": "stop"}],
                       "usage": {"prompt_tokens": 3, "completion_tokens": 4}})


class Small(json_server.Handler):
    """A model with a short context and a strict filter."""
    def answer_to(self, body):
        prompt = body["messages"][-1]["content"]
        if len(prompt) > LONG:
            return self.send(400, json.dumps({"error": {"message": "maximum context length is 100 tokens",
                                                        "code": "context_length_exceeded"}}))
        if "poison" in prompt:
            return self.send(400, json.dumps({"error": {"message": "filtered", "code": "content_filter"}}))
        self.send(200, says("small"))


class Big(json_server.Handler):
    def answer_to(self, body):
        if self.path == "/v1/messages":
            return self.send(200, json.dumps({
                "id": "m1", "type": "message", "role": "assistant", "model": "claude",
                "content": [{"type": "text", "text": "claude"}], "stop_reason": "end_turn",
                "usage": {"input_tokens": 1, "output_tokens": 1}}))
        self.send(200, says("big"))


class Able(harness.Case):
    def setUp(self):
        super().setUp()
        self.small, self.big = json_server.Server(Small), json_server.Server(Big)
        self.addCleanup(self.small.close)
        self.addCleanup(self.big.close)

    def job(self, endpoints, request=True):
        asks = 'request: {messages: [{role: user, content: "{{ question }}"}]}' if request else ""
        self.write("job.yaml", f"""version: 1
endpoints:
{endpoints}
input: {{file: rows.jsonl}}
{asks}
output: {{file: out.jsonl, timings: false}}
""")

    def write_rows(self, rows):
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def texts(self):
        return [line["response"]["body"]["choices"][0]["message"]["content"] for line in self.output()]

    def test_whole_requests_go_to_the_endpoints_whose_api_has_words_for_them(self):
        os.environ["ABLE_KEY"] = "k"
        self.addCleanup(os.environ.pop, "ABLE_KEY")
        self.job(f"""  - {{name: claude, api: anthropic, base_url: "{self.big.url}", model: claude, api_key: "${{ABLE_KEY}}", max_tokens: 9}}
  - {{name: spare, base_url: "{self.small.url}/v1", model: m, tier: 1}}""", request=False)
        rows = [{"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions",
                 "body": {"messages": [{"role": "user", "content": "hi"}], **({"seed": 7} if i % 3 == 0 else {})}}
                for i in range(30)]
        self.write_rows(rows)
        self.run_job()
        self.assertEqual(self.texts(), ["small" if i % 3 == 0 else "claude" for i in range(30)])
        self.assertEqual(len(self.small.asked), 10)
        self.assertEqual(len(self.big.asked), 20)

    def test_a_row_goes_on_to_the_endpoint_that_is_named_for_what_befell_it(self):
        self.job(f"""  - name: main
    base_url: "{self.small.url}/v1"
    model: m
    on: {{context_exceeded: big, filtered: big}}
  - {{name: big, base_url: "{self.big.url}/v1", model: m, tier: 1}}""")
        prompts = ["short", "x" * (LONG + 1), "poison", "short too"] * 5
        self.write_rows([{"question": prompt} for prompt in prompts])
        _, told = self.run_job()
        self.assertEqual(self.texts(), ["small", "big", "big", "small"] * 5)
        self.assertEqual([line["skein"]["endpoint"] for line in self.output()], ["main", "big", "big", "main"] * 5)
        self.assertEqual((len(self.small.asked), len(self.big.asked)), (20, 10))
        self.assertIn("such requests go on to endpoint=big", told)
        self.assertIn("10 went on to another endpoint", told)

    def test_a_row_that_no_endpoint_can_serve_fails_by_what_the_last_one_said(self):
        self.job(f"""  - {{name: main, base_url: "{self.small.url}/v1", model: m, on: {{context_exceeded: other}}}}
  - {{name: other, base_url: "{self.small.url}/v1", model: m, on: {{context_exceeded: main}}}}""")
        self.write_rows([{"question": "short"}, {"question": "x" * (LONG + 1)}])
        self.run_job(expect=1)
        self.assertEqual(self.output()[1]["error"]["code"], "context_exceeded")
        self.assertEqual(len(self.small.asked), 3)

    def test_a_wrong_way_on_is_refused_with_its_place(self):
        for on, words in (("{context_exceeded: bigg}", "no endpoint has this name"),
                          ("{throttled: big}", "on has no fault throttled; it may be context_exceeded, filtered"),
                          ("{filtered: main}", "another endpoint than main itself"),
                          ("[big]", "a mapping of faults to names of endpoints")):
            self.job(f"""  - {{name: main, base_url: "{self.small.url}/v1", model: m, on: {on}}}
  - {{name: big, base_url: "{self.big.url}/v1", model: m}}""")
            self.write_rows([{"question": "short"}])
            _, err = self.run_job(expect=2)
            self.assertIn(words, err)
            self.assertRegex(err, r"job\.yaml:3:\d+")


if __name__ == "__main__":
    harness.main()
