// What is refused of the sections `local` and `fallback`.
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

// A slip in line 13, in a pool that is fine without it.
test::Slip in_pool(const std::string& line, const std::string& complaint) {
    return appended("local:\n  " + line + "\n  model: m.gguf\n", complaint);
}

}  // namespace

TEST_CASE("devices are auto, the CPU, or a list", "[config]") {
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

TEST_CASE("an empty section is no pool", "[config]") {
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

TEST_CASE("a pool can do without endpoints, but not the other way about", "[config]") {
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

TEST_CASE("a key of a pool that is misspelt is refused, and the right one named", "[config]") {
    check_all({
        in_pool("modle: x", "13:3: unknown key 'modle' in local; did you mean 'model'?"),
        in_pool("url: x", "13:3: unknown key 'url' in local; did you mean 'base_url'?"),
        in_pool(
            "xyz: x",
            "13:3: unknown key 'xyz' in local; it can be: engine, name, model, "
            "program, command, arguments, base_url, environment, devices, pin, "
            "workers_per_device, in_flight_per_worker, context, memory_per_worker, "
            "embeddings, start, required, startup, liveness, answer, progress, "
            "recycle_after, health_path"
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
        in_pool("pin: name", "13:8: pin must be one of index, uuid, not name"),
    });
}

TEST_CASE("each engine asks for what it cannot do without", "[config]") {
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

TEST_CASE("what the engine has no use for is refused, for it would mislead", "[config]") {
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

TEST_CASE("a command is a list, and only some words in braces are filled in", "[config]") {
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

TEST_CASE("a server that runs already is on this machine", "[config]") {
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

TEST_CASE("sizes and durations of a pool are in their range", "[config]") {
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
        in_pool("context: 4k", "13:12: context must be a whole number from 0 to 100000000, not 4k"),
        in_pool(
            "recycle_after: -1",
            "13:18: recycle_after must be a whole number from 0 to 1000000000000, not -1"
        ),
        in_pool("memory_per_worker: 20G", "13:22: " + size + "20G"),
        in_pool("memory_per_worker: 2000000GiB", "13:22: " + size + "2000000GiB"),
        in_pool("startup: 600", "13:12: startup" + duration + "600; write 600s"),
        in_pool("startup: 0s", "13:12: startup must be more than 0 s, up to a year"),
        in_pool("liveness: 0s", "13:13: liveness must be more than 0 s, up to a year"),
        in_pool("answer: 0ms", "13:11: answer must be more than 0 s, up to a year"),
        in_pool("progress: never", "13:13: progress" + duration + "never"),
        in_pool("embeddings: yes", "13:15: embeddings must be true or false, not yes"),
        in_pool("required: 'true'", "13:13: required must be true or false, not the text \"true\""),
        appended("fallback: {after: 10}\n", "12:19: after" + duration + "10; write 10s"),
        appended("fallback:\n  after:\n", "13:3: after" + duration + "nothing"),
    });
    CHECK(pool_of("model: m, memory_per_worker: 0").memory_per_worker == 0);
    CHECK(job_of(least_job + "fallback: {after: 0s}\n").settings.fallback_after == 0s);
}

TEST_CASE("the names of a pool's variables are names, and a value is not repeated", "[config]") {
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

TEST_CASE("workers have names that no endpoint has", "[config]") {
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
