"""`skein models` and `skein check --ask`: what servers of each API offer, whether they take the key, and
what becomes of answers that are none. The servers are written by the makers' documents."""
import json
import os

import harness
import json_server

KEY = "CANARY-models-0123456789"
OPENAI = {"object": "list", "data": [{"id": n, "object": "model"} for n in ("small", "large", "medium")]}


class Lists(json_server.Handler):
    """`server.lists`: by path, (status, value of JSON or text). `server.open`: needs no key."""

    def handle(self):
        try:
            super().handle()
        except ConnectionError:  # An answer that is too large is not read to its end.
            pass

    def do_GET(self):
        with self.server.lock:
            self.server.asked.append((self.path, dict(self.headers), self.command))
        auth = self.headers["authorization"] or self.headers["x-api-key"] or self.headers["x-goog-api-key"]
        if not self.server.open and not (auth and KEY in auth):
            shown = {"error": {"message": f"Incorrect API key provided: {auth}", "code": "invalid_api_key"}}
            return self.send(401, json.dumps(shown))
        if self.server.busy and not auth:
            return self.send(429, "{}")
        status, value = self.server.lists.get(self.path, (404, {"error": {"message": "no such path"}}))
        self.send(status, value if isinstance(value, str) else json.dumps(value))


class Models(harness.Case):
    def setUp(self):
        super().setUp()
        self.server = json_server.Server(Lists)
        self.server.lists, self.server.open, self.server.busy = {}, False, False
        self.addCleanup(self.server.close)
        os.environ["MODELS_KEY"] = KEY
        self.addCleanup(os.environ.pop, "MODELS_KEY")
        self.rows(1)

    def endpoints(self, *endpoints, extra=""):
        lines = "\n".join(f"  - {{{endpoint}}}" for endpoint in endpoints)
        self.write("job.yaml", f"""version: 1
endpoints:
{lines}
input: {{file: rows.jsonl}}
request: {{messages: [{{role: user, content: "{{{{ question }}}}"}}]}}
output: {{file: out.jsonl}}
{extra}
""")

    def one(self, name="main", api="openai", model="small", url=None, more=""):
        return (f'name: {name}, api: {api}, base_url: "{url or self.server.url}", model: {model}, '
                f'api_key: "${{MODELS_KEY}}"{more}')

    def models(self, *arguments, expect=0):
        status, out, err = self.skein("models", "job.yaml", *arguments)
        self.assertEqual(status, expect, out + err)
        self.assertNotIn("CANARY", out + err)
        return out + err

    def as_json(self, expect=0):
        status, out, err = self.skein("models", "job.yaml", "--json")
        self.assertEqual(status, expect, out + err)
        self.assertNotIn("CANARY", out + err)
        self.assertEqual(out.count("\n"), 1)
        return json.loads(out)["endpoints"]

    def test_a_list_of_openai_is_sorted_and_the_key_is_said_to_be_accepted(self):
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one())
        text = self.models()
        self.assertIn(f"main: {self.server.url}/v1/models\n", text)
        self.assertIn("key: accepted", text)
        self.assertIn("small is offered", text)
        self.assertIn("3 models:\n    large\n    medium\n    small\n", text)
        self.assertEqual([kind for _, _, kind in self.server.asked], ["GET", "GET"])
        self.assertEqual(self.server.asked[0][1]["Authorization"], f"Bearer {KEY}")
        self.assertNotIn("Authorization", self.server.asked[1][1])

    def test_a_model_that_is_not_offered_is_named_with_the_likely_one(self):
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one(model="mediun"))
        self.assertIn("mediun is not in the list; did you mean medium?", self.models())

    def test_a_list_that_anybody_gets_says_nothing_of_the_key(self):
        self.server.open = True
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one())
        self.assertIn("key: unchecked", self.models())

    def test_a_server_that_is_busy_the_second_time_says_nothing_of_the_key(self):
        self.server.open, self.server.busy = True, True
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one())
        self.assertIn("key: unknown", self.models())

    def test_a_bare_list(self):
        self.server.lists["/v1/models"] = (200, [{"id": "b", "context_length": 131072}, {"id": "a"}])
        self.endpoints(self.one(model="b"))
        self.assertIn("    a\n    b  context 131 072\n", self.models())

    def test_all_pages_of_anthropic(self):
        item = {"type": "model", "max_input_tokens": 200000, "max_tokens": 64000}
        first = {"data": [{"id": "claude-b", **item}], "has_more": True, "first_id": "x", "last_id": "claude-b"}
        last = {"data": [{"id": "claude-a", **item}], "has_more": False, "first_id": "y", "last_id": "claude-a"}
        self.server.lists["/v1/models?limit=1000"] = (200, first)
        self.server.lists["/v1/models?limit=1000&after_id=claude-b"] = (200, last)
        self.endpoints(self.one(api="anthropic", model="claude-a", more=", max_tokens: 9"))
        text = self.models()
        self.assertIn("    claude-a  context 200 000, answer 64 000\n    claude-b", text)
        headers = self.server.asked[0][1]
        self.assertEqual(headers["x-api-key"], KEY)
        self.assertEqual(headers["anthropic-version"], "2023-06-01")

    def test_pages_without_end_are_given_up(self):
        page = {"data": [{"id": "again"}], "has_more": True, "last_id": "again"}
        self.server.lists["/v1/models?limit=1000"] = (200, page)
        self.server.lists["/v1/models?limit=1000&after_id=again"] = (200, page)
        self.endpoints(self.one(api="anthropic", model="claude-a", more=", max_tokens: 9"))
        text = self.models()
        self.assertIn("1 model, and more that were not read", text)
        self.assertIn("claude-a, not compared", text)
        self.assertLess(len(self.server.asked), 60)

    def test_all_pages_of_gemini(self):
        model = {"inputTokenLimit": 1048576, "outputTokenLimit": 65536}
        self.server.lists["/v1beta/models?pageSize=1000"] = (
            200, {"models": [{"name": "models/flash", **model}], "nextPageToken": "t/1"})
        self.server.lists["/v1beta/models?pageSize=1000&pageToken=t%2F1"] = (
            200, {"models": [{"name": "models/pro", **model}]})
        self.endpoints(self.one(api="gemini", model="flash"))
        text = self.models()
        self.assertIn("flash is offered", text)
        self.assertIn("    flash  context 1 048 576, answer 65 536\n    pro", text)
        self.assertEqual(self.server.asked[0][1]["x-goog-api-key"], KEY)

    def test_azure_does_not_list_its_deployments(self):
        self.server.open = True
        self.server.lists["/openai/v1/models"] = (200, OPENAI)
        self.endpoints(self.one(api="azure", model="mine"))
        text = self.models()
        self.assertIn("not the deployments", text)
        self.assertIn("mine, not compared", text)

    def test_a_wrong_key_is_exit_status_3_and_is_not_shown(self):
        os.environ["MODELS_KEY"] = "CANARY-wrong"
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one())
        text = self.models(expect=3)
        self.assertIn("key: refused", text)
        self.assertIn("HTTP 401: Incorrect API key provided", text)

    def test_gemini_refuses_a_wrong_key_with_400(self):
        self.server.open = True
        self.server.lists["/v1beta/models?pageSize=1000"] = (400, {"error": {
            "code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]}})
        self.endpoints(self.one(api="gemini"))
        self.assertIn("key: refused", self.models(expect=3))

    def test_no_server_is_exit_status_3_and_the_others_are_asked(self):
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one(), self.one("gone", url="http://127.0.0.1:1"))
        text = self.models(expect=3)
        self.assertIn("failed: connect", text)
        self.assertIn("3 models", text)
        good, gone = self.as_json(expect=3)
        self.assertEqual((good["state"], good["offered"], len(good["models"])), ("listed", True, 3))
        self.assertEqual((gone["state"], gone["key"], gone["offered"]), ("failed", "unknown", None))
        self.assertIn("3 models", self.models("main"))
        self.assertIn("no endpoint has the name 'man'; did you mean 'main'?", self.models("man", expect=2))

    def test_a_server_without_a_list_is_no_failure(self):
        self.endpoints(self.one())
        text = self.models()
        self.assertIn("no list: HTTP 404", text)
        self.assertIn("key: unknown", text)

    def test_a_redirect_is_not_followed(self):
        self.server.open = True
        self.server.lists["/v1/models"] = (302, "")
        self.endpoints(self.one())
        self.assertIn("HTTP 302", self.models(expect=3))

    def test_hostile_answers(self):
        self.server.open = True
        for answer, words in (
                ("[" * 100_000, "no JSON"), ("<html>", "no JSON"), ('{"data": 7}', "no list of models"),
                ('["' + "x" * 5_000_000 + '"]', "too_large")):
            self.server.lists["/v1/models"] = (200, answer)
            self.endpoints(self.one())
            self.assertIn(words, self.models(expect=3))
        self.server.lists["/v1/models"] = (200, [{"id": "\x1b[31mred\u202e" + KEY}, {"id": "x" * 300}])
        text = self.models()
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)
        self.assertIn("1 model:", text)
        self.assertTrue(self.as_json()[0]["models"][0]["name"].startswith("\x1b[31mred"))

    def test_a_key_of_a_command_and_one_of_a_file(self):
        self.server.lists["/v1/models"] = (200, OPENAI)
        key = self.write("key", KEY + "\n")
        key.chmod(0o600)
        base = f'base_url: "{self.server.url}", model: small'
        self.endpoints(f"name: a, {base}, api_key_command: [cat, key]", f"name: b, {base}, api_key_file: key",
                       f"name: c, {base}, api_key_command: [\"false\"]")
        text = self.models(expect=3)
        self.assertEqual(text.count("key: accepted"), 2, text)
        self.assertIn("exit status 1", text)

    def test_a_mock_is_asked_in_this_process(self):
        self.endpoints('name: main, base_url: "mock:", model: any')
        text = self.models()
        self.assertIn("1 model:\n    mock\n", text)
        self.assertIn("any, not compared", text)
        self.assertIn("key: none", text)

    def test_the_mock_server_lists_models_in_each_api(self):
        mock = self.mock("require_key: true\n")
        url = mock.url.removesuffix("/v1")
        self.endpoints(*(self.one(api, api, "mock", url, ", max_tokens: 9")
                         for api in ("openai", "anthropic", "gemini")))
        text = self.models()
        self.assertEqual(text.count("mock is offered"), 3, text)
        self.assertEqual(text.count("key: accepted"), 3, text)
        self.assertIn("mock  context 1 048 576", text)

    def test_check_compares_only_when_told_to(self):
        self.server.lists["/v1/models"] = (200, OPENAI)
        self.endpoints(self.one(model="smal"))
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual((status, self.server.asked), (0, []), err)
        status, out, err = self.skein("check", "job.yaml", "--ask")
        self.assertEqual(status, 0, err)
        self.assertIn("did you mean small?", out)
        self.assertIn("3 models\n", out)
        self.assertNotIn("    large\n", out)
        os.environ["MODELS_KEY"] = "CANARY-wrong"
        self.assertEqual(self.skein("check", "job.yaml", "--ask")[0], 3)

    def test_a_bad_job_is_exit_status_2(self):
        self.write("job.yaml", "version: 1\nendpoints: 7\n")
        self.assertIn("job.yaml:2", self.models(expect=2))
        self.assertEqual(self.server.asked, [])


if __name__ == "__main__":
    harness.main()
