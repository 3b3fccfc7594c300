// Errors in the sections `local` and `fallback` of a job file.
#include "support/catch.hpp"
#include "unit/config/pools.hpp"
#include "unit/config/slips.hpp"

using namespace skein;
using namespace std::chrono_literals;
using test::appended;
using test::check_all;
using test::job_of;
using test::least_job;
using test::least_job_with;
using test::pool_of;

namespace {

const std::string endpoints =
    "endpoints:\n  - name: main\n    base_url: https://llm.example.com/v1\n";

// An error in line 13 of an otherwise valid pool.
test::Slip in_pool(const std::string& line, const std::string& complaint) {
    return appended("local:\n  " + line + "\n  model: m.gguf\n", complaint);
}

}  // namespace

TEST_CASE("The devices of a pool are auto, the CPU, or a list.", "[config]") {
    using List = std::vector<std::string>;
    CHECK(pool_of("model: m, devices: auto").devices == List{"auto"});
    CHECK(pool_of("model: m, devices: cpu").devices == List{"cpu"});
    CHECK(pool_of("model: m, devices: [0]").devices == List{"0"});
    CHECK(pool_of("model: m, devices: ['1', MIG-1-2]").devices == List{"1", "MIG-1-2"});
    const std::string rule =
        "devices must be auto, cpu, or a list of GPUs by number or UUID, as in [0, 1], not ";
    check_all({
        in_pool("devices: 0", "13:12: " + rule + "0"),
        in_pool("devices: gpu", "13:12: " + rule + "gpu"),
        in_pool("devices: []", "13:12: " + rule + "an empty list"),
        in_pool("devices: {a: 1}", "13:12: " + rule + "a mapping"),
        in_pool("devices:", "13:3: " + rule + "nothing"),
        in_pool("devices: [0, [1]]", "13:16: devices[1] must be a text, not a list"),
        in_pool("devices: ['']", "13:13: devices[0] must not be empty"),
    });
}

TEST_CASE("An empty section `local` gives no pool.", "[config]") {
    CHECK_FALSE(job_of(least_job + "local:\n").settings.local);
    CHECK(job_of(least_job + "fallback:\n").settings.fallback_after == 10s);
    check_all({
        appended("local: {}\n", "12:8: local.model is missing: what the engine is to load"),
        appended(
            "local: []\n", "12:8: local must be a mapping (`key: value` lines), not an empty list"
        ),
        appended("local: auto\n", "12:8: local must be a mapping (`key: value` lines), not auto"),
        {least_job_with(endpoints, "local:\n"),
         "1:1: endpoints is missing; say whom to ask (or give a local pool)"},
    });
}

TEST_CASE("A job needs endpoints or a local pool.", "[config]") {
    const auto job = job_of(least_job_with(endpoints, "local: {model: m.gguf}\n"));
    CHECK(job.settings.endpoints.empty());
    CHECK(job.settings.local);
    check_all({
        {least_job_with(endpoints, ""),
         "1:1: endpoints is missing; say whom to ask (or give a local pool)"},
        {least_job_with(endpoints, "local: {model: m.gguf}\nendpoints: []\n"),
         "3:12: endpoints must be a list of endpoints, each with a name and a base_url, not an "
         "empty list"},
    });
}

TEST_CASE("A misspelt key of a pool is refused with the right key.", "[config]") {
    check_all({
        in_pool("modle: x", "13:3: unknown key 'modle' in local; did you mean 'model'?"),
        in_pool("url: x", "13:3: unknown key 'url' in local; did you mean 'base_url'?"),
        in_pool(
            "context: 512",
            "13:3: unknown key 'context' in local; it is called 'context_tokens' now"
        ),
        in_pool(
            "answer: 2s", "13:3: unknown key 'answer' in local; it is called 'probe_timeout' now"
        ),
        in_pool(
            "xyz: x",
            "13:3: unknown key 'xyz' in local; it can be: engine, name, model, "
            "program, command, arguments, base_url, environment, devices, pin_by, "
            "workers_per_device, in_flight_per_worker, context_tokens, memory_per_worker, "
            "embeddings, start, required, startup_timeout, probe_interval, probe_timeout, "
            "stall_timeout, recycle_after, health_path"
        ),
        appended("devices: cpu\n", "12:1: unknown key 'devices'; it belongs into local"),
        appended(
            "fallback: {afetr: 1s}\n",
            "12:12: unknown key 'afetr' in fallback; did you mean "
            "'after'?"
        ),
        appended(
            "fallback: 10s\n", "12:11: fallback must be a mapping (`key: value` lines), not 10s"
        ),
        in_pool(
            "engine: llama_server",
            "13:11: engine must be one of llama-server, vllm, sglang, transformers, command, "
            "url, not llama_server; did you mean 'llama-server'?"
        ),
        in_pool(
            "engine: ollama",
            "13:11: engine must be one of llama-server, vllm, sglang, transformers, command, "
            "url, not ollama"
        ),
        in_pool(
            "start: on-demand",
            "13:10: start must be one of on_demand, standby, not on-demand; did you mean "
            "'on_demand'?"
        ),
        in_pool("pin_by: name", "13:11: pin_by must be one of index, uuid, not name"),
    });
}

