"""What answers cost: the parts that a server counts, by the prices of a file, to the last digit. The server is
written by the makers' documents, not by skein."""
import json

import harness
import json_server

PRICES = {
    "sample_spec": {"mode": "one of: chat, embedding", "input_cost_per_token": "a sentence"},
    "groq/fast": {
        "litellm_provider": "groq", "mode": "chat", "max_input_tokens": 128000,
        "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 5e-07,
        "output_cost_per_reasoning_token": 1e-05, "input_cost_per_token_flex": 1e-06,
        "input_cost_per_token_above_128k_tokens": 4e-06, "output_cost_per_token_above_128k_tokens": 2e-05,
        "tiered_pricing": None},
    "anthropic/claude": {
        "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
        "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
        "cache_creation_input_token_cost_above_1hr": 6e-06},
}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
         "prompt_tokens_details": {"cached_tokens": 600}, "completion_tokens_details": {"reasoning_tokens": 40}}
COST = (400 * 2 + 600 * 0.5 + 60 * 8 + 40 * 10) / 1e6


class Counting(json_server.Handler):
    def answer_to(self, body):
        if self.path.endswith("/messages"):
            return self.anthropic(body)
        more = self.server.more
        choice = {"index": 0, "finish_reason": "stop"}
        if not body.get("stream"):
            return self.send(200, json.dumps({
                "model": "fast", "choices": [{**choice, "message": {"content": "Yes."}}], "usage": USAGE, **more}))
        chunks = [{"model": "fast", "choices": [{**choice, "delta": {"content": "Yes."}}]},
                  {"choices": [], "usage": USAGE, **more}]
        text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        self.send(200, text, "text/event-stream")

    def anthropic(self, body):
        self.send(200, json.dumps({
            "id": "m", "type": "message", "role": "assistant", "model": "claude",
            "content": [{"type": "text", "text": "Yes."}], "stop_reason": "end_turn",
            "usage": {"input_tokens": 100, "cache_read_input_tokens": 600, "cache_creation_input_tokens": 300,
                      "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
                      "output_tokens": 50, "service_tier": "standard"}}))


