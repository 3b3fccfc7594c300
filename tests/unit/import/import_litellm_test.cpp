#include "import/import_litellm.hpp"

#include "config/yaml_text.hpp"
#include "support/catch.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace skein;

namespace {

ImportedJob imported(const std::string& yaml, const std::string& model = {}) {
    auto job = import_litellm(yaml, "litellm.yaml", model);
    INFO(yaml);
    if (!job) FAIL(job.error().text());
    // Whatever was in the file, the result is a job file in form.
    const auto tree = config::read_yaml(job->text, "job.yaml");
    if (!tree) FAIL(tree.error().text());
    return std::move(*job);
}

// One entry of `model_list` with these params, each a line.
std::string entry(const std::string& group, const std::vector<std::string>& params) {
    std::string text = "  - model_name: " + group + "\n    litellm_params:\n";
    for (const auto& param : params) text += "      " + param + "\n";
    return text;
}

ImportedJob one(const std::vector<std::string>& params) {
    return imported("model_list:\n" + entry("m", params));
}

bool has(const ImportedJob& job, const std::string& line) {
    return job.text.find(line) != std::string::npos;
}

bool tells(const ImportedJob& job, const std::string& words) {
    return std::ranges::any_of(job.notes, [&](const litellm::Note& note) {
        return (note.where + ": " + note.what).find(words) != std::string::npos;
    });
}

std::string error_of(const std::string& yaml, const std::string& model = {}) {
    const auto job = import_litellm(yaml, "litellm.yaml", model);
    return job ? "" : job.error().text();
}

// The tier of the endpoint with this name; empty if there is none.
std::string tier_of(const ImportedJob& job, const std::string& name) {
    const auto tree = config::read_yaml(job.text, "job.yaml");
    for (const auto& endpoint : tree->find("endpoints")->children) {
        if (endpoint.find("name")->text == name) return endpoint.find("tier")->text;
    }
    return {};
}

}  // namespace

TEST_CASE("A deployment of each provider becomes an endpoint of its API.", "[import]") {
    struct Row {
        const char* model;
        const char* api;
        const char* url;
        const char* name;
        const char* key;
    };
    const Row rows[] = {
        {"openai/gpt-4o", "openai", "https://api.openai.com/v1", "gpt-4o", "OPENAI_API_KEY"},
        {"gpt-4o-mini", "openai", "https://api.openai.com/v1", "gpt-4o-mini", "OPENAI_API_KEY"},
        {"anthropic/claude-x",
         "anthropic",
         "https://api.anthropic.com",
         "claude-x",
         "ANTHROPIC_API_KEY"},
        {"claude-y", "anthropic", "https://api.anthropic.com", "claude-y", "ANTHROPIC_API_KEY"},
        {"gemini/gemini-2.5-flash",
         "gemini",
         "https://generativelanguage.googleapis.com",
         "gemini-2.5-flash",
         "GEMINI_API_KEY"},
        {"groq/llama", "openai", "https://api.groq.com/openai/v1", "llama", "GROQ_API_KEY"},
        {"mistral/m", "openai", "https://api.mistral.ai/v1", "m", "MISTRAL_API_KEY"},
        {"deepseek/d", "openai", "https://api.deepseek.com/v1", "d", "DEEPSEEK_API_KEY"},
        {"together_ai/meta/l",
         "openai",
         "https://api.together.xyz/v1",
         "meta/l",
         "TOGETHERAI_API_KEY"},
        {"openrouter/a/b", "openai", "https://openrouter.ai/api/v1", "a/b", "OPENROUTER_API_KEY"},
        {"xai/grok", "openai", "https://api.x.ai/v1", "grok", "XAI_API_KEY"},
    };
    for (const auto& [model, api, url, name, key] : rows) {
        CAPTURE(model);
        const auto job = one({"model: " + std::string{model}});
        CHECK(has(job, "api: " + std::string{api} + "\n"));
        CHECK(has(job, "base_url: \"" + std::string{url} + "\"\n"));
        CHECK(has(job, "model: \"" + std::string{name} + "\"\n"));
        CHECK(has(job, "api_key: \"${" + std::string{key} + "}\"\n"));
    }
}

