"""The official types as judges: bodies that skein writes and answers that the mock server gives are
constants of these types, and the compiler of TypeScript finds what is wrong with one."""
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import harness
import json_server
import peers

PIXEL = "data:image/png;base64,iVBORw0KGgo="
PDF = "data:application/pdf;base64,JVBERi0xLjQ="
NOTE = "data:text/plain;base64,aGVsbG8="
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"],
          "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "find", "description": "Looks up", "parameters": SCHEMA}},
         {"type": "function", "function": {"name": "bare"}}]
CALLS = [{"id": "t1", "type": "function", "function": {"name": "find", "arguments": '{"q":"dot"}'}},
         {"id": "t2", "type": "function", "function": {"name": "bare", "arguments": "{}"}}]


def user(*parts, **more):
    return {"model": "m", "messages": [{"role": "user", "content": list(parts)}], **more}


def say(**more):
    return user({"type": "text", "text": "What is this?"}, **more)


# In the common form: what every dialect can say, and what only some can.
ROWS = {
    "plain": say(),
    "system": {**say(max_tokens=64), "messages": [
        {"role": "system", "content": "Be terse."}, {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "one"}, {"role": "user", "content": "two"},
        {"role": "assistant", "content": "three"}, {"role": "user", "content": "four"}]},
    "stream": say(stream=True),
    "image": user({"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": PIXEL}},
                  {"type": "image_url", "image_url": {"url": "https://a.test/a.png", "detail": "low"}}),
    "file": user({"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
                 {"type": "file", "file": {"filename": "a.txt", "file_data": NOTE}}),
    "tools": say(tools=TOOLS),
    "tool_required": say(tools=TOOLS, tool_choice="required"),
    "tool_none": say(tools=TOOLS, tool_choice="none"),
    "tool_named": say(tools=TOOLS, tool_choice={"type": "function", "function": {"name": "find"}}),
    "called": {"model": "m", "tools": TOOLS, "messages": [
        {"role": "user", "content": "find it"},
        {"role": "assistant", "content": "I look.", "tool_calls": CALLS},
        {"role": "tool", "tool_call_id": "t1", "content": "a dot"},
        {"role": "tool", "tool_call_id": "t2", "content": [{"type": "text", "text": "nothing"}]}]},
    "schema": say(response_format={"type": "json_schema",
                                   "json_schema": {"name": "found", "schema": SCHEMA, "strict": True}}),
    "effort": say(reasoning_effort="low"),
    "no_effort": say(reasoning_effort="none"),
}
STOP = {"stop": say(stop="END"), "stops": say(stop=["END", "FIN"])}
TIER = {"tier": say(service_tier="default")}
FLEX = {"tier": say(service_tier="flex")}
SAMPLING = {"sampling": say(temperature=0.5, top_p=0.9)}
TOP_K = {"top_k": say(top_k=3)}
USER = {"user": say(user="somebody")}
ONE_CALL = {"one_call": say(tools=TOOLS, parallel_tool_calls=False)}
LOGPROBS = {"logprobs": say(logprobs=True, top_logprobs=3), "verbosity": say(verbosity="low")}
JSON_OBJECT = {"json_object": say(response_format={"type": "json_object"})}
CHOICES = {"choices": say(n=2, seed=7, frequency_penalty=0.5, presence_penalty=0.5),
           "logprobs": say(logprobs=True, top_logprobs=3)}

# For each dialect: its endpoint, the type of its bodies, its rows. A new dialect is a new line.
WRITTEN = {
    "openai": ("", "ChatBody", {**ROWS, **STOP, **TIER, **SAMPLING, **USER, **ONE_CALL, **JSON_OBJECT, **CHOICES}),
    "responses": ("", "ResponsesBody", {**ROWS, **TIER, **SAMPLING, **USER, **ONE_CALL, **JSON_OBJECT, **LOGPROBS}),
    "anthropic": (", max_tokens: 64", "MessagesBody",
                  {**ROWS, **STOP, **TIER, **SAMPLING, **TOP_K, **USER, **ONE_CALL}),
    "gemini": ("", "GeminiBody", {**ROWS, **STOP, **FLEX, **SAMPLING, **TOP_K, **JSON_OBJECT, **CHOICES}),
}

