"""A file made for each maker's batch service runs against that maker's API, here the mock server, and comes
back complete; against nobody else."""
import json

import harness

APIS = {"openai-batch": "openai", "mistral-batch": "openai", "anthropic-batch": "anthropic",
        "gemini-batch": "gemini"}
ROWS = 24


def row_of(form, i):
    text = f"echo:answer {i}"
    messages = [{"role": "user", "content": text}]
    chat = {"model": "small", "max_tokens": 50, "messages": messages}
    if form == "openai-batch":
        return {"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions", "body": chat}
    if form == "mistral-batch":
        return {"custom_id": f"r{i}", "body": {"max_tokens": 50, "messages": messages}}
    if form == "anthropic-batch":
        return {"custom_id": f"r{i}", "params": chat}
    return {"key": f"r{i}", "request": {
        "contents": [{"role": "user", "parts": [{"text": text}]}], "generation_config": {"max_output_tokens": 50}}}


class BatchFiles(harness.Case):
    def make(self, mock, form, rows=None, extra="", model="model: small, ", api=None, source="rows.jsonl", **output):
        rows = rows or [row_of(form, i) for i in range(1, ROWS + 1)]
        self.write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        api = api or APIS[form]
        base = mock.url if api == "openai" else mock.url.removesuffix("/v1")
        out = {"file": "out.jsonl", "timings": "false", **output}
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, api: {api}, {model}base_url: "{base}"}}]
input: {{file: {source}}}
output: {{{", ".join(f"{k}: {v}" for k, v in out.items())}}}
backoff: {{base: 1ms, throttled_base: 1ms}}
{extra}
""")

    def clear(self):
        for path in self.folder.glob("out.jsonl*"):
            path.unlink()

    def test_each_maker_s_file_is_known_and_comes_back_complete(self):
        mock = self.mock("faults: [{fault: status, status: 500, rate: 0.2, first_attempts: 1}]\n")
        for form in APIS:
            with self.subTest(form):
                self.make(mock, form)
                mock.forget()
                self.assertIn(form, self.skein("check", "job.yaml")[1])
                self.run_job()
                lines = self.output()
                self.assertEqual([line["custom_id"] for line in lines], [f"r{i}" for i in range(1, ROWS + 1)])
                for i, line in enumerate(lines, 1):
                    choice = line["response"]["body"]["choices"][0]
                    self.assertEqual(choice["message"]["content"], f"answer {i}")
                    self.assertEqual(choice["finish_reason"], "stop")
                    self.assertGreater(line["skein"]["usage"]["output_tokens"], 0)
                self.assertEqual(mock.ledger()["requests"], sum(line["skein"]["attempts"] for line in lines))
                self.clear()

    def test_lines_of_the_makers_hold_native_answers(self):
        mock = self.mock()
        for streams in (False, True):
            self.make(mock, "anthropic-batch", format="anthropic-batch", rows=[
                {"custom_id": f"r{i}", "params": {**row_of("anthropic-batch", i)["params"],
                                                  **({"stream": True} if streams else {})}} for i in range(1, 9)])
            self.run_job()
            for i, line in enumerate(self.output(), 1):
                self.assertEqual((line["custom_id"], line["result"]["type"]), (f"r{i}", "succeeded"))
                message = line["result"]["message"]
                self.assertEqual((message["type"], message["role"]), ("message", "assistant"))
                self.assertEqual([block["text"] for block in message["content"]], [f"answer {i}"])
                self.assertEqual(message["stop_reason"], "end_turn")
                self.assertGreater(message["usage"]["output_tokens"], 1)
            self.clear()
            self.make(mock, "gemini-batch", format="gemini-batch",
                      extra="request: {stream: true}" if streams else "")
            _, err = self.run_job()
            self.assertNotIn("request is not used", err)
            self.assertEqual(all("stream" in entry["path"] for entry in mock.entries()[-ROWS:]), streams)
            for i, line in enumerate(self.output(), 1):
                self.assertEqual(line["key"], f"r{i}")
                candidate = line["response"]["candidates"][0]
                self.assertEqual("".join(part["text"] for part in candidate["content"]["parts"]), f"answer {i}")
                self.assertEqual(candidate["finishReason"], "STOP")
                self.assertIn("usageMetadata", line["response"])
            self.clear()

    def test_a_plain_and_a_streamed_native_message_are_the_same(self):
        mock = self.mock()
        bodies = []
        for streams in (False, True):
            params = {"model": "small", "max_tokens": 50, "stream": streams,
                      "messages": [{"role": "user", "content": "What is 1 and 1?"}]}
            self.make(mock, "anthropic-batch", rows=[{"custom_id": "a", "params": params}], body="native")
            self.run_job()
            body = self.output()[0]["response"]["body"]
            body.pop("id")
            bodies.append(body)
            self.clear()
        self.assertEqual(bodies[0], bodies[1])

    def test_rows_that_fail_say_so_in_the_maker_s_words(self):
        mock = self.mock()
        rows = [row_of("anthropic-batch", 1), {"custom_id": "bad", "params": 5}, row_of("anthropic-batch", 3)]
        self.make(mock, "anthropic-batch", rows=rows, format="anthropic-batch")
        self.run_job(expect=1)
        result = self.output()[1]["result"]
        self.assertEqual((result["type"], result["error"]["error"]["type"]), ("errored", "invalid_request_error"))
        self.assertIn("`params` must be there", result["error"]["error"]["message"])
        self.clear()
        self.make(mock, "gemini-batch", rows=[row_of("gemini-batch", 1), {"key": "bad"}], format="gemini-batch")
        self.run_job(expect=1)
        self.assertEqual((self.output()[1]["key"], self.output()[1]["error"]["code"]), ("bad", 400))

    def test_native_rows_are_asked_again_by_their_finish_reason(self):
        mock = self.mock()
        rows = [row_of("anthropic-batch", i) for i in range(1, 5)]
        rows[2]["params"] = {**rows[2]["params"], "max_tokens": 1,
                             "messages": [{"role": "user", "content": "echo:" + "many words " * 20}]}
        self.make(mock, "anthropic-batch", rows=rows, body="native")
        self.run_job()
        self.assertEqual([line["response"]["body"]["stop_reason"] for line in self.output()],
                         ["end_turn", "end_turn", "max_tokens", "end_turn"])
        mock.forget()
        self.run_job("--retry", "finish_reason=length")
        self.assertEqual(mock.ledger()["requests"], 1)

    def test_a_file_of_one_maker_is_refused_where_another_api_would_be_asked(self):
        mock = self.mock()
        for form, api in (("anthropic-batch", "openai"), ("anthropic-batch", "gemini"), ("gemini-batch", "openai")):
            self.make(mock, form, api=api)
            status, _, err = self.skein("run", "job.yaml")
            self.assertEqual(status, 2, err)
            self.assertIn(f"are requests in the form of api: {APIS[form]}", err)
        self.make(mock, "openai-batch", rows=[
            {"custom_id": "a", "url": "/v1/messages", "body": row_of("anthropic-batch", 1)["params"]},
            row_of("openai-batch", 2)])
        self.run_job(expect=1)
        self.assertEqual(self.output()[0]["error"]["code"], "bad_input")
        self.assertIn("api: anthropic", self.output()[0]["error"]["message"])
        self.assertEqual(mock.ledger()["requests"], 1)

    def test_beside_an_endpoint_of_another_api_native_rows_go_to_their_own(self):
        mock, other = self.mock(), self.mock()
        self.make(mock, "anthropic-batch")
        path = self.folder / "job.yaml"
        path.write_text(path.read_text().replace(
            "endpoints: [", f'endpoints: [{{name: other, model: small, base_url: "{other.url}"}}, '))
        self.run_job()
        self.assertEqual({line["skein"]["endpoint"] for line in self.output()}, {"main"})
        self.assertEqual((mock.ledger()["requests"], other.ledger()["requests"]), (ROWS, 0))

    def test_the_body_of_a_call_is_refused_with_a_line_to_type(self):
        mock = self.mock()
        self.make(mock, "anthropic-batch")
        document = {"requests": [row_of("anthropic-batch", i) for i in range(1, 3)]}
        for text in (json.dumps(document), json.dumps(document, indent=2)):
            for name in ("call.jsonl", "call.json"):
                self.write(name, text)
                status, _, err = self.skein("run", "job.yaml", "--set", f"input.file={name}")
                self.assertEqual(status, 2, err)
                self.assertIn(f"jq -c '.requests[]' '{name}' | skein run JOB.yaml --set input.file=-", err)

    def test_rows_that_are_named_alike_are_refused_by_their_own_name(self):
        mock = self.mock()
        self.make(mock, "gemini-batch", rows=[row_of("gemini-batch", 1), row_of("gemini-batch", 1)])
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 2, err)
        self.assertIn("have the same key `r1`", err)

    def test_the_model_of_a_row_is_asked_where_the_endpoint_names_none(self):
        mock = self.mock()
        row = row_of("gemini-batch", 1)
        row["request"]["model"] = "models/other"
        self.make(mock, "gemini-batch", rows=[row], model="")
        self.run_job()
        self.assertIn("/models/other:generateContent", mock.entries()[0]["path"])
        self.clear()
        self.make(mock, "gemini-batch", rows=[row_of("gemini-batch", 1)], model="")
        self.run_job(expect=1)
        self.assertIn("without a model", self.output()[0]["error"]["message"])

    def test_a_file_at_standard_input_and_one_that_was_changed_go_on(self):
        mock = self.mock()
        self.make(mock, "gemini-batch")
        self.run_job()
        mock.forget()
        self.make(mock, "gemini-batch", rows=[row_of("gemini-batch", i) for i in range(ROWS + 2, 0, -1)])
        self.run_job()
        self.assertEqual(mock.ledger()["requests"], 2)
        self.assertEqual([line["custom_id"] for line in self.output()], [f"r{i}" for i in range(ROWS + 2, 0, -1)])


if __name__ == "__main__":
    harness.main()