TEST_CASE("Servers of one's own need their api_base, and no key.", "[import]") {
    const auto vllm = one({"model: hosted_vllm/meta/llama", "api_base: http://127.0.0.1:8000/v1"});
    CHECK(has(vllm, "base_url: \"http://127.0.0.1:8000/v1\""));
    CHECK_FALSE(has(vllm, "api_key"));
    CHECK_FALSE(has(vllm, "allow_plaintext"));
    const auto ollama = one({"model: ollama/mistral"});
    CHECK(has(ollama, "base_url: \"http://localhost:11434/v1\""));
    const auto nowhere = one({"model: hosted_vllm/m"});
    CHECK(has(nowhere, "base_url: \"${M_BASE_URL}\""));
    CHECK(tells(nowhere, "set the variable M_BASE_URL"));
    const auto plain =
        one({"model: openai/m", "api_base: http://10.0.0.7:8000/v1/", "api_key: none"});
    CHECK(has(plain, "base_url: \"http://10.0.0.7:8000/v1\""));
    CHECK(has(plain, "allow_plaintext: true"));
    CHECK(tells(plain, "no key is sent"));
    const auto custom =
        one({"model: some/name", "custom_llm_provider: openai", "api_base: https://h/v1"});
    CHECK(has(custom, "model: \"some/name\""));
}

TEST_CASE("Azure keeps its deployment, its version and its token.", "[import]") {
    const auto job = one(
        {"model: azure/gpt-eu",
         "api_base: https://n.openai.azure.com/",
         "api_version: \"2024-10-21\"",
         "api_key: os.environ/AZURE_EU"}
    );
    CHECK(has(job, "api: azure\n"));
    CHECK(has(job, "model: \"gpt-eu\""));
    CHECK(has(job, "api_version: \"2024-10-21\""));
    CHECK(has(job, "api_key: \"${AZURE_EU}\""));
    const auto token = one(
        {"model: azure/d",
         "api_base: os.environ/BASE",
         "azure_ad_token: os.environ/TOKEN",
         "api_version: os.environ/V"}
    );
    CHECK(has(token, "auth: bearer"));
    CHECK(has(token, "api_key: \"${TOKEN}\""));
    CHECK(has(token, "base_url: \"${BASE}\""));
    CHECK(has(token, "api_version: \"${V}\""));
}

TEST_CASE("Gemini on Vertex is asked at its project with a token of gcloud.", "[import]") {
    const auto job = one(
        {"model: vertex_ai/gemini-2.5-pro", "vertex_project: p-1", "vertex_location: europe-west4"}
    );
    CHECK(
        has(job,
            "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/"
            "europe-west4/publishers/google\"")
    );
    CHECK(has(job, "auth: bearer"));
    CHECK(has(job, "api_key_command: [\"gcloud\", \"auth\", \"print-access-token\"]"));
    CHECK(
        error_of(
            "model_list:\n" +
            entry("m", {"model: vertex_ai/gemini-x", "vertex_project: ../p", "vertex_location: l"})
        )
            .find("vertex_project") != std::string::npos
    );
    CHECK(
        error_of(
            "model_list:\n" +
            entry("m", {"model: vertex_ai/claude-x", "vertex_project: p", "vertex_location: l"})
        )
            .find("Google's alone") != std::string::npos
    );
}

