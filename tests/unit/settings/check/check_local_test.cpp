// Errors of a local pool that is set by a program.
#include "settings/check/check_settings.hpp"
#include "support/catch.hpp"

#include <skein/model.hpp>

using namespace skein;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;

namespace {

using Engine = LocalPool::Engine;

// The error after one change of valid settings.
template <class Change>
std::string after(Change change) {
    Settings settings;
    settings.local.emplace().model = "m.gguf";
    change(*settings.local);
    const auto wrong = check_settings(settings);
    return wrong ? wrong->text() : std::string{};
}

}  // namespace

TEST_CASE("A local pool with a model is valid with and without endpoints.", "[config]") {
    CHECK(after([](LocalPool&) {}).empty());
    CHECK(after([](LocalPool& p) { p.stall_timeout = 0s; }).empty());
    CHECK(after([](LocalPool& p) { p.devices = {"0", "GPU-1"}; }).empty());
}

TEST_CASE("A local pool with a model factory needs no engine.", "[config]") {
    CHECK(after([](LocalPool& p) {
              p.model.clear();
              p.factory = [](const Device&) { return std::unique_ptr<Model>{}; };
          }).empty());
}

TEST_CASE(
    "A local pool without a value that its engine needs is refused by the value's name.", "[config]"
) {
    const std::string model = "local.model: local.model is missing: what the engine is to load";
    for (const auto engine :
         {Engine::llama_server, Engine::vllm, Engine::sglang, Engine::transformers}) {
        CHECK(after([&](LocalPool& p) {
                  p.engine = engine;
                  p.model.clear();
              }) == model);
    }
    const std::string command =
        "local.command: local.command is missing: the program and each of its arguments";
    for (const auto& words : {std::vector<std::string>{}, std::vector<std::string>{""}}) {
        CHECK(after([&](LocalPool& p) {
                  p.engine = Engine::command;
                  p.command = words;
              }) == command);
    }
    CHECK(after([](LocalPool& p) {
              p.engine = Engine::url;
          }) == "local.url: local.base_url is missing: where the server runs already");
    CHECK(after([](LocalPool& p) {
              p.engine = Engine::url;
              p.url = "http://127.0.0.1:8080/v1";
              p.model.clear();
          }).empty());
}

TEST_CASE("A value of a local pool outside its range is refused by its name.", "[config]") {
    const auto begins = [](const std::string& setting) { return StartsWith("local." + setting); };
    CHECK_THAT(after([](LocalPool& p) { p.name = ""; }), begins("name: a pool's name is 1 to 64"));
    CHECK_THAT(after([](LocalPool& p) { p.model = "a\nb"; }), begins("model: there is a control"));
    CHECK_THAT(
        after([](LocalPool& p) { p.workers_per_device = 65; }), begins("workers_per_device: ")
    );
    CHECK_THAT(
        after([](LocalPool& p) { p.in_flight_per_worker = 0; }), begins("in_flight_per_worker: ")
    );
    CHECK_THAT(
        after([](LocalPool& p) { p.context_tokens = 100'000'001; }), begins("context_tokens: ")
    );
    CHECK_THAT(
        after([](LocalPool& p) { p.memory_per_worker = ~0ull; }), begins("memory_per_worker: ")
    );
    CHECK_THAT(after([](LocalPool& p) { p.recycle_after = ~0ull; }), begins("recycle_after: "));
    CHECK_THAT(after([](LocalPool& p) { p.startup_timeout = 0s; }), begins("startup_timeout: "));
    CHECK_THAT(after([](LocalPool& p) { p.probe_interval = -1s; }), begins("probe_interval: "));
    CHECK_THAT(
        after([](LocalPool& p) { p.probe_timeout = Duration::max(); }), begins("probe_timeout: ")
    );
    CHECK_THAT(after([](LocalPool& p) { p.stall_timeout = -1s; }), begins("stall_timeout: "));
    for (const auto* path : {"health", "/a b", "/a\r\nX: 1", "/\xC3\xA4"}) {
        CHECK_THAT(after([&](LocalPool& p) { p.health_path = path; }), begins("health_path: "));
    }
    for (const auto* name : {"", "A=CANARY", "A B", "A-B"}) {
        const auto text = after([&](LocalPool& p) { p.environment = {"HOME", name}; });
        CHECK_THAT(text, begins("environment[1]: "));
        CHECK(text.find("CANARY") == text.npos);
    }
    CHECK_THAT(
        after([](LocalPool& p) {
            p.engine = Engine::command;
            p.command = {"serve", "{token}"};
        }),
        begins("command[1]: {token} cannot be filled in")
    );
}
