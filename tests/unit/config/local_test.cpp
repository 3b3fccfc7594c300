// The sections `local` and `fallback` of a job file: the settings read from them.
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"
#include "unit/config/pools.hpp"

using namespace skein;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;
using test::job_of;
using test::least_job;
using test::pool_of;
using Engine = LocalPool::Engine;

namespace {

Override set(const std::string& key, const std::string& value) {
    return {.key = key, .value = value, .origin = "--set " + key};
}

}  // namespace

TEST_CASE("A pool needs only a model, and has defaults for the rest.", "[config]") {
    const auto pool = pool_of("model: m.gguf");
    const LocalPool defaults;
    CHECK(pool.engine == Engine::llama_server);
    CHECK(pool.model == "m.gguf");
    CHECK(pool.name == "local");
    CHECK(pool.devices == std::vector<std::string>{"auto"});
    CHECK(pool.pin_by == LocalPool::Pin::index);
    CHECK(pool.workers_per_device == 1);
    CHECK(pool.in_flight_per_worker == 4);
    CHECK(pool.context_tokens == 0);
    CHECK(pool.memory_per_worker == 0);
    CHECK_FALSE(pool.embeddings);
    CHECK(pool.start == LocalPool::Start::on_demand);
    CHECK(pool.required);
    CHECK(pool.startup_timeout == defaults.startup_timeout);
    CHECK(pool.probe_interval == defaults.probe_interval);
    CHECK(pool.probe_timeout == defaults.probe_timeout);
    CHECK(pool.stall_timeout == defaults.stall_timeout);
    CHECK(pool.recycle_after == 0);
    CHECK(pool.program.empty());
    CHECK(pool.command.empty());
    CHECK(pool.arguments.empty());
    CHECK(pool.environment.empty());
    CHECK(pool.health_path.empty());
    CHECK(job_of(least_job).settings.fallback_after == 10s);
    CHECK_FALSE(job_of(least_job).settings.local);
}

TEST_CASE("Every key of a pool is stored in its setting.", "[config]") {
    const auto job = job_of(
        least_job +
        "local:\n"
        "  engine: vllm\n"
        "  name: gpu\n"
        "  model: org/model-1.5B\n"
        "  program: vllm-nightly\n"
        "  arguments: [--seed, 1]\n"
        "  environment: [HF_TOKEN, _x1]\n"
        "  devices: [1, GPU-8f2e]\n"
        "  pin_by: uuid\n"
        "  workers_per_device: 2\n"
        "  in_flight_per_worker: 8\n"
        "  context_tokens: 4096\n"
        "  memory_per_worker: 20GiB\n"
        "  embeddings: true\n"
        "  start: standby\n"
        "  required: false\n"
        "  startup_timeout: 30m\n"
        "  probe_interval: 10s\n"
        "  probe_timeout: 500ms\n"
        "  stall_timeout: 0s\n"
        "  recycle_after: 1000\n"
        "  health_path: /ready\n"
        "fallback: {after: 1m}\n"
    );
    const auto& pool = job.settings.local.value();
    CHECK(pool.engine == Engine::vllm);
    CHECK(pool.name == "gpu");
    CHECK(pool.model == "org/model-1.5B");
    CHECK(pool.program == "vllm-nightly");
    CHECK(pool.arguments == std::vector<std::string>{"--seed", "1"});
    CHECK(pool.environment == std::vector<std::string>{"HF_TOKEN", "_x1"});
    CHECK(pool.devices == std::vector<std::string>{"1", "GPU-8f2e"});
    CHECK(pool.pin_by == LocalPool::Pin::uuid);
    CHECK(pool.workers_per_device == 2);
    CHECK(pool.in_flight_per_worker == 8);
    CHECK(pool.context_tokens == 4096);
    CHECK(pool.memory_per_worker == 20ull << 30);
    CHECK(pool.embeddings);
    CHECK(pool.start == LocalPool::Start::standby);
    CHECK_FALSE(pool.required);
    CHECK(pool.startup_timeout == 30min);
    CHECK(pool.probe_interval == 10s);
    CHECK(pool.probe_timeout == 500ms);
    CHECK(pool.stall_timeout == 0s);
    CHECK(pool.recycle_after == 1000);
    CHECK(pool.health_path == "/ready");
    CHECK(job.settings.fallback_after == 1min);
}

