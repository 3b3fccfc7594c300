"""Other people's official clients before the mock server: what they accept, tests of skein may build on.
`scripts/get_peers` fetches them, where they can be had."""
import sys

import harness
import peers

WEATHER = """seed: 1
require_key: true
first_token: 0ms
faults:
  - {fault: 401, contains: fail with 401}
  - {fault: 429, contains: fail with 429, headers: {retry-after: "1"}}
  - {fault: 500, contains: fail with 500}
  - {fault: 503, contains: fail once, count: 1, headers: {retry-after-ms: "1"}}
  - {fault: blocked_prompt, contains: block this}
  - {fault: bare_error_in_stream, contains: break the stream}
"""
USAGE = [7, 3]  # Of the question that all ask: `user: echo:one two three`.
CALL = {"name": "find", "arguments": {"q": "a dot"}}
VECTORS = [8, 8]


class Peers(harness.Case):
    def setUp(self):
        super().setUp()
        self.server = self.mock(WEATHER)

    def facts(self, program, *arguments):
        if not (self.folder / "node_modules").exists():
            peers.prepare(self.folder)
        return peers.facts(self, program, self.server.url.removesuffix("/v1"), *arguments)

    def check(self, found, answers, errors):
        """The answers to the letter; of errors the status. All else would be a check without a judge."""
        for name, answer in answers.items():
            self.assertEqual(found.pop(name), answer, name)
        for name, status in errors.items():
            error = found.pop(name)
            self.assertEqual(error.get("status"), status, f"{name}: {error}")
        self.assertEqual(found, {})

    def check_retries(self):
        """One answer was refused, and asked for again."""
        self.assertEqual(self.server.ledger()["answered"].get("503"), 1)

    def test_openai(self):
        said = {"text": "one two three", "reason": "stop", "usage": USAGE}
        self.check(
            self.facts("openai"),
            {"chat": said, "stream": said, "tools": {**CALL, "reason": "tool_calls"},
             "tools_stream": {**CALL, "reason": "tool_calls"}, "structured": CALL["arguments"],
             "embeddings": VECTORS, "models": ["mock"], "retry": "stop"},
            {"error_401": 401, "error_429": 429, "error_500": 500})
        self.check_retries()

    def test_anthropic(self):
        said = {"text": "one two three", "reason": "end_turn", "usage": USAGE}
        self.check(
            self.facts("anthropic"),
            {"chat": said, "stream": said, "tools": {**CALL, "reason": "tool_use"},
             "tools_stream": {**CALL, "reason": "tool_use"}, "structured": CALL["arguments"],
             "thinking": [True, "one two three"], "thinking_stream": [True, "one two three"],
             "count": USAGE[0], "models": ["mock"], "retry": "end_turn"},
            {"error_400": 400, "error_401": 401, "error_429": 429, "error_500": 500})
        self.check_retries()

    def test_google(self):
        found = self.facts("google")
        broken = found.pop("bare_error")
        self.assertIn("the weather wants it so", broken["message"])
        said = {"text": "one two three", "reason": "STOP", "usage": USAGE}
        self.check(
            found,
            {"chat": said, "stream": said, "tools": {**CALL, "reason": "STOP"},
             "tools_stream": {**CALL, "reason": "STOP"}, "structured": CALL["arguments"],
             "thinking": [True, "one two three"], "thinking_stream": [True, "one two three"],
             "count": USAGE[0], "embeddings": VECTORS, "blocked": "SAFETY", "retry": "STOP"},
            {"error_400": 400, "error_401": 401, "error_429": 429, "error_500": 500})
        self.check_retries()

    def test_mistral_which_checks_every_answer(self):
        said = {"text": "one two three", "reason": "stop"}
        self.check(
            self.facts("mistral"),
            {"chat": {**said, "usage": USAGE}, "stream": said, "tools": {**CALL, "reason": "tool_calls"},
             "structured": CALL["arguments"], "embeddings": VECTORS, "retry": "stop"},
            {"error_401": 401, "error_429": 429, "error_500": 500})
        self.check_retries()

    def test_the_ai_sdk_which_checks_every_answer(self):
        said = {"text": "one two three", "reason": "stop", "usage": USAGE}
        for api in ("openai", "responses", "anthropic", "gemini"):
            with self.subTest(api):
                self.server.change(WEATHER)
                self.server.forget()
                found = self.facts("ai", api)
                broken = found.pop("error_in_stream")
                if api == "gemini":  # It reads over a line without `data:`, and knows no reason then.
                    self.assertEqual(broken["reason"], "other")
                else:
                    self.assertIn("the weather wants it so", str(broken))
                self.check(
                    found,
                    {"chat": said, "stream": said, "tools": {**CALL, "reason": "tool-calls"},
                     "tools_stream": {**CALL, "reason": "tool-calls"}, "structured": CALL["arguments"],
                     **({} if api == "anthropic" else {"embeddings": VECTORS}), "retry": "stop"},
                    {"error_401": 401, "error_429": 429, "error_500": 500})
                self.check_retries()


if __name__ == "__main__":
    if peers.WHY_NOT:
        print(f"skipped: {peers.WHY_NOT}")
        sys.exit(77)
    harness.main()