TEST_CASE("Each engine of a pool requires its own keys.", "[config]") {
    const auto engine = [](const std::string& rest, const std::string& complaint) {
        return appended("local:\n  engine: " + rest + "\n", complaint);
    };
    const std::string model = "13:3: local.model is missing: what the engine is to load";
    check_all({
        engine("llama-server", model),
        engine("vllm", model),
        engine("sglang", model),
        engine("transformers", model),
        engine("command", "13:3: local.command is missing: the program and each of its arguments"),
        engine("url", "13:3: local.base_url is missing: where the server runs already"),
        engine("vllm\n  model:", "14:3: model must be a text, not nothing"),
        engine("vllm\n  model: ''", "14:10: model must not be empty"),
        engine("vllm\n  model: \"a\\nb\"", "14:10: there is a line break in model"),
    });
}

TEST_CASE("A key that the engine does not use is refused.", "[config]") {
    check_all({
        in_pool(
            "command: [serve]",
            "13:3: command is for engine: command, and the engine is llama-server; change the "
            "one or leave out the other"
        ),
        in_pool(
            "base_url: http://127.0.0.1:8080",
            "13:3: base_url is for engine: url, and the engine is llama-server; change the one "
            "or leave out the other"
        ),
        in_pool(
            "engine: command\n  command: [serve]\n  base_url: http://127.0.0.1:8080",
            "15:3: base_url is for engine: url, and the engine is command; change the one or "
            "leave out the other"
        ),
    });
}

TEST_CASE("The command of a pool is a list with known placeholders only.", "[config]") {
    const auto command = [](const std::string& value, const std::string& complaint) {
        return appended("local:\n  engine: command\n  command: " + value + "\n", complaint);
    };
    const std::string rule = "command must be a list: the program and each of its arguments, not ";
    check_all({
        command("serve {model}", "14:12: " + rule + "serve {model}"),
        command("[]", "14:12: " + rule + "an empty list"),
        command("", "14:3: " + rule + "nothing"),
        command("['', x]", "14:13: command[0] must not be empty"),
        command("[serve, {a: 1}]", "14:20: command[1] must be a text, not a mapping"),
        command(
            "[serve, '{port}', '--gpu={gpu}']",
            "14:30: {gpu} cannot be filled in; these can: {model}, {device}, {socket}, {port}, "
            "{slots}, {context}, {name}"
        ),
    });
}

TEST_CASE("The URL of a running server in a pool must be on this machine.", "[config]") {
    const auto url = [](const std::string& value, const std::string& complaint) {
        return appended(
            "local:\n  engine: url\n  base_url: " + value + "\n", "14:13: " + complaint
        );
    };
    const std::string here =
        "a local server is at http:// on this machine, without a query; others are endpoints";
    check_all({
        url("http://llm.example.com/v1", here),
        url("http://192.168.0.1:8080", here),
        url("https://127.0.0.1:8080", here),
        url("'mock:'", here),
        url("127.0.0.1:8080",
            "a URL begins with https:// (or with http:// to this machine, unix:, or mock:)"),
        url("http://127.0.0.1:0", "a port is a whole number from 1 to 65535"),
        url("http://user:CANARY@127.0.0.1",
            "a URL holds no user and no password: they would be shown in logs; use api_key"),
        url("http://127.0.0.1/v1?x=1", here),
    });
}