# What the compiler must find: one flaw each.
FLAWS = {
    "no_max_tokens": ("MessagesBody", {"model": "m", "messages": []}),
    "unknown_member": ("MessagesBody", {"model": "m", "max_tokens": 1, "messages": [], "n": 1}),
    "wrong_role": ("MessagesBody", {"model": "m", "max_tokens": 1,
                                    "messages": [{"role": "tool", "content": "x"}]}),
    "wrong_mode": ("GeminiBody", {"contents": [], "toolConfig": {"functionCallingConfig": {"mode": "MUST"}}}),
    "wrong_part": ("GeminiBody", {"contents": [{"role": "user", "parts": [{"type": "text"}]}]}),
    "wrong_reason": ("GeminiAnswer", {"candidates": [{"finishReason": "END"}]}),
    "no_usage": ("MessagesAnswer", {"id": "x", "type": "message"}),
    "wrong_choice": ("ChatBody", {"model": "m", "messages": [], "tool_choice": "any"}),
}

ANSWER = '{"q": "dot"}'  # It passes every schema of the rows.


class Recorder(json_server.Handler):
    """Answers as the API does that was asked, so that no row is asked twice."""
    disable_nagle_algorithm = True

    def answer_to(self, body):
        if self.path == "/v1/messages":
            return self.send(200, json.dumps({
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": [{"type": "text", "text": ANSWER}], "stop_reason": "end_turn",
                "usage": {"input_tokens": 1, "output_tokens": 1}}))
        if self.path == "/v1/responses":
            part = {"type": "output_text", "text": ANSWER, "annotations": []}
            return self.send(200, json.dumps({
                "object": "response", "status": "completed", "model": "m",
                "output": [{"type": "message", "role": "assistant", "content": [part]}]}))
        count = body.get("n") or body.get("generationConfig", {}).get("candidateCount") or 1
        if self.path.startswith("/v1beta/models/"):
            content = {"role": "model", "parts": [{"text": ANSWER}]}
            return self.send(200, json.dumps({"candidates": [
                {"content": content, "finishReason": "STOP", "index": i} for i in range(count)]}))
        message = {"role": "assistant", "content": ANSWER}
        self.send(200, json.dumps({"model": "m", "choices": [
            {"index": i, "message": message, "finish_reason": "stop"} for i in range(count)]}))


class Types(harness.Case):
    def setUp(self):
        super().setUp()
        self.constants = []  # Of the TypeScript file: their names.
        self.text = (peers.SOURCES / "types.ts").read_text(encoding="utf-8")

    def constant(self, name, kind, value):
        self.assertNotIn(name, self.constants)
        self.constants.append(name)
        self.text += f"const {name}: {kind} = {json.dumps(value)};\n"

    def refused(self):
        """The constants that the compiler objects to, and what it said of them."""
        (self.folder / "node_modules").symlink_to(peers.MODULES)
        self.write("package.json", '{"type": "module"}')
        file = self.write("judged.ts", self.text)
        done = subprocess.run(
            ["node", peers.MODULES / "typescript" / "bin" / "tsc", "--noEmit", "--strict", "--skipLibCheck",
             "--target", "es2022", "--module", "nodenext", "--pretty", "false", file.name],
            cwd=self.folder, capture_output=True, text=True, timeout=harness.PATIENCE)
        lines = self.text.splitlines()
        found = {}
        for number, why in re.findall(r"^judged\.ts\((\d+),\d+\): (.+(?:\n  .+)*)", done.stdout, re.M):
            line = lines[int(number) - 1]
            self.assertTrue(line.startswith("const "), f"{line}: {why}")
            found.setdefault(line.split()[1].rstrip(":"), why)
        self.assertEqual(done.returncode, 2 if found else 0, done.stdout + done.stderr)
        return found

    def bodies(self, api, endpoint, rows):
        """What skein asks a server of this API for each row."""
        server = json_server.Server(Recorder)
        try:
            self.write("rows.jsonl", "".join(
                json.dumps({"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}) + "\n"
                for name, body in rows.items()))
            self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, api: {api}, base_url: "{server.url}"{endpoint}}}]