class Prices(harness.Case):
    def setUp(self):
        super().setUp()
        self.server = json_server.Server(Counting)
        self.server.more = {}
        self.addCleanup(self.server.close)
        self.write("prices.json", json.dumps(PRICES))
        self.write("rows.jsonl", "".join(json.dumps({"question": f"q{i}"}) + "\n" for i in range(10)))

    def priced(self, keys="model: fast, price_as: groq", request="", extra=""):
        self.write("job.yaml", f"""version: 1
prices: prices.json
endpoints:
  - {{name: main, base_url: "{self.server.url}/v1", {keys}}}
input: {{file: rows.jsonl}}
request:
  messages:
    - {{role: user, content: "{{{{ question }}}}"}}
  max_tokens: 100
{request}
output: {{file: out.jsonl, timings: false}}
{extra}
""")

    def facts(self):
        return [line["skein"] for line in self.output()]

    def costs(self, *arguments, keys="model: fast, price_as: groq"):
        self.priced(keys)
        err = self.run_job("--overwrite", *arguments)[1]
        return {facts["cost"] for facts in self.facts()}, err

    def test_each_part_has_its_price_and_the_report_has_the_sums(self):
        for request in ("", "  stream: true"):
            with self.subTest(request):
                self.priced(request=request)
                _, err = self.run_job("--overwrite")
                for facts in self.facts():
                    self.assertAlmostEqual(facts["cost"], COST, places=15)
                    self.assertEqual(facts["usage"], {"input_tokens": 1000, "output_tokens": 100,
                                                      "cached_tokens": 600, "reasoning_tokens": 40})
                self.assertIn("cost 0.019800", err)
                self.assertIn("10 000 tokens in, 6 000 of them cached, 1 000 out, 400 of them reasoning", err)

    def test_anthropics_caches_are_within_the_prompt(self):
        keys = "api: anthropic, model: claude, max_tokens: 100"
        costs, err = self.costs(keys=keys)
        cost = (100 * 3 + 600 * 0.3 + 200 * 3.75 + 100 * 6 + 50 * 15) / 1e6
        self.assertEqual([round(one, 15) for one in costs], [round(cost, 15)])
        self.assertEqual(self.facts()[0]["usage"], {
            "input_tokens": 1000, "output_tokens": 50, "cached_tokens": 600, "cache_write_tokens": 300,
            "cache_write_1h_tokens": 100})
        self.assertIn(f"cost {10 * cost:.6f}", err)

    def test_the_tier_and_the_length_that_the_answer_tells_choose_the_price(self):
        self.server.more = {"service_tier": "flex"}
        costs, _ = self.costs()
        self.assertEqual([round(one, 12) for one in costs],
                         [round((400 * 1 + 600 * 0.5 + 60 * 8 + 40 * 10) / 1e6, 12)])
        self.server.more = {"usage": {"prompt_tokens": 128001, "completion_tokens": 10}}
        costs, _ = self.costs()
        self.assertEqual([round(one, 12) for one in costs], [round((128001 * 4 + 10 * 20) / 1e6, 12)])

    def test_the_bill_of_the_server_and_the_prices_of_the_job_win_over_the_file(self):
        self.server.more = {"usage": {**USAGE, "cost": 0.125}}
        costs, err = self.costs()
        self.assertEqual(costs, {0.125})
        self.assertIn("cost 1.25", err)
        self.server.more = {}
        costs, _ = self.costs(keys="model: fast, price_as: groq, cached_price: 0, reasoning_price: 8")
        self.assertEqual([round(one, 12) for one in costs], [round((400 * 2 + 100 * 8) / 1e6, 12)])

    def test_a_limit_of_the_cost_counts_the_parts_and_a_resumed_run_their_sum(self):
        # A row reserves 0.0028 and comes to 0.00198: four fit into 0.01, three if the cache cost as much.
        self.priced(extra="limits: {in_flight: 1, max_cost: 0.01}")
        _, err = self.run_job(expect=3)
        self.assertIn("limits.max_cost is 0.01, 0.00792 are used", err)
        self.assertEqual(len(self.server.asked), 4)
        _, err = self.run_job("--set", "limits.max_cost=1")
        self.assertEqual(len(self.server.asked), 10)
        self.assertIn("all runs: 10 of 10 rows answered, 10 000 tokens in, 6 000 of them cached, 1 000 out, "
                      "400 of them reasoning, cost 0.019800", " ".join(err.split()))

    def test_check_shows_the_prices_and_where_they_are_from(self):
        self.priced()
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertIn("at 2 in, 0.5 cached, 8 out, 10 reasoning a million tokens, and 2 more for tiers or long "
                      "prompts (prices.json, entry groq/fast)", out)
        self.assertEqual(self.server.asked, [])

    def test_a_model_without_a_price_is_a_warning_and_refused_with_a_limit_of_the_cost(self):
        self.priced("model: fast")
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertIn("the cost of endpoint main is not known: prices.json has no entry `fast`", out + err)
        self.priced("model: fast", extra="limits: {max_cost: 1}")
        for command in ("check", "run"):
            status, _, err = self.skein(command, "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertIn("max_cost needs the prices of endpoint main, and prices.json has no entry `fast`", err)
        self.assertEqual(self.server.asked, [])

    def test_a_hostile_file_of_prices_is_refused_by_the_name_of_its_entry(self):
        for entry, told in (('{"mode": "chat", "input_cost_per_token": -1}', "entry `groq/fast`: input_cost_per_token"),
                            ("7", "entry `groq/fast`: it must be a JSON object"),
                            ("[" * 100_000, "no JSON"), ("", "no JSON")):
            self.write("prices.json", '{"groq/fast": ' + entry + "}")
            self.priced()
            status, _, err = self.skein("run", "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertIn("job.yaml:2:9: ", err)
            self.assertIn("prices.json: ", err)
            self.assertIn(told, err)
        self.assertEqual(self.server.asked, [])


if __name__ == "__main__":
    harness.main()
