"""Servers of no API that skein knows, described by a map (api: raw): plain and streamed rows come home in
one shape, a stream that is cut in half is a failure, and an error is told with its words. The servers
here are written by their makers' documents: TGI's /generate, Ollama's /api/chat, Cohere's /v2/chat."""
import json
import os

import harness
import json_server

KEY = "RAW_KEY"

TGI = """
      request:
        fixed: {parameters: {details: true}}
        prompt: /inputs
        prompt_template: "{{ role }}: {{ content }}\\n"
        max_tokens: /parameters/max_new_tokens
        stream: /stream
      answer:
        text: /generated_text
        finish: /details/finish_reason
        finish_words: {eos_token: stop, stop_sequence: stop}
        output_tokens: /details/generated_tokens
      error: {where: /error, message: [/error/message, /error], type: /error_type}
      stream:
        text: /token/text
        skip: {pointer: /token/special, equals: true}
        finish: /details/finish_reason
        output_tokens: /details/generated_tokens
"""

OLLAMA = """
      request:
        fixed: {stream: false, options: {num_ctx: 8192}}
        messages: /messages
        model: /model
        max_tokens: /options/num_predict
        stream: /stream
      answer:
        text: /message/content
        model: /model
        finish: /done_reason
        input_tokens: /prompt_eval_count
        output_tokens: /eval_count
      error: {where: /error}
      stream:
        framing: ndjson
        text: /message/content
        model: /model
        finish: /done_reason
        done: {pointer: /done, equals: true}
        input_tokens: /prompt_eval_count
        output_tokens: /eval_count
"""

COHERE = """
      request: {messages: /messages, model: /model, max_tokens: /max_tokens, stream: /stream}
      answer:
        id: /id
        text: /message/content/*/text
        finish: /finish_reason
        finish_words: {COMPLETE: stop, MAX_TOKENS: length, TOOL_CALL: tool_calls}
        input_tokens: /usage/tokens/input_tokens
        output_tokens: /usage/tokens/output_tokens
      stream:
        text: /delta/message/content/text
        finish: /delta/finish_reason
        input_tokens: /delta/usage/tokens/input_tokens
        output_tokens: /delta/usage/tokens/output_tokens
"""


def events(*all, named=False):
    return "".join((f"event: {e['type']}\n" if named else "") + f"data: {json.dumps(e)}\n\n" for e in all)


class Answer(json_server.Handler):
    """Says what it was asked in capitals. `cut …` ends in the middle of a stream, `bad …` is an error."""

    def answer_to(self, body):
        says = {"/generate": self.tgi, "/api/chat": self.ollama, "/v2/chat": self.cohere}[self.path]
        says(body, bool(body.get("stream")))

    def tgi(self, body, is_stream):
        words = body["inputs"].split()[1:]
        if words[0] == "bad":
            return self.send(422, json.dumps({"error": "too many tokens here", "error_type": "validation"}))
        details = {"finish_reason": "eos_token", "generated_tokens": len(words)}
        if not is_stream:
            return self.send(200, json.dumps({"generated_text": " ".join(words).upper(), "details": details}))
        tokens = [{"token": {"text": ("" if i == 0 else " ") + w.upper(), "special": False}, "details": None}
                  for i, w in enumerate(words)]
        last = {"token": {"text": "</s>", "special": True}, "generated_text": "all", "details": details}
        self.send(200, events(*tokens, *([] if words[0] == "cut" else [last])), "text/event-stream")

    def ollama(self, body, is_stream):
        words = body["messages"][-1]["content"].split()
        counts = {"prompt_eval_count": 7, "eval_count": len(words)}
        if words[0] == "bad" and not is_stream:
            return self.send(400, json.dumps({"error": "no such model here"}))
        if not is_stream:
            return self.send(200, json.dumps({
                "model": body["model"], "message": {"role": "assistant", "content": " ".join(words).upper()},
                "done": True, "done_reason": "stop", **counts}))
        lines = [{"model": body["model"], "message": {"content": ("" if i == 0 else " ") + w.upper()},
                  "done": False} for i, w in enumerate(words)]
        last = {"model": body["model"], "message": {"content": ""}, "done": True, "done_reason": "stop", **counts}
        if words[0] == "bad":
            lines, last = lines[:1], {"error": "no such model here"}
        text = "".join(json.dumps(line) + "\n" for line in [*lines, *([] if words[0] == "cut" else [last])])
        self.send(200, text, "application/x-ndjson")

    def cohere(self, body, is_stream):
        words = body["messages"][-1]["content"].split()
        usage = {"tokens": {"input_tokens": 7, "output_tokens": len(words)}}
        if words[0] == "bad":
            return self.send(400, json.dumps({"id": "e1", "message": "no tokens are left to say it"}))
        if not is_stream:
            return self.send(200, json.dumps({
                "id": "c1", "finish_reason": "COMPLETE", "usage": usage,
                "message": {"role": "assistant", "content": [{"type": "text", "text": " ".join(words).upper()}]}}))
        pieces = [{"type": "content-delta", "index": 0, "delta": {"message": {"content": {
            "text": ("" if i == 0 else " ") + w.upper()}}}} for i, w in enumerate(words)]
        end = {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}}
        self.send(200, events({"type": "message-start", "id": "c1"}, *pieces,
                              *([] if words[0] == "cut" else [end]), named=True), "text/event-stream")