TEST_CASE("A key itself is never carried over, wherever it stands.", "[import]") {
    const std::string key = "CANARY-0123456789";
    const auto job = imported(
        "model_list:\n" +
        entry(
            "m", {"model: openai/a", "api_key: " + key, "extra_headers: {x-api-key: " + key + "}"}
        ) +
        entry("m", {"model: openai/b", "api_key: " + key}) +
        entry(
            "m",
            {"model: openai/c",
             "api_base: \"https://h/v1?key=" + key + "\"",
             "api_key: [" + key + "]"}
        ) +
        entry(
            "m",
            {"model: openai/d",
             "api_base: \"https://u:" + key + "@h/v1\"",
             "aws_secret_access_key: " + key,
             "azure_ad_token: " + key}
        ) +
        "environment_variables: {K: " + key + "}\ngeneral_settings: {master_key: " + key +
        "}\nrouter_settings: {redis_password: " + key + ", num_retries: " + key + "}\n"
    );
    CHECK(job.text.find("CANARY") == std::string::npos);
    for (const auto& note : job.notes) CHECK(note.what.find("CANARY") == std::string::npos);
    CHECK(has(job, "api_key: \"${M_API_KEY}\""));
    CHECK_FALSE(has(job, "M_2_API_KEY"));  // The same key, so the same variable.
    CHECK(has(job, "\"x-api-key\": \"${M_HEADER_KEY}\""));
    CHECK(has(job, "base_url: \"${M_3_BASE_URL}\""));
    CHECK(tells(
        job, "litellm.yaml:5:7: the key itself is not carried over: set the variable M_API_KEY"
    ));
}

TEST_CASE("Limits, weights, prices and headers of a deployment are carried over.", "[import]") {
    const auto job = one(
        {"model: openai/m",
         "rpm: 480",
         "tpm: 100000",
         "itpm: 80000",
         "otpm: 20000",
         "max_parallel_requests: 7",
         "weight: 3",
         "input_cost_per_token: 1.5e-07",
         "output_cost_per_token: 0.0000006",
         "max_tokens: 99",
         "organization: os.environ/ORG",
         "extra_headers: {X-Team: blue}",
         "timeout: 30",
         "additional_drop_params: [seed, \"a.b\"]"}
    );
    for (const auto* line :
         {"rpm: 480\n",
          "tpm: 100000\n",
          "input_tpm: 80000\n",
          "output_tpm: 20000\n",
          "in_flight: 7\n",
          "weight: 3\n",
          "input_price: 0.15\n",
          "output_price: 0.6\n",
          "max_tokens: 99\n",
          "drop: [\"seed\"]\n",
          "attempt: 30s\n",
          "headers: {\"OpenAI-Organization\": \"${ORG}\", \"X-Team\": \"blue\"}\n"}) {
        CAPTURE(line);
        CHECK(has(job, line));
    }
    CHECK(tells(job, "only whole members"));
    CHECK(job.notes.size() == 1);
}

TEST_CASE("Prices may stand in model_info as well.", "[import]") {
    const auto job = imported(
        "model_list:\n" + entry("m", {"model: openai/m"}) +
        "    model_info: {input_cost_per_token: 0.000002, mode: chat, id: x}\n"
    );
    CHECK(has(job, "input_price: 2\n"));
    CHECK(tells(job, "model_info.mode has no counterpart"));
    CHECK_FALSE(tells(job, "model_info.id"));
}

TEST_CASE("Values that are no numbers are left out and told.", "[import]") {
    const auto job = one(
        {"model: openai/m",
         "rpm: many",
         "tpm: -1",
         "weight: 0",
         "max_parallel_requests: 1.5",
         "timeout: os.environ/T",
         "input_cost_per_token: .inf",
         "output_cost_per_token: 1e400"}
    );
    CHECK(tells(job, "litellm.yaml:5:7: rpm is no number"));
    CHECK(tells(job, "tpm is no number"));
    CHECK(has(job, "weight: 0.01\n"));
    CHECK(tells(job, "a weight is 0.01 to 100"));
    for (const auto* key : {"rpm:", "tpm:", "in_flight:", "price:", "attempt:"}) {
        CAPTURE(key);
        CHECK_FALSE(has(job, std::string{"    "} + key));
    }
}