TEST_CASE("Every engine is selected by its name.", "[config]") {
    CHECK(pool_of("engine: llama-server, model: m").engine == Engine::llama_server);
    CHECK(pool_of("engine: sglang, model: m").engine == Engine::sglang);
    CHECK(pool_of("engine: transformers, model: m").engine == Engine::transformers);
    const auto command =
        pool_of("engine: command, command: [serve, '{model}', '{port}'], model: m");
    CHECK(command.engine == Engine::command);
    CHECK(command.command == std::vector<std::string>{"serve", "{model}", "{port}"});
    CHECK(pool_of("engine: command, command: [serve]").model.empty());
    const auto url = pool_of("engine: url, base_url: 'http://127.0.0.1:8080/v1/'");
    CHECK(url.engine == Engine::url);
    CHECK(url.url == "http://127.0.0.1:8080/v1");
    CHECK(pool_of("engine: url, base_url: 'http://[::1]:1', model: a/b").model == "a/b");
}

TEST_CASE("Overrides can change a pool, and create one.", "[config]") {
    const std::string members = "model: m, start: on_demand";
    CHECK(pool_of(members, {set("local.start", "standby")}).start == LocalPool::Start::standby);
    CHECK(pool_of(members, {set("local.devices", "cpu")}).devices.front() == "cpu");
    CHECK(pool_of(members, {set("local.devices", "[2, 3]")}).devices.size() == 2);
    CHECK(job_of(least_job, {set("fallback.after", "3s")}).settings.fallback_after == 3s);
    CHECK(job_of(least_job, {set("local.model", "other")}).settings.local->model == "other");
    CHECK(
        job_of(least_job, {set("local", "{engine: url, base_url: 'http://localhost:1'}")})
            .settings.local->url == "http://localhost:1"
    );
    CHECK(
        test::complaint_about(least_job, {set("local.start", "standby")}) ==
        "--set local.start: local.model is missing: what the engine is to load"
    );
    CHECK(
        test::complaint_about(least_job, {set("local.strat", "standby")}) ==
        "--set local.strat: unknown key 'strat' in local; did you mean 'start'?"
    );

    const test::Variable model{"SKEIN_LOCAL_MODEL", "from-outside"};
    const test::Variable after{"SKEIN_FALLBACK_AFTER", "7s"};
    CHECK(pool_of(members).model == "from-outside");
    CHECK(job_of(least_job).settings.local->model == "from-outside");
    CHECK(job_of(least_job).settings.fallback_after == 7s);
    const test::Variable workers{"SKEIN_LOCAL_WORKERS_PER_DEVICE", "many"};
    CHECK_THAT(
        test::complaint_about(least_job),
        StartsWith("SKEIN_LOCAL_WORKERS_PER_DEVICE: workers_per_device must be")
    );
}

TEST_CASE("A model's path is relative to the job file, a model's name is unchanged.", "[config]") {
    const test::Folder folder;
    folder.write("there", "x");
    const auto pool = [&](const std::string& members) {
        const auto job =
            load_job(folder.write("job.yaml", least_job + "local: {" + members + "}\n"));
        INFO((job.has_error() ? job.error().text() : std::string{}));
        REQUIRE(job.has_value());
        return job->settings.local.value();
    };
    CHECK(pool("model: m.gguf").model == folder.path("m.gguf"));
    CHECK(pool("model: /models/m.gguf").model == "/models/m.gguf");
    for (const std::string engine : {"vllm", "sglang", "transformers"}) {
        CHECK(pool("engine: " + engine + ", model: org/model").model == "org/model");
        CHECK(pool("engine: " + engine + ", model: there").model == folder.path("there"));
        CHECK(pool("engine: " + engine + ", model: ./not").model == folder.path("./not"));
        CHECK(pool("engine: " + engine + ", model: /not").model == "/not");
    }
    CHECK(pool("engine: command, command: [x], model: there").model == "there");

    CHECK(pool("model: m, program: llama-server").program == "llama-server");
    CHECK(pool("model: m, program: bin/llama").program == folder.path("bin/llama"));
    CHECK(pool("model: m, program: /bin/llama").program == "/bin/llama");
    CHECK(pool("engine: command, command: [serve, a/b]").command.front() == "serve");
    const auto command = pool("engine: command, command: [./serve, a/b]").command;
    CHECK(command == std::vector<std::string>{folder.path("./serve"), "a/b"});
}

TEST_CASE("Variables are expanded in the section of a pool.", "[config]") {
    const test::Variable home{"SKEIN_TEST_MODELS", "/models"};
    CHECK(pool_of("model: '${SKEIN_TEST_MODELS}/m.gguf'").model == "/models/m.gguf");
    CHECK(pool_of("model: m, arguments: ['${SKEIN_TEST_MODELS}']").arguments[0] == "/models");
}
