"""litellm is the translator of many proxies. What it sends to Anthropic and Gemini for a chat, and what skein
sends, must mean the same, for 200 chats made up at random. Where the two differ on purpose: tests/peers/README.md."""
import json
import random
import re
import subprocess
import sys

import harness
import json_server
import python_peers

ROWS = 200
MODELS = {"anthropic": "anthropic/claude-sonnet-4-5", "gemini": "gemini/gemini-2.5-flash"}
PIXEL = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"q": {"type": "string", "description": "A \"word\""},
                                           "n": {"type": "array", "items": {"type": "integer"}}},
          "required": ["q", "n"], "additionalProperties": False}
ANSWERS = {
    "anthropic": {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
                  "content": [{"type": "text", "text": '{"q": "a", "n": [1]}'}],
                  "usage": {"input_tokens": 1, "output_tokens": 1}},
    "gemini": {"candidates": [{"content": {"role": "model", "parts": [{"text": '{"q": "a", "n": [1]}'}]},
                               "finishReason": "STOP", "index": 0}],
               "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}},
}


class Recorder(json_server.Handler):
    disable_nagle_algorithm = True

    def answer_to(self, body):
        self.send(200, json.dumps(ANSWERS["anthropic" if self.path.endswith("/messages") else "gemini"]))


def chat(dice):
    """A chat with what both translators can say. The sampler of Anthropic's newer models takes one of
    temperature and top_p, so there is one."""
    def text():
        return " ".join(dice.choice(["dot", "ä\u2028ö", "\"quoted\"", "{brace}", "\\", "two\nlines", "\U0001f9f6", "<b>"])
                        for _ in range(dice.randint(1, 6)))

    def question():
        if dice.random() < 0.6:
            return text()
        parts = [{"type": "text", "text": text()}]
        for _ in range(dice.randint(0, 2)):
            parts.insert(dice.randint(0, len(parts)), {"type": "image_url", "image_url": {"url": PIXEL}})
        return parts

    tools = [{"type": "function", "function": {"name": f"find_{i}", "description": text(), "parameters": SCHEMA}}
             for i in range(dice.choice([0, 0, 1, 3]))]
    messages = [{"role": "system", "content": text()}] if dice.random() < 0.5 else []
    for turn in range(dice.randint(0, 3)):
        messages.append({"role": "user", "content": question()})
        calls = [{"id": f"call_{turn}_{i}", "type": "function",
                  "function": {"name": "find_0", "arguments": json.dumps({"q": text(), "n": [i]})}}
                 for i in range(dice.randint(0, 2) if tools else 0)]
        said = {"role": "assistant", "content": text()}
        if calls:
            said["tool_calls"] = calls
            said["content"] = dice.choice([said["content"], None])
        messages.append(said)
        for call in calls:
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": text()})
    messages.append({"role": "user", "content": question()})
    body = {"model": "m", "messages": messages, "max_tokens": dice.randint(1, 8000)}
    if tools:
        body["tools"] = tools
        choices = [None, "auto", "none", "required", {"type": "function", "function": {"name": "find_0"}}]
        if choice := dice.choice(choices):
            body["tool_choice"] = choice
    elif dice.random() < 0.3:
        body["response_format"] = {"type": "json_schema",
                                   "json_schema": {"name": "found", "schema": SCHEMA, "strict": True}}
    if dice.random() < 0.5:
        body[dice.choice(["temperature", "top_p"])] = dice.choice([0, 0.25, 0.5, 1])
    if dice.random() < 0.3:
        body["stop"] = dice.choice(["END", ["END", "FIN"]])
    return body


def camel(name):
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), name)


def merged(messages):
    """Turns of one role that follow each other are one turn."""
    turns = []
    for role, parts in messages:
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(parts)
        else:
            turns.append((role, list(parts)))
    return turns


def without(value, names):
    if isinstance(value, dict):
        return {name: without(one, names) for name, one in value.items() if name not in names}
    return [without(one, names) for one in value] if isinstance(value, list) else value