limits: {{in_flight: 1}}
input: {{file: rows.jsonl}}
output: {{file: out.jsonl, timings: false, overwrite: true}}
""")
            self.run_job("--overwrite")
        finally:
            server.close()
        self.assertEqual(len(server.asked), len(rows))
        return [body for _, _, body in server.asked]

    def bodies_of_skein(self):
        for api, (endpoint, kind, rows) in WRITTEN.items():
            for name, body in zip(rows, self.bodies(api, endpoint, rows)):
                self.constant(f"{api}_{name}", kind, body)

    def ask(self, url, body, headers):
        request = urllib.request.Request(url, headers=headers, data=body and json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def answers_of_the_mock_server(self):
        mock = self.mock("faults: [{fault: no_text, contains: say nothing}]")
        root = mock.url.removesuffix("/v1")
        headers = {"anthropic-version": "2023-06-01", "content-type": "application/json"}

        def judge(name, kind, path, body=None, events=None, **options):
            said = self.ask(root + path, body, {} if options.get("bare") else headers)
            self.constant(name, kind, options.get("part", lambda value: value)(json.loads(said)))
            if events:
                stream = self.ask(root + events[1], {**body, **events[2]}, headers)
                data = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]
                self.assertGreater(len(data), 1)
                self.constant(f"{name}_events", f"{events[0]}[]", data)

        chat = "/v1/chat/completions"
        chunks = ("ChatChunk", chat, {"stream": True, "stream_options": {"include_usage": True}})
        judge("chat", "ChatAnswer", chat, say(n=2), chunks)
        judge("chat_call", "ChatAnswer", chat, say(tools=TOOLS, tool_choice="required"), chunks)
        judge("embeddings", "Embeddings", "/v1/embeddings", {"model": "m", "input": ["one", "two"]})
        judge("chat_models", "OpenAI.Model[]", "/v1/models", bare=True, part=lambda page: page["data"])

        asks = {"model": "m", "input": "What is this?"}
        events = ("ResponsesEvent", "/v1/responses", {"stream": True})
        called = {"tools": [{"type": "function", "name": "find", "parameters": {}, "strict": False}],
                  "tool_choice": "required"}
        judge("response", "ResponsesAnswer", "/v1/responses", asks, events)
        judge("response_call", "ResponsesAnswer", "/v1/responses", {**asks, **called}, events)
        judge("response_cut", "ResponsesAnswer", "/v1/responses", {**asks, "max_output_tokens": 2}, events)
        judge("response_nothing", "ResponsesAnswer", "/v1/responses", {**asks, "input": "say nothing"}, events)

        asks = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "What is this?"}]}
        events = ("MessagesEvent", "/v1/messages", {"stream": True})
        called = {"tools": [{"name": "find", "input_schema": {"type": "object"}}], "tool_choice": {"type": "any"}}
        judge("message", "MessagesAnswer", "/v1/messages", asks, events)
        judge("message_call", "MessagesAnswer", "/v1/messages", {**asks, **called}, events)
        judge("message_thought", "MessagesAnswer", "/v1/messages", {**asks, "thinking": {"type": "adaptive"}}, events)
        nothing = [{"role": "user", "content": "say nothing"}]
        judge("message_nothing", "MessagesAnswer", "/v1/messages", {**asks, "messages": nothing}, events)
        judge("message_error", "MessagesError", "/v1/messages", {"model": "m"})
        judge("message_count", "CountAnswer", "/v1/messages/count_tokens", {"model": "m", "messages": nothing})
        judge("message_models", "AnthropicModel[]", "/v1/models", part=lambda page: page["data"])

        model = "/v1beta/models/m:"
        asks = {"contents": [{"parts": [{"text": "What is this?"}]}]}
        chunks = ("GeminiAnswer", f"{model}streamGenerateContent?alt=sse", {})
        called = {"tools": [{"functionDeclarations": [{"name": "find"}]}],
                  "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}
        thought = {"generationConfig": {"thinkingConfig": {"includeThoughts": True}, "candidateCount": 2}}
        judge("gemini", "GeminiAnswer", f"{model}generateContent", asks, chunks)
        judge("gemini_call", "GeminiAnswer", f"{model}generateContent", {**asks, **called}, chunks)
        judge("gemini_thought", "GeminiAnswer", f"{model}generateContent", {**asks, **thought}, chunks)
        judge("gemini_count", "Plain<google.CountTokensResponse>", f"{model}countTokens", asks,
              part=lambda count: {"totalTokens": count["totalTokens"]})
        judge("gemini_models", "Plain<google.Model>[]", "/v1beta/models",
              part=lambda page: [{"name": one["name"]} for one in page["models"]])

    def test_the_compiler_objects_to_flaws_alone(self):
        """All in one file, because the compiler takes seconds to read the types."""
        self.bodies_of_skein()
        self.answers_of_the_mock_server()
        for name, (kind, value) in FLAWS.items():
            self.constant(f"flaw_{name}", kind, value)
        self.assertGreater(len(self.constants), 80)
        found = self.refused()
        flaws = {f"flaw_{name}" for name in FLAWS}
        self.assertEqual({name: why for name, why in found.items() if name not in flaws}, {})
        self.assertEqual(found.keys(), flaws)


if __name__ == "__main__":
    if peers.WHY_NOT:
        print(f"skipped: {peers.WHY_NOT}")
        sys.exit(77)
    harness.main()
