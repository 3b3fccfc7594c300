"""Answers that must fit a schema: what does not fit is asked again with what is wrong, and only what
fits, or what is given up for good, becomes a line. The server here knows nothing of schemas."""
import json

import harness
import json_server

SCHEMA = {"type": "object", "required": ["total", "currency"], "additionalProperties": False,
          "properties": {"total": {"type": "number", "minimum": 0}, "currency": {"enum": ["EUR", "USD"]},
                         "note": {"type": "string", "description": "as {{ written }}"}}}
FITS = '{"total": 3, "currency": "EUR"}'


class Answer(json_server.Handler):
    """Says what the last of `said` is, or the next one while there are more."""

    def answer_to(self, body):
        if self.server.said is None:  # What fits comes once the errors have been told.
            told = len(body["messages"]) > 1
            said = FITS if told or body["messages"][0]["content"].endswith("7") else "no"
        else:
            said = self.next()
        text, reason = said if isinstance(said, tuple) else (said, "stop")
        message = {"role": "assistant", "content": text}
        self.send(200, json.dumps({
            "id": "c", "object": "chat.completion", "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}))

    def next(self):
        with self.server.lock:
            said = self.server.said.pop(0) if len(self.server.said) > 1 else self.server.said[0]
        return said


class Schema(harness.Case):
    def setUp(self):
        super().setUp()
        self.server = json_server.Server(Answer)
        self.addCleanup(self.server.close)

    def ask(self, *said, request="schema: schema.json", extra="", rows=1, expect=0, arguments=()):
        self.server.said = list(said) or None
        self.server.asked.clear()
        self.write("schema.json", json.dumps(SCHEMA))
        self.write("rows.jsonl", "".join(json.dumps({"q": f"what {i}"}) + "\n" for i in range(rows)))
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{self.server.url}/v1", model: m, input_price: 1, output_price: 2}}]
input: {{file: rows.jsonl}}
request:
  messages: [{{role: user, content: "{{{{ q }}}}"}}]
  {request}
output: {{file: out.jsonl, timings: false, overwrite: true}}
{extra}
""")
        status, _, self.err = self.skein("run", "job.yaml", *arguments)
        self.assertEqual(status, expect, self.err)
        return self.output()[0] if expect != 3 else None

    def asked(self):
        return [body for _, _, body in self.server.asked]

    def test_an_answer_that_fits_is_asked_once_and_the_schema_goes_out_as_it_stands(self):
        line = self.ask(FITS)
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(self.asked()[0]["response_format"], {"type": "json_schema", "json_schema": {
            "name": "answer", "schema": SCHEMA, "strict": False}})
        self.assertNotIn("schema", self.asked()[0])
        self.assertNotIn("schema", line["skein"])

    def test_what_does_not_fit_is_asked_again_with_what_is_wrong_until_it_fits(self):
        line = self.ask('{"total": "secret"}', '{"total": -1, "currency": "EUR"}', FITS)
        first, second, third = self.asked()
        self.assertEqual(second["messages"][:1], first["messages"])
        self.assertEqual(second["messages"][1], {"role": "assistant", "content": '{"total": "secret"}'})
        words = second["messages"][2]
        self.assertEqual(words["role"], "user")
        self.assertEqual(words["content"],
                         "The reply does not fit the schema. `/total`: must be a number, is a string. "
                         "`/`: lacks `currency`. Reply with the corrected JSON value alone.")
        self.assertEqual(third["messages"][:3], second["messages"])
        self.assertEqual(len(third["messages"]), 5)
        self.assertIn("must be at least 0", third["messages"][4]["content"])
        self.assertEqual(line["skein"]["schema"], {"valid": True, "answers": 3})
        self.assertEqual(line["skein"]["usage"], {"input_tokens": 30, "output_tokens": 15})
        self.assertAlmostEqual(line["skein"]["cost"], 60e-6)
        self.assertEqual(line["skein"]["attempts"], 3)
        self.assertEqual(line["response"]["body"]["choices"][0]["message"]["content"], FITS)

    def test_what_never_fits_is_invalid_output_after_as_many_answers_as_allowed(self):
        for attempts, asked in ((1, 1), (2, 2), (None, 3)):
            with self.subTest(attempts):
                more = f"\n  schema_attempts: {attempts}" if attempts else ""
                line = self.ask("no JSON at all", request="schema: schema.json" + more,
                                extra="limits: {attempts: 1}", expect=1)
                self.assertEqual(len(self.asked()), asked)
                self.assertEqual(line["error"]["code"], "invalid_output")
                self.assertIn("is not one JSON value", line["error"]["message"])
                self.assertIn("no JSON at all", line["error"]["body"])
                self.assertEqual(line["response"]["status_code"], 200)

    def test_an_answer_that_was_cut_off_or_filtered_is_not_asked_again(self):
        for reason, words in (("length", "cut off at max_tokens"), ("content_filter", "filter")):
            with self.subTest(reason):
                line = self.ask(('{"total": 1', reason), expect=1)
                self.assertEqual((line["error"]["code"], len(self.asked())), ("invalid_output", 1))
                self.assertIn(words, line["error"]["message"])

    def test_an_empty_answer_is_asked_for_once_more_in_the_same_words(self):
        line = self.ask("", FITS)
        self.assertEqual(self.asked()[0], self.asked()[1])
        self.assertEqual(line["skein"]["schema"], {"valid": True, "answers": 2})
        line = self.ask("", expect=1)
        self.assertEqual((line["error"]["code"], len(self.asked())), ("invalid_output", 2))

    def test_one_pair_of_fences_is_taken_off_and_told(self):
        line = self.ask(f"```json\n{FITS}\n```")
        self.assertEqual(line["skein"]["schema"], {"valid": True, "unfenced": True})
        line = self.ask(f"Here it is:\n```json\n{FITS}\n```", expect=1)
        self.assertEqual(line["error"]["code"], "invalid_output")

    def test_a_schema_may_stand_in_the_job_file(self):
        line = self.ask("[1, 2]", "[1]", request="schema: {type: array, maxItems: 1}")
        self.assertEqual(line["skein"]["schema"]["answers"], 2)
        schema = self.asked()[0]["response_format"]["json_schema"]["schema"]
        self.assertEqual(schema, {"type": "array", "maxItems": 1})

    def test_a_row_with_a_schema_of_its_own_is_checked_by_that_one(self):
        own = {"type": "json_schema", "json_schema": {"name": "own", "schema": {"type": "boolean"}}}
        self.server.said = ["1", "true"]
        body = {"messages": [{"role": "user", "content": "?"}], "response_format": own}
        self.write("rows.jsonl", json.dumps({"custom_id": "a", "url": "/v1/chat/completions", "body": body}))
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "{self.server.url}/v1", model: m}}]
input: {{file: rows.jsonl, format: openai-batch}}
output: {{file: out.jsonl}}
""")
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertEqual(self.output()[0]["skein"]["schema"], {"valid": True, "answers": 2})
        self.assertIn("must be true or false", self.asked()[1]["messages"][2]["content"])

    def test_a_schema_of_a_row_that_cannot_be_checked_is_noted(self):
        line = self.ask("1", request="response_format: {type: json_schema, json_schema: {name: n, "
                                     "schema: {unevaluatedItems: false}}}")
        self.assertIn("was not checked: `/unevaluatedItems`", line["skein"]["note"])

    def test_expect_says_what_any_answer_must_be(self):
        self.assertEqual(self.ask("yes", request="n: 1", extra="expect: {match: '^(yes|no)$'}")["error"], None)
        line = self.ask("maybe", request="n: 1", extra="expect: {match: '^(yes|no)$'}", expect=1)
        self.assertIn("regular expression `^(yes|no)$`", line["error"]["message"])
        line = self.ask(("yes", "length"), request="n: 1", extra="expect: {finish: [stop]}", expect=1)
        self.assertIn("ended with `length`, expected: stop", line["error"]["message"])
        line = self.ask("{", "{}", request="n: 1", extra="expect: {json: true}")
        self.assertEqual(line["skein"]["schema"]["answers"], 2)

    def test_rows_that_did_not_fit_can_be_asked_again_by_retry(self):
        self.ask("no", expect=1)
        text = (self.folder / "job.yaml").read_text().replace(", overwrite: true", "")
        self.write("job.yaml", text)
        self.server.said = [FITS]
        status, _, err = self.skein("run", "job.yaml", "--retry", "code=invalid_output")
        self.assertEqual(status, 0, err)
        self.assertIsNone(self.output()[0]["error"])
        status, _, err = self.skein("run", "job.yaml")
        self.assertIn("complete already", err)

    def test_new_questions_stay_within_the_budget(self):
        self.ask("no", extra="limits: {max_requests: 2}", expect=3)
        self.assertEqual(len(self.asked()), 2)
        self.assertIn("max_requests", self.err)

    def test_many_rows_are_each_asked_as_often_as_they_need(self):
        self.ask(rows=20)
        lines = self.output()
        self.assertEqual([line["error"] for line in lines], [None] * 20)
        self.assertEqual([line["skein"]["seq"] for line in lines], list(range(1, 21)))
        answers = [line["skein"].get("schema", {}).get("answers", 1) for line in lines]
        self.assertEqual(answers, [1 if i % 10 == 7 else 2 for i in range(20)])
        self.assertEqual(len(self.asked()), sum(answers))


class Refusals(harness.Case):
    def refused(self, request, extra="", schema=None):
        if schema is not None:
            self.write("schema.json", schema)
        self.write("rows.jsonl", '{"q": "?"}\n')
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, base_url: "http://127.0.0.1:9/v1", model: m}}]
input: {{file: rows.jsonl}}
output: {{file: out.jsonl}}
request:
  messages: [{{role: user, content: "{{{{ q }}}}"}}]
{request}
{extra}
""")
        status, _, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 2, err)
        return err

    def test_a_schema_that_cannot_be_checked_is_refused_at_its_place(self):
        said = self.refused("  schema:\n    properties:\n      a: {minContains: 1}")
        self.assertIn("job.yaml:9:24: ", said)
        self.assertIn("`/properties/a/minContains`: skein does not check this keyword", said)
        said = self.refused("  schema: schema.json", schema='{"type": "text"}')
        self.assertIn("job.yaml:7:11: ", said)
        self.assertIn("`/type`: must be null, boolean", said)
        self.assertIn("no-such.json cannot be read", self.refused("  schema: no-such.json"))
        self.assertIn("job.yaml:7:11: request.schema must be the path", self.refused("  schema: [1]"))

    def test_what_contradicts_itself_or_is_out_of_range_is_refused(self):
        said = self.refused("  schema: {type: object}\n  response_format: {type: json_object}")
        self.assertIn("leave one of the two out", said)
        self.assertIn("job.yaml:7:20: schema_attempts must be a whole number from 1 to 10",
                      self.refused("  schema_attempts: 11"))
        said = self.refused("", extra="expect: {match: '(?=a)'}")
        self.assertIn("job.yaml:8:17: match is no regular expression that RE2 knows", said)
        self.assertIn("unknown key 'jsn' in expect", self.refused("", extra="expect: {jsn: true}"))


if __name__ == "__main__":
    harness.main()
