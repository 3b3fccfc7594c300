"""`skein import`: the configuration of a litellm proxy becomes a job that passes `skein check` and runs."""
import os

import harness

CONFIG = """
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_base: {url}
      api_key: os.environ/IMPORT_KEY
      rpm: 60000
      weight: 2
      input_cost_per_token: 2.5e-06
      output_cost_per_token: 1.0e-05
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://example-eu.openai.azure.com/
      api_version: "2024-10-21"
      api_key: CANARY-literal-0123456789
      max_parallel_requests: 4
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      temperature: 0.2
  - model_name: bedrock-claude
    litellm_params:
      model: bedrock/anthropic.claude-v2
router_settings:
  routing_strategy: least-busy
  num_retries: 2
  timeout: 30
  fallbacks: [{{"gpt-4o": ["claude"]}}]
general_settings:
  master_key: CANARY-master-0123456789
"""


class Import(harness.Case):
    def setUp(self):
        super().setUp()
        for name in ("IMPORT_KEY", "GPT_4O_2_API_KEY", "ANTHROPIC_API_KEY"):
            os.environ[name] = "CANARY-" + name
            self.addCleanup(os.environ.pop, name)

    def imported(self, text, *arguments, expect=0):
        self.write("litellm.yaml", text)
        status, out, err = self.skein("import", "litellm.yaml", *arguments)
        self.assertEqual(status, expect, err)
        self.assertNotIn("CANARY", out + err)
        return out, err

    def test_the_job_passes_the_check_once_there_are_rows(self):
        _, err = self.imported(CONFIG.format(url="https://llm.example.com/v1"), "-o", "job.yaml")
        job = (self.folder / "job.yaml").read_text()
        self.assertNotIn("CANARY", job)
        for words in ("litellm.yaml:17:7: the key itself is not carried over: set the variable GPT_4O_2_API_KEY",
                      "litellm.yaml:22:7: temperature is a default of requests",
                      "no API is known for bedrock", "routing_strategy"):
            self.assertIn(words, err)
            self.assertIn("#   " + words if words.startswith("litellm") else words, job)
        self.assertEqual(self.skein("check", "job.yaml")[0], 2)
        self.write("rows.jsonl", '{"text": "What is a skein?"}\n')
        status, out, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 0, err)
        self.assertIn("gpt-4o at https://llm.example.com/v1, model gpt-4o, tier 0", out)
        self.assertIn("gpt-4o-2 at https://example-eu.openai.azure.com, model gpt-4o-eu, tier 0", out)
        self.assertIn("claude at https://api.anthropic.com, model claude-sonnet-4-5, tier 1", out)
        self.assertIn("at most 3 attempts a request", out)

    def test_fallbacks_for_single_faults_pass_the_check(self):
        text = CONFIG.format(url="https://llm.example.com/v1") + """
litellm_settings:
  context_window_fallbacks: [{"gpt-4o": ["claude"]}]
  content_policy_fallbacks: [{"gpt-4o": ["claude"]}]
"""
        self.imported(text, "-o", "job.yaml")
        self.assertIn('on: {context_exceeded: "claude", filtered: "claude"}',
                      (self.folder / "job.yaml").read_text())
        self.write("rows.jsonl", '{"text": "What is a skein?"}\n')
        status, _, err = self.skein("check", "job.yaml")
        self.assertEqual(status, 0, err)

    def test_the_job_runs(self):
        mock = self.mock()
        text = f"""
model_list:
  - model_name: small
    litellm_params: {{model: hosted_vllm/small, api_base: "{mock.url}", api_key: none, timeout: 20}}
"""
        out, _ = self.imported(text)
        self.write("job.yaml", out)
        self.write("rows.jsonl", '{"text": "What is a skein?"}\n')
        self.run_job()
        self.assertEqual(self.output("replies.jsonl")[0]["response"]["body"]["model"], "small")

    def test_a_file_that_is_there_is_kept(self):
        self.write("job.yaml", "mine")
        _, err = self.imported(CONFIG.format(url="https://h/v1"), "-o", "job.yaml", expect=2)
        self.assertIn("job.yaml exists", err)
        self.assertEqual((self.folder / "job.yaml").read_text(), "mine")

    def test_what_is_no_configuration_is_exit_status_2(self):
        for text in ("", "model_list: 7\n", "a: [", "\x00", "model_list: &x [*x]\n"):
            _, err = self.imported(text, expect=2)
            self.assertIn("litellm.yaml", err)
        status, _, err = self.skein("import", "gone.yaml")
        self.assertEqual(status, 2)
        self.assertIn("gone.yaml cannot be read", err)
        status, _, err = self.skein("import", ".")
        self.assertEqual(status, 2, err)

    def test_one_model_of_several_is_chosen_by_its_name(self):
        out, err = self.imported(CONFIG.format(url="https://h/v1"), "--model", "claude")
        self.assertIn('name: "claude"', out)
        self.assertNotIn('name: "gpt-4o"', out)
        self.assertIn("gpt-4o is left out", err)
        _, err = self.imported(CONFIG.format(url="https://h/v1"), "--model", "claud", expect=2)
        self.assertIn("did you mean 'claude'?", err)


if __name__ == "__main__":
    harness.main()