TEST_CASE("A size or duration of a pool outside its range is refused.", "[config]") {
    const std::string duration =
        " must be a duration with its unit (us, ms, s, m, h), at most 8760h, not ";
    const std::string size =
        "memory_per_worker must be a size like 64MiB, 256kB or 4096 (bytes), at most "
        "1125899906842624, not ";
    check_all({
        in_pool(
            "workers_per_device: 0",
            "13:23: workers_per_device must be a whole number from 1 to 64, not 0"
        ),
        in_pool(
            "workers_per_device: 65",
            "13:23: workers_per_device must be a whole number from 1 to 64, not 65"
        ),
        in_pool(
            "in_flight_per_worker: 0",
            "13:25: in_flight_per_worker must be a whole number from 1 to 4096, not 0"
        ),
        in_pool(
            "in_flight_per_worker: 4097",
            "13:25: in_flight_per_worker must be a whole number from 1 to 4096, not 4097"
        ),
        in_pool(
            "context_tokens: 4k",
            "13:19: context_tokens must be a whole number from 0 to 100000000, not 4k"
        ),
        in_pool(
            "recycle_after: -1",
            "13:18: recycle_after must be a whole number from 0 to 1000000000000, not -1"
        ),
        in_pool("memory_per_worker: 20G", "13:22: " + size + "20G"),
        in_pool("memory_per_worker: 2000000GiB", "13:22: " + size + "2000000GiB"),
        in_pool("startup_timeout: 600", "13:20: startup_timeout" + duration + "600; write 600s"),
        in_pool(
            "startup_timeout: 0s", "13:20: startup_timeout must be more than 0 s, up to a year"
        ),
        in_pool("probe_interval: 0s", "13:19: probe_interval must be more than 0 s, up to a year"),
        in_pool("probe_timeout: 0ms", "13:18: probe_timeout must be more than 0 s, up to a year"),
        in_pool("stall_timeout: never", "13:18: stall_timeout" + duration + "never"),
        in_pool("embeddings: yes", "13:15: embeddings must be true or false, not yes"),
        in_pool("required: 'true'", "13:13: required must be true or false, not the text \"true\""),
        appended("fallback: {after: 10}\n", "12:19: after" + duration + "10; write 10s"),
        appended("fallback:\n  after:\n", "13:3: after" + duration + "nothing"),
    });
    CHECK(pool_of("model: m, memory_per_worker: 0").memory_per_worker == 0);
    CHECK(job_of(least_job + "fallback: {after: 0s}\n").settings.fallback_after == 0s);
}

TEST_CASE(
    "The environment of a pool is a list of valid names, and a value is not shown.", "[config]"
) {
    const std::string rule =
        "this is the name of an environment variable, like HF_TOKEN, and nothing else; its value "
        "is "
        "that which it has for skein";
    check_all({
        in_pool("environment: [A, HF_TOKEN=CANARY]", "13:20: " + rule),
        in_pool(
            "environment: {HF_TOKEN: CANARY}",
            "13:16: environment must be a list of names, not a mapping"
        ),
        in_pool(
            "arguments: --seed 1", "13:14: arguments must be a list of arguments, not --seed 1"
        ),
        in_pool(
            "health_path: ready",
            "13:16: health_path is a path like /health: it begins with '/', and is plain ASCII "
            "without spaces"
        ),
        in_pool(
            "health_path: /a b",
            "13:16: health_path is a path like /health: it begins with '/', and is plain ASCII "
            "without spaces"
        ),
    });
}

TEST_CASE("A worker must not have the name of an endpoint.", "[config]") {
    const auto named = [](const std::string& endpoint, const std::string& local) {
        return test::complaint_about(
            least_job_with("name: main", "name: " + endpoint) + "local: {" + local + "}\n"
        );
    };
    CHECK(
        named("local-0", "model: m") ==
        "job.yaml:12:8: an endpoint is called local-0, as a worker would be; give the pool another "
        "name"
    );
    CHECK(
        named("gpu-17", "model: m, name: gpu") ==
        "job.yaml:12:25: an endpoint is called gpu-17, as a worker would be; give the pool another "
        "name"
    );
    for (const auto* fine : {"local", "local-", "local-x", "local-0x", "local-1-1", "xlocal-0"}) {
        CHECK(named(fine, "model: m").empty());
    }
    CHECK(
        named("main", "model: m, name: a b") ==
        "job.yaml:12:25: a pool's name is 1 to 64 letters, digits, '-' and '_': it stands in every "
        "log"
    );
}
