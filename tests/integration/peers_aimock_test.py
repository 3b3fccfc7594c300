"""A server of others answers each API from one fixture and notes what it was asked in its own words: the
same rows must be the same conversations in every API, and come home as the same completions."""
import json
import subprocess
import sys
import urllib.request

import harness
import peers

USAGE = {"prompt_tokens": 9, "completion_tokens": 4}
PIXEL = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
TOOLS = [{"type": "function", "function": {"name": "find", "description": "Looks up", "parameters": SCHEMA}}]
# For each API: more of its endpoint. A new API is a new line.
APIS = {"openai": "", "responses": "", "anthropic": "", "gemini": "", "azure": ', api_version: "2024-10-21"'}
# What the server's own reading of an API leaves out: the schema of Gemini's functions has another name
# there than the one that Google's client writes.
UNREAD = {"gemini": {"parameters"}}
# A word that Google does not have, and skein does not know; and a status of Responses without its reason.
INVENTED = {"FUNCTION_CALL": "tool_calls", "incomplete": "length"}


def call(number):
    return [{"id": f"t{number}", "type": "function",
             "function": {"name": "find", "arguments": json.dumps({"q": f"dot {number}"})}}]


def conversation(i):
    """One of eight kinds."""
    asked = {"role": "user", "content": f"What is {i}? Say <{i}>."}
    return [
        [asked],
        [{"role": "system", "content": "Be terse."}, asked],
        [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Yes?"}, asked],
        [{"role": "user", "content": [{"type": "text", "text": asked["content"]},
                                      {"type": "image_url", "image_url": {"url": PIXEL}}]}],
        [{"role": "user", "content": "Find it"},
         {"role": "assistant", "content": "I look.", "tool_calls": call(i)},
         {"role": "tool", "tool_call_id": f"t{i}", "content": f"found {i}"},
         {"role": "assistant", "content": "There."}, asked],
        [asked],  # With tools: the answer is a call.
        [{"role": "system", "content": "Say \"ä\" \\ \u2028 and no more."}, asked],
        [asked],  # The answer ends by its length.
    ][i % 8]


def row(i, stream=False):
    body = {"model": "m", "messages": conversation(i), "max_tokens": 60 + i}
    if stream:
        body.update(stream=True, stream_options={"include_usage": True})
    if i % 8 in (4, 5):
        body["tools"] = TOOLS
    return {"custom_id": f"row-{i}", "method": "POST", "url": "/v1/chat/completions", "body": body}


def fixture(i):
    answer = {"content": f"It is {i}: ü, {i} and no more than {i}.", "usage": USAGE}
    if i % 8 == 5:
        answer = {"toolCalls": [{"name": "find", "arguments": {"q": f"dot {i}"}}], "usage": USAGE}
    if i % 8 == 7:
        answer["finishReason"] = "length"
    return {"match": {"userMessage": f"<{i}>"}, "response": answer}


ROWS = range(40)


def spoken(message):
    """A message in the journal, as all APIs must say it."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if part.get("type") == "text")
    try:
        content = json.loads(content)["output"]  # A result of Gemini is an object.
    except (TypeError, ValueError, KeyError):
        pass
    calls = [(one["function"]["name"], json.loads(one["function"]["arguments"]))
             for one in message.get("tool_calls") or []]
    return message["role"], content or "", calls


def joined(messages):
    """The server reads calls of Responses as a message of their own, behind what was said beside them."""
    whole = []
    for role, content, calls in messages:
        if calls and not content and whole and whole[-1][0] == role and not whole[-1][2]:
            content = whole.pop()[1]
        whole.append((role, content, calls))
    return whole


class Aimock(harness.Case):
    def setUp(self):
        super().setUp()
        peers.prepare(self.folder)
        self.write("fixtures.json", json.dumps([fixture(i) for i in ROWS]))
        self.server = self.start("aimock.mjs", "fixtures.json", program="node", stdin=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, env=peers.QUIET)
        self.addCleanup(self.close)
        self.url = self.server.stdout.readline().decode().strip()
        self.assertIn("127.0.0.1", self.url)

    def close(self):
        self.server.stdin.close()
        self.server.wait(harness.PATIENCE)
        self.server.stdout.close()

    def control(self, path, method="GET"):
        request = urllib.request.Request(self.url + path, method=method, data=b"" if method == "POST" else None)
        with urllib.request.urlopen(request, timeout=harness.PATIENCE) as answer:
            return json.loads(answer.read() or b"null")

    def asked(self, api, stream):
        """The server's reading of what it was asked: by row, messages and tools. A row is known by its `max_tokens`."""
        self.assertEqual(len(self.control("/__aimock/journal")), len(ROWS))
        found = {}
        for entry in self.control("/__aimock/journal"):
            body = entry["body"]
            self.assertEqual(bool(body.get("stream")), stream)
            tools = [{key: value for key, value in one["function"].items() if key not in UNREAD.get(api, ())}
                     for one in body.get("tools") or []]
            found[body["max_tokens"]] = (joined(spoken(message) for message in body["messages"]), tools)
        return found

    def run_over(self, api, more, stream):
        self.control("/__aimock/reset/journal", "POST")
        self.write("rows.jsonl", "".join(json.dumps(row(i, stream)) + "\n" for i in ROWS))
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, api: {api}, base_url: "{self.url}"{more}}}]
input: {{file: rows.jsonl}}
output: {{file: out.jsonl, timings: false, overwrite: true}}
""")
        self.run_job("--overwrite")
        return self.output()

    def completion(self, line):
        """All of an answer but what names the server and the moment."""
        body = line["response"]["body"]
        choice = body["choices"][0]
        calls = [(one["function"]["name"], json.loads(one["function"]["arguments"]))
                 for one in choice["message"].get("tool_calls") or []]
        usage = [body["usage"]["prompt_tokens"], body["usage"]["completion_tokens"]]
        reason = INVENTED.get(choice["finish_reason"], choice["finish_reason"])
        return line["custom_id"], choice["message"].get("content") or "", calls, reason, usage

    def test_one_conversation_and_one_answer_in_every_api(self):
        expected = None
        for api, more in APIS.items():
            for stream in (False, True):
                with self.subTest(api=api, stream=stream):
                    lines = self.run_over(api, more, stream)
                    asked = self.asked(api, stream)
                    for i in ROWS:
                        messages, tools = asked[60 + i]
                        self.assertEqual(messages, [spoken(one) for one in conversation(i)])
                        wanted = [{k: v for k, v in one["function"].items() if k not in UNREAD.get(api, ())}
                                  for one in row(i)["body"].get("tools", [])]
                        self.assertEqual(tools, wanted)
                    said = [self.completion(line) for line in lines]
                    expected = expected or said
                    self.assertEqual(said, expected)
        for i, (_, text, calls, reason, usage) in enumerate(expected):
            self.assertEqual((text, calls), ("", [("find", {"q": f"dot {i}"})]) if i % 8 == 5
                             else (f"It is {i}: ü, {i} and no more than {i}.", []))
            self.assertEqual(reason, {5: "tool_calls", 7: "length"}.get(i % 8, "stop"))
            self.assertEqual(usage, list(USAGE.values()))


if __name__ == "__main__":
    if peers.WHY_NOT:
        print(f"skipped: {peers.WHY_NOT}")
        sys.exit(77)
    harness.main()