class Raw(harness.Case):
    def setUp(self):
        super().setUp()
        self.server = json_server.Server(Answer)
        self.addCleanup(self.server.close)
        os.environ[KEY] = "any"
        self.addCleanup(os.environ.pop, KEY)

    def ask(self, path, map, questions, stream=False, expect=0, auth="bearer"):
        """The lines of the output."""
        self.write("rows.jsonl", "".join(json.dumps({"question": q}) + "\n" for q in questions))
        (self.folder / "out.jsonl").unlink(missing_ok=True)
        self.write("job.yaml", f"""version: 1
endpoints:
  - name: own
    api: raw
    base_url: {self.server.url}{path}
    model: small
    api_key: ${{{KEY}}}
    auth: {auth}
    raw:{map}
input: {{file: rows.jsonl}}
request:
  messages: [{{role: user, content: "{{{{ question }}}}"}}]
  max_tokens: 64
  stream: {str(stream).lower()}
output: {{file: out.jsonl, timings: false, overwrite: true}}
limits: {{attempts: 2}}
backoff: {{base: 1ms, throttled_base: 1ms}}
""")
        status, out, err = self.skein("run", "job.yaml")
        self.assertEqual(status, expect, out + err)
        return [json.loads(line) for line in (self.folder / "out.jsonl").read_text().splitlines()]

    def body_of(self, line):
        self.assertIsNone(line["error"], line)
        return line["response"]["body"]

    def check_server(self, path, map, usage):
        for stream in (False, True):
            with self.subTest(path=path, stream=stream):
                lines = self.ask(path, map, ["one and two", "three"], stream)
                bodies = [self.body_of(line) for line in lines]
                choices = [body["choices"][0] for body in bodies]
                self.assertEqual([c["message"]["content"] for c in choices], ["ONE AND TWO", "THREE"])
                self.assertEqual({c["finish_reason"] for c in choices}, {"stop"})
                self.assertEqual({b["object"] for b in bodies}, {"chat.completion"})
                for name, count in usage.items():
                    self.assertEqual(bodies[0]["usage"][name], count)
        lines = self.ask(path, map, ["cut in two", "whole"], stream=True, expect=1)
        self.assertEqual(lines[0]["error"]["code"], "incomplete_stream")
        self.assertEqual(self.body_of(lines[1])["choices"][0]["message"]["content"], "WHOLE")

    def test_the_shape_of_tgi(self):
        self.check_server("/generate", TGI, {"completion_tokens": 3})
        path, headers, body = self.server.asked[0]
        self.assertEqual((path, headers["Authorization"]), ("/generate", "Bearer any"))
        self.assertIn(body, [{"parameters": {"details": True, "max_new_tokens": 64}, "inputs": f"user: {q}\n"}
                             for q in ("one and two", "three")])
        [line] = self.ask("/generate", TGI, ["bad"], expect=1)
        self.assertIn("too many tokens here", line["error"]["message"])

    def test_the_shape_of_ollama(self):
        self.check_server("/api/chat", OLLAMA, {"prompt_tokens": 7, "completion_tokens": 3})
        self.assertEqual({(b["stream"], b["model"], b["options"]["num_ctx"], b["options"]["num_predict"])
                          for _, _, b in self.server.asked},
                         {(False, "small", 8192, 64), (True, "small", 8192, 64)})
        for stream in (False, True):
            [line] = self.ask("/api/chat", OLLAMA, ["bad idea"], stream, expect=1)
            self.assertIn("no such model here", line["error"]["message"])

    def test_the_shape_of_cohere(self):
        self.check_server("/v2/chat", COHERE, {"prompt_tokens": 7, "completion_tokens": 3})
        [line] = self.ask("/v2/chat", COHERE, ["bad"], expect=1)
        self.assertIn("no tokens are left to say it", line["error"]["message"])

    def test_the_key_goes_into_a_header_of_its_own(self):
        self.ask("/v2/chat", COHERE, ["one"], auth="X-Own-Key")
        [(_, headers, _)] = self.server.asked
        self.assertEqual(headers["X-Own-Key"], "any")
        self.assertNotIn("Authorization", headers)

    def test_check_refuses_what_the_map_cannot_say(self):
        self.ask("/v2/chat", COHERE, ["one"])
        asked = len(self.server.asked)
        job = (self.folder / "job.yaml").read_text()
        self.write("job.yaml", job.replace("max_tokens: 64", "max_tokens: 64\n  seed: 7"))
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 2)
        self.assertIn("endpoint own: raw cannot be asked for `seed`; name its place in raw.request, or list it in drop",
                      out + err)
        self.write("job.yaml", job.replace("        finish: /delta/finish_reason\n", ""))
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 2)
        self.assertIn("stream.finish or stream.done is missing", out + err)
        self.assertEqual(len(self.server.asked), asked)


if __name__ == "__main__":
    harness.main()
