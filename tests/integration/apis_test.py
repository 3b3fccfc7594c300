"""One job, asked of servers of several APIs: each gets its own address, key and body, and every answer
comes home in one shape. The servers here are written by the makers' documents, not by skein."""
import json
import os

import harness
import json_server

KEYS = {"OPENAI_KEY": "o-key", "ANTHROPIC_KEY": "a-key", "GEMINI_KEY": "g-key", "AZURE_KEY": "z-key"}


class Answer(json_server.Handler):
    def answer_to(self, body):
        if self.path == "/v1/responses":
            return self.response(body)
        if self.path == "/v1/messages":
            return self.anthropic(body)
        if self.path.startswith("/v1beta/models/"):
            return self.gemini(body)
        self.send(200, json.dumps({
            "model": "behind", "choices": [{"index": 0, "message": {"content": "azure says hello"},
                                            "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 4}}))

    def response(self, body):
        part = {"type": "output_text", "text": "responses says hello", "annotations": []}
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
        whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": body["model"],
                 "status": "completed", "error": None, "incomplete_details": None,
                 "output": [{"type": "reasoning", "id": "rs_1",
                             "summary": [{"type": "summary_text", "text": "hm"}]}, item],
                 "usage": {"input_tokens": 30, "input_tokens_details": {"cached_tokens": 10},
                           "output_tokens": 12, "output_tokens_details": {"reasoning_tokens": 8},
                           "total_tokens": 42}}
        if not body.get("stream"):
            return self.send(200, json.dumps(whole))
        begun = {**whole, "status": "in_progress", "output": [], "usage": None}
        place = {"output_index": 1, "content_index": 0, "item_id": "msg_1"}
        events = [
            {"type": "response.created", "response": begun},
            {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "hm"},
            {"type": "response.output_item.added", "output_index": 1, "item": {**item, "content": []}},
            {"type": "response.output_text.delta", **place, "delta": "responses says", "logprobs": []},
            {"type": "response.output_text.delta", **place, "delta": " hello", "logprobs": []},
            {"type": "response.output_text.done", **place, "text": "responses says hello", "logprobs": []},
            {"type": "response.completed", "response": whole},
        ]
        text = "".join(f"event: {e['type']}\ndata: {json.dumps({**e, 'sequence_number': i})}\n\n"
                       for i, e in enumerate(events))
        self.send(200, text, "text/event-stream")

    def anthropic(self, body):
        usage = {"input_tokens": 20, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 10,
                 "output_tokens": 15}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"],
                   "content": [{"type": "thinking", "thinking": "hm", "signature": "x"},
                               {"type": "text", "text": "anthropic says hello"}],
                   "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}
        if not body.get("stream"):
            return self.send(200, json.dumps(message))
        events = [
            {"type": "message_start", "message": {**message, "content": [], "stop_reason": None,
                                                  "usage": {**usage, "output_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
            {"type": "ping"},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "anthropic says"}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": " hello"}},
            {"type": "content_block_stop", "index": 1},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
             "usage": {"output_tokens": 15}},
            {"type": "message_stop"},
        ]
        text = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
        self.send(200, text, "text/event-stream")

    def gemini(self, body):
        def answer(text, reason):
            return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0,
                                    **({"finishReason": reason} if reason else {})}],
                    "usageMetadata": {"promptTokenCount": 20, "candidatesTokenCount": 3,
                                      "thoughtsTokenCount": 4, "totalTokenCount": 27},
                    "modelVersion": "flash-001", "responseId": "r1"}
        if ":streamGenerateContent" not in self.path:
            return self.send(200, json.dumps(answer("gemini says hello", "STOP")))
        pieces = [answer("gemini says", ""), answer(" hello", "STOP")]
        self.send(200, "".join(f"data: {json.dumps(p)}\r\n\r\n" for p in pieces), "text/event-stream")


ENDPOINTS = {
    "responses": "api: responses, model: gpt, api_key: \"${OPENAI_KEY}\"",
    "anthropic": "api: anthropic, model: claude, api_key: \"${ANTHROPIC_KEY}\", max_tokens: 64",
    "gemini": "api: gemini, model: flash, api_key: \"${GEMINI_KEY}\"",
    "azure": "api: azure, model: deployed, api_key: \"${AZURE_KEY}\", api_version: \"2024-10-21\"",
}


class Apis(harness.Case):
    def setUp(self):
        super().setUp()
        self.server = json_server.Server(Answer)
        self.addCleanup(self.server.close)
        for name, value in KEYS.items():
            os.environ[name] = value
            self.addCleanup(os.environ.pop, name)

    def job(self, *names, request="", extra="", more=""):
        endpoints = "\n".join(
            f"  - {{name: {name}, base_url: \"{self.server.url}\", {ENDPOINTS[name]}{more}}}" for name in names)
        self.write("job.yaml", f"""version: 1
endpoints:
{endpoints}
input: {{file: rows.jsonl}}
request:
  messages:
    - {{role: system, content: Be terse.}}
    - {{role: user, content: "{{{{ question }}}}"}}
{request}
output: {{file: out.jsonl, timings: false}}
backoff: {{base: 1ms, throttled_base: 1ms}}
{extra}
""")

    def only(self):
        self.assertEqual(len(self.server.asked), 1)
        return self.server.asked[0]

    def answer(self):
        return self.output()[0]["response"]["body"]

    def test_responses(self):
        self.rows(1)
        for stream in ("", "  stream: true"):
            self.job("responses", request=stream)
            self.run_job("--overwrite")
            path, headers, body = self.server.asked.pop()
            self.assertEqual(path, "/v1/responses")
            self.assertEqual(headers["Authorization"], "Bearer o-key")
            self.assertEqual((body["model"], body["instructions"], body["store"]), ("gpt", "Be terse.", False))
            self.assertEqual(body["input"][0]["role"], "user")
            self.assertNotIn("stream_options", body)
            answer = self.answer()
            choice = answer["choices"][0]
            self.assertEqual(choice["message"]["content"], "responses says hello")
            self.assertEqual(choice["message"]["reasoning_content"], "hm")
            self.assertEqual(choice["finish_reason"], "stop")
            self.assertEqual(answer["usage"]["prompt_tokens"], 30)
            self.assertEqual(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 10)
            self.assertEqual(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 8)

    def test_a_response_that_failed_with_status_200_is_tried_again_or_not_by_its_code(self):
        self.rows(1)
        failed = {"object": "response", "status": "failed", "output": []}

        def failure(code):
            return {**failed, "error": {"code": code, "message": "no"}}
        last = {"type": "response.failed", "response": failure("rate_limit_exceeded")}
        flat = {"type": "error", "code": "server_error", "message": "no", "param": None, "sequence_number": 0}
        self.server.first = [
            (200, json.dumps(failure("server_error"))),
            (200, f"event: response.failed\ndata: {json.dumps(last)}\n\n", "text/event-stream"),
            (200, f"event: error\ndata: {json.dumps(flat)}\n\n", "text/event-stream"),
            (200, 'event: response.created\ndata: {"type":"response.created"}\n\n', "text/event-stream"),
        ]
        self.job("responses", request="  stream: true", extra="limits: {attempts: 6}")
        self.run_job()
        self.assertEqual(len(self.server.asked), 5)
        self.assertEqual(self.answer()["choices"][0]["message"]["content"], "responses says hello")
        for code, kind in (("invalid_prompt", "filtered"), ("invalid_image", "rejected")):
            self.server.asked.clear()
            self.server.first = [(200, json.dumps(failure(code)))]
            self.job("responses")
            self.run_job("--overwrite", expect=1)
            self.only()
            self.assertEqual(self.output()[0]["error"]["code"], kind)

    def test_anthropic(self):
        self.rows(1)
        for stream in ("", "  stream: true"):
            self.job("anthropic", request=stream)
            self.run_job("--overwrite")
            path, headers, body = self.server.asked.pop()
            self.assertEqual(path, "/v1/messages")
            self.assertEqual(headers["x-api-key"], "a-key")
            self.assertEqual(headers["anthropic-version"], "2023-06-01")
            self.assertNotIn("Authorization", headers)
            self.assertEqual((body["model"], body["max_tokens"]), ("claude", 64))
            self.assertIn("Be terse.", json.dumps(body["system"]))
            self.assertNotIn("stream_options", body)
            answer = self.answer()
            choice = answer["choices"][0]
            self.assertEqual(choice["message"]["content"], "anthropic says hello")
            self.assertEqual(choice["message"]["reasoning_content"], "hm")
            self.assertEqual(choice["finish_reason"], "stop")
            self.assertEqual(answer["usage"]["prompt_tokens"], 35)
            self.assertEqual(answer["usage"]["completion_tokens"], 15)

    def test_anthropic_streams_a_long_answer_also_if_that_was_not_asked_for(self):
        self.rows(1)
        self.job("anthropic", request="  max_tokens: 64000")
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("as a stream, because so long an answer may take minutes", out)
        self.run_job()
        _, _, body = self.only()
        self.assertEqual((body["max_tokens"], body["stream"]), (64000, True))
        self.assertEqual(self.answer()["object"], "chat.completion")
        self.assertEqual(self.answer()["choices"][0]["message"]["content"], "anthropic says hello")

    def test_gemini(self):
        self.rows(1)
        for stream, method in (("", "generateContent"), ("  stream: true", "streamGenerateContent?alt=sse")):
            self.job("gemini", request=stream)
            self.run_job("--overwrite")
            path, headers, body = self.server.asked.pop()
            self.assertEqual(path, f"/v1beta/models/flash:{method}")
            self.assertEqual(headers["x-goog-api-key"], "g-key")
            self.assertNotIn("key=", path)
            self.assertEqual(body["systemInstruction"], {"parts": [{"text": "Be terse."}]})
            self.assertEqual(body["contents"][0]["role"], "user")
            answer = self.answer()
            self.assertEqual(answer["choices"][0]["message"]["content"], "gemini says hello")
            self.assertEqual(answer["choices"][0]["finish_reason"], "stop")
            self.assertEqual(answer["usage"]["prompt_tokens"], 20)
            self.assertEqual(answer["usage"]["completion_tokens"], 7)

    def test_azure(self):
        self.rows(1)
        self.job("azure")
        self.run_job()
        path, headers, body = self.only()
        self.assertEqual(path, "/openai/deployments/deployed/chat/completions?api-version=2024-10-21")
        self.assertEqual(headers["api-key"], "z-key")
        self.assertNotIn("Authorization", headers)
        self.assertNotIn("model_mismatch", json.dumps(self.output()))

    def test_side_by_side(self):
        self.rows(60)
        self.job(*ENDPOINTS, extra="limits: {in_flight: 6}")
        _, err = self.run_job()
        texts = {line["response"]["body"]["choices"][0]["message"]["content"] for line in self.output()}
        self.assertEqual(texts, {f"{name} says hello" for name in ENDPOINTS})

    def test_errors_are_understood_and_tried_again(self):
        self.rows(1)
        overloaded = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        self.server.first = [
            (529, json.dumps(overloaded)),
            (200, f"event: error\ndata: {json.dumps(overloaded)}\n\n", "text/event-stream"),
            (200, 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n', "text/event-stream"),
        ]
        self.job("anthropic", request="  stream: true")
        self.run_job()
        self.assertEqual(len(self.server.asked), 4)
        self.assertEqual(self.answer()["choices"][0]["message"]["content"], "anthropic says hello")

    def test_a_blocked_prompt_is_filtered_and_asked_once(self):
        self.rows(1)
        self.server.first = [(200, json.dumps({"promptFeedback": {"blockReason": "SAFETY"}}))]
        self.job("gemini")
        self.run_job(expect=1)
        self.only()
        error = self.output()[0]["error"]
        self.assertEqual(error["code"], "filtered")
        self.assertIn("SAFETY", error["message"])

    def test_what_an_api_cannot_be_asked_is_refused_by_name_before_anything_is_sent(self):
        self.rows(1)
        self.job("azure", "anthropic", request="  logprobs: true")
        status, _, err = self.skein("run", "job.yaml")
        self.assertEqual(status, 2, err)
        self.assertIn("endpoint anthropic: anthropic cannot be asked for `logprobs`", err)
        self.assertRegex(err, r"job\.yaml:\d+:\d+: ")
        self.assertEqual(self.server.asked, [])
        self.job("anthropic", request="  logprobs: true", more=", drop: [logprobs]")
        self.run_job()
        self.assertNotIn("logprobs", self.only()[2])

    def test_extra_members_in_the_words_of_the_api(self):
        self.rows(1)
        self.job("gemini", more=', extra: {safetySettings: [{category: X, threshold: "OFF"}]}')
        self.run_job()
        self.assertEqual(self.only()[2]["safetySettings"], [{"category": "X", "threshold": "OFF"}])

    def test_the_mock_server_says_the_same_in_each_api_also_in_bad_weather(self):
        mock = self.mock("""seed: 5
first_token: 2ms
per_token: 0ms
faults:
  - {fault: 503, rate: 0.2, first_attempts: 1}
  - {fault: cut_stream, after_tokens: 2, rate: 0.2, first_attempts: 1}
  - {fault: error_in_stream, after_tokens: 2, rate: 0.2, first_attempts: 1}
""")
        self.rows(40)
        said = {}
        for stream in ("", "  stream: true"):
            for name in ("openai", "responses", "anthropic", "gemini"):
                base = mock.url if name == "openai" else mock.url.removesuffix("/v1")
                self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, api: {name}, base_url: "{base}", model: small}}]
input: {{file: rows.jsonl}}
request:
  messages:
    - {{role: system, content: Be terse.}}
    - {{role: user, content: "{{{{ question }}}}"}}
  max_tokens: 200
{stream}
output: {{file: out.jsonl, timings: false, overwrite: true}}
backoff: {{base: 1ms, throttled_base: 1ms}}
""")
                mock.forget()
                self.run_job("--overwrite")
                attempts = sum(line["skein"]["attempts"] for line in self.output())
                self.assertEqual(mock.ledger()["requests"], attempts)
                self.assertGreater(attempts, 40)
                kept = {entry["store"] for entry in mock.entries()}
                self.assertEqual(kept, {False if name == "responses" else None})
                said[name, stream] = [
                    (line["response"]["body"]["choices"][0]["message"]["content"],
                     line["response"]["body"]["choices"][0]["finish_reason"], line["skein"]["usage"])
                    for line in self.output()]
        for key, texts in said.items():
            self.assertEqual(texts, said["openai", ""], key)


if __name__ == "__main__":
    harness.main()