def said_to_anthropic(body):
    def parts(content):
        if isinstance(content, str):
            return [("text", content)]
        found = []
        for part in content:
            kind = part["type"]
            if kind == "text":
                found.append((kind, part["text"]))
            elif kind == "image":
                found.append((kind, part["source"]))
            elif kind == "tool_use":
                found.append((kind, part["id"], part["name"], part["input"]))
            elif kind == "tool_result":
                found.append((kind, part["tool_use_id"], parts(part["content"])))
            else:
                raise AssertionError(f"an unknown part: {part}")
        return found

    form = body.pop("output_format", None) or body.pop("output_config", {}).get("format")
    system = body.pop("system", [])
    return {
        "system": "".join(text for _, text in parts(system)),
        "turns": merged((one["role"], parts(one["content"])) for one in body.pop("messages")),
        "tools": [(one["name"], one.get("description"), one["input_schema"]) for one in body.pop("tools", [])],
        "tool_choice": body.pop("tool_choice", None),
        "schema": form and form["schema"],
        "rest": {name: value for name, value in body.items() if name != "model"},
    }


def said_to_gemini(body):
    def parts(content):
        found = []
        for given in content["parts"]:
            part = {camel(name): value for name, value in given.items()}
            if "text" in part:
                found.append(("text", part["text"]))
            elif "inlineData" in part:
                found.append(("image", {camel(name): value for name, value in part["inlineData"].items()}))
            elif "functionCall" in part:
                found.append(("call", part["functionCall"]["name"], part["functionCall"]["args"]))
            elif "functionResponse" in part:
                answer = part["functionResponse"]
                found.append(("result", answer["name"], *answer["response"].values()))
            else:
                raise AssertionError(f"an unknown part: {part}")
        return found

    body = {camel(name): value for name, value in body.items()}
    config = {camel(name): value for name, value in body.pop("generationConfig", {}).items()}
    functions = []
    for tool in body.pop("tools", []):
        for one in {camel(name): value for name, value in tool.items()}["functionDeclarations"]:
            schema = one.get("parameters") or one.get("parametersJsonSchema")
            functions.append((one["name"], one.get("description"), without(schema, {"additionalProperties"})))
    called = body.pop("toolConfig", {}).get("functionCallingConfig")
    schema = config.pop("responseJsonSchema", None) or config.pop("responseSchema", None)
    return {
        "system": [text for _, text in parts(body.pop("systemInstruction", {"parts": []}))],
        "turns": merged((one["role"], parts(one)) for one in body.pop("contents")),
        "tools": functions,
        "tool_choice": called and {camel(name): value for name, value in called.items()},
        "schema": schema,
        "config": config,
        "rest": body,
    }


MEANING = {"anthropic": said_to_anthropic, "gemini": said_to_gemini}


class Litellm(harness.Case):
    def setUp(self):
        super().setUp()
        dice = random.Random(17)
        self.rows = [chat(dice) for _ in range(ROWS)]
        self.server = json_server.Server(Recorder)
        self.addCleanup(self.server.close)

    def asked(self):
        asked, self.server.asked = self.server.asked, []
        self.assertEqual(len(asked), ROWS)
        return [body for _, _, body in asked]

    def asked_by_litellm(self, api):
        self.write("bodies.jsonl", "".join(json.dumps(row) + "\n" for row in self.rows))
        done = subprocess.run(
            [python_peers.PYTHON, python_peers.SOURCES / "litellm_says.py", MODELS[api], self.server.url, "bodies.jsonl"],
            cwd=self.folder, env=python_peers.QUIET, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr[-2000:])
        return self.asked()

    def asked_by_skein(self, api):
        self.write("rows.jsonl", "".join(
            json.dumps({"custom_id": f"row-{i}", "method": "POST", "url": "/v1/chat/completions", "body": body}) + "\n"
            for i, body in enumerate(self.rows)))
        self.write("job.yaml", f"""version: 1
endpoints: [{{name: main, api: {api}, base_url: "{self.server.url}"}}]
limits: {{in_flight: 1}}
input: {{file: rows.jsonl}}
output: {{file: out.jsonl}}
""")
        self.run_job()
        return self.asked()

    def check(self, api):
        theirs = self.asked_by_litellm(api)
        ours = self.asked_by_skein(api)
        for i, (their, our) in enumerate(zip(theirs, ours)):
            with self.subTest(api=api, row=i):
                self.assertEqual(MEANING[api](our), MEANING[api](their), json.dumps(self.rows[i]))

    def test_a_chat_means_the_same_to_anthropic(self):
        self.check("anthropic")

    def test_a_chat_means_the_same_to_gemini(self):
        self.check("gemini")


if __name__ == "__main__":
    if python_peers.WHY_NOT:
        print(f"skipped: {python_peers.WHY_NOT}")
        sys.exit(77)
    harness.main()