TEST_CASE("Deployments of one model_name share a tier, and fallbacks serve later.", "[import]") {
    const auto list = "model_list:\n" + entry("a", {"model: openai/a"}) +
                      entry("a", {"model: openai/a2"}) + entry("b", {"model: openai/b"}) +
                      entry("c", {"model: openai/c"}) + entry("d", {"model: openai/d"});
    const auto job = imported(
        list +
        "router_settings:\n  fallbacks: [{a: [b]}, {b: [c, a]}]\n  num_retries: 2\n"
        "  timeout: 30\nlitellm_settings: {request_timeout: 600, num_retries: 9}\n"
    );
    CHECK(tier_of(job, "a") == "0");
    CHECK(tier_of(job, "a-2") == "0");
    CHECK(tier_of(job, "b") == "1");
    CHECK(tier_of(job, "c") == "2");
    CHECK(tier_of(job, "d").empty());
    CHECK(tells(job, "d is left out: a job asks one model, here a"));
    CHECK(has(job, "attempts: 3\n"));
    CHECK(has(job, "attempt: 30s\n"));
    const auto other = imported(list, "d");
    CHECK(tier_of(other, "d") == "0");
    CHECK(tier_of(other, "a").empty());
    CHECK(error_of(list, "dd").find("model_name 'dd'") != std::string::npos);
}

TEST_CASE("Deployments with an order serve one after the other.", "[import]") {
    const auto job = imported(
        "model_list:\n" + entry("a", {"model: openai/a", "order: 2"}) +
        entry("a", {"model: openai/b", "order: 1"}) + entry("f", {"model: openai/f"}) +
        "litellm_settings: {default_fallbacks: [f]}\n"
    );
    CHECK(tier_of(job, "a") == "1");
    CHECK(tier_of(job, "a-2") == "0");
    CHECK(tier_of(job, "f") == "2");
}

TEST_CASE("Fallbacks for one fault become `on`, by the name of an endpoint.", "[import]") {
    const auto job = imported(
        "model_list:\n" + entry("small", {"model: openai/s"}) +
        entry("small", {"model: openai/s2"}) + entry("large", {"model: openai/l"}) +
        entry("mild", {"model: openai/m"}) +
        "litellm_settings:\n  context_window_fallbacks: [{small: [gone, large]}]\n"
        "  content_policy_fallbacks: [{small: [mild]}]\n"
    );
    const std::string on = "on: {context_exceeded: \"large\", filtered: \"mild\"}\n";
    const auto first = job.text.find(on);
    REQUIRE(first != std::string::npos);
    CHECK(job.text.find(on, first + 1) != std::string::npos);
    CHECK(tier_of(job, "large") == "1");
    CHECK(tier_of(job, "mild") == "2");
}

TEST_CASE("An alias of a group stands for it.", "[import]") {
    const auto yaml = "model_list:\n" + entry("x", {"model: openai/x"}) +
                      entry("y", {"model: openai/y"}) +
                      "router_settings:\n  model_group_alias: {short: y, long: {model: x}}\n"
                      "  fallbacks: [{x: [short]}]\n";
    CHECK(tier_of(imported(yaml, "long"), "y") == "1");
}

TEST_CASE("Credentials are looked up by their name.", "[import]") {
    const auto job = imported(
        "model_list:\n" + entry("m", {"model: azure/d", "litellm_credential_name: c"}) +
        "credential_list:\n  - credential_name: c\n    credential_values: {api_key: os.environ/CK, "
        "api_base: https://n.openai.azure.com}\n"
    );
    CHECK(has(job, "api_key: \"${CK}\""));
    CHECK(has(job, "base_url: \"https://n.openai.azure.com\""));
}

TEST_CASE("What cannot be carried over is told by its place, also in the job.", "[import]") {
    const auto job = imported(
        "model_list:\n" +
        entry(
            "m",
            {"model: openai/m",
             "temperature: 0.2",
             "stream_timeout: 5",
             "strange: 1",
             "drop_params: true",
             "max_retries: 3"}
        ) +
        entry("b", {"model: bedrock/anthropic.claude"}) + "  - 7\n" +
        "router_settings: {routing_strategy: least-busy, allowed_fails: 3, cooldown_time: 30, "
        "retry_after: 5, unheard_of: 1}\ngeneral_settings: {master_key: x, "
        "global_max_parallel_requests: 12}\nguardrails: []\n"
    );
    for (const auto* words :
         {"litellm.yaml:5:7: temperature is a default of requests",
          "stream_timeout is not carried",
          "strange has no counterpart",
          "drop_params is not carried over",
          "limits.attempts",
          "no API is known for bedrock",
          "an entry needs model_name",
          "routing_strategy:",
          "allowed_fails:",
          "cooldown_time:",
          "retry_after:",
          "unheard_of: has no counterpart",
          "general_settings are those",
          "guardrails has no counterpart"}) {
        CAPTURE(words);
        CHECK(tells(job, words));
        CHECK(has(job, words));
    }
    CHECK(has(job, "in_flight: 12\n"));
}

TEST_CASE("Texts of the file can be neither YAML nor variables of the job.", "[import]") {
    const auto job = imported(
        "model_list:\n  - model_name: \"a\\nb: {c}\\u2028\"\n    litellm_params:\n"
        "      model: \"openai/${HOME}\\\"\\n- x: y\"\n      api_base: \"https://h/v1\\nevil: 1\"\n"
        "      \"ke\\ny\": 1\n      extra_headers: {\"A: b\\r\\nC\": \"${SECRET}\"}\n"
    );
    CHECK(has(job, "$${HOME}"));
    CHECK(has(job, "$${SECRET}"));
    CHECK_FALSE(has(job, "\nevil"));
    const auto tree = config::read_yaml(job.text, "job.yaml");
    REQUIRE(tree->find("endpoints")->children.size() == 1);
    CHECK(tree->find("endpoints")->children[0].find("name")->text == "a-b---c");
}

TEST_CASE("A file that is no configuration of litellm is refused in words.", "[import]") {
    CHECK(error_of("").find("litellm.yaml") != std::string::npos);
    CHECK(error_of("a: 1").find("model_list is missing") != std::string::npos);
    CHECK(error_of("model_list: {}").find("model_list is missing") != std::string::npos);
    CHECK(error_of("model_list: []").find("no entry of model_list") != std::string::npos);
    CHECK(error_of("model_list: [").find("litellm.yaml:1") != std::string::npos);
    CHECK(error_of("model_list: &a [*a]").find("litellm.yaml:1") != std::string::npos);
    CHECK_FALSE(error_of(std::string(100'000, '[')).empty());
    CHECK_FALSE(error_of(std::string(2'000'000, ' ')).empty());
}

TEST_CASE("Every beginning of a file is imported or refused, and never more.", "[import]") {
    const auto whole =
        "model_list:\n" + entry("m", {"model: openai/m", "api_key: os.environ/K", "rpm: 1"}) +
        "    model_info: {id: x}\nrouter_settings:\n  fallbacks: [{m: [n]}, 7, {m: {a: b}}]\n"
        "  model_group_alias: [1]\n  num_retries: {}\n";
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        CAPTURE(size);
        const auto job = import_litellm(whole.substr(0, size), "litellm.yaml");
        if (job) CHECK(config::read_yaml(job->text, "job.yaml").has_value());
    }
}

TEST_CASE("A job has a hundred endpoints at most, and notes have an end.", "[import]") {
    std::string yaml = "model_list:\n";
    for (int i = 0; i < 900; ++i) yaml += entry("m", {"model: openai/m", "odd: 1"});
    const auto job = imported(yaml);
    const auto tree = config::read_yaml(job.text, "job.yaml");
    CHECK(tree->find("endpoints")->children.size() == 100);
    CHECK(job.notes.size() == 201);
    CHECK(job.notes.back().what.starts_with("and "));
}
