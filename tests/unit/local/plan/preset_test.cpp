#include "local/plan/preset.hpp"

#include "support/catch.hpp"

#include <algorithm>

namespace skein::local {
namespace {

using Engine = LocalPool::Engine;

LocalPool pool(Engine engine, std::string model = "org/model-1.5B") {
    LocalPool pool;
    pool.engine = engine;
    pool.model = std::move(model);
    return pool;
}

Assignment on_gpu() {
    return {
        .on_cpu = false,
        .device = "2",
        .socket = "/run/0.1.sock",
        .port = 4711,
        .script = "/run/server.py"};
}

Assignment on_cpu() {
    auto worker = on_gpu();
    worker.on_cpu = true;
    worker.device = "cpu";
    return worker;
}

std::string line(const LocalPool& pool, const Assignment& worker) {
    std::string line;
    for (const auto& word : arguments_of(pool, worker)) line += (line.empty() ? "" : " ") + word;
    return line;
}

std::string smaller(LocalPool pool, int steps) {
    auto worker = on_gpu();
    worker.smaller = steps;
    return line(pool, worker);
}

}  // namespace

TEST_CASE("Each engine gets the command line that it expects.", "[worker]") {
    const auto llama = pool(Engine::llama_server, "/models/small.Q4.gguf");
    CHECK(
        line(llama, on_gpu()) ==
        "llama-server -m /models/small.Q4.gguf --host /run/0.1.sock -np 4 -ngl all -sm none "
        "-a small.Q4 --metrics --offline"
    );
    CHECK(
        line(llama, on_cpu()) ==
        "llama-server -m /models/small.Q4.gguf --host /run/0.1.sock -np 4 -a small.Q4 --metrics "
        "--offline"
    );
    auto of_three = on_cpu();
    of_three.threads = 3;
    CHECK_THAT(line(llama, of_three), Catch::Matchers::Contains("-np 4 -t 3 -a small.Q4 "));
    CHECK(
        line(pool(Engine::vllm), on_gpu()) ==
        "vllm serve org/model-1.5B --uds /run/0.1.sock --served-model-name model-1.5B "
        "--max-num-seqs 4"
    );
    CHECK(
        line(pool(Engine::sglang), on_gpu()) ==
        "python3 -m sglang.launch_server --model-path org/model-1.5B --host 127.0.0.1 --port 4711 "
        "--served-model-name model-1.5B --enable-metrics --max-running-requests 4"
    );
    CHECK(
        line(pool(Engine::transformers), on_gpu()) ==
        "python3 /run/server.py --model org/model-1.5B --socket /run/0.1.sock --name model-1.5B "
        "--slots 4 --device cuda"
    );
    CHECK_THAT(
        line(pool(Engine::transformers), on_cpu()), Catch::Matchers::EndsWith("--device cpu")
    );
    CHECK(line(pool(Engine::url), on_gpu()).empty());
}

TEST_CASE("Slots, context and embeddings are passed in each engine's own options.", "[worker]") {
    const auto with = [](Engine engine) {
        auto changed = pool(engine, "m.gguf");
        changed.in_flight_per_worker = 8;
        changed.context_tokens = 2048;
        changed.embeddings = true;
        changed.program = "/opt/engine";
        changed.arguments = {"--seed", "1 2"};
        return arguments_of(changed, on_gpu());
    };
    using Words = std::vector<std::string>;
    const auto has = [](const Words& words, const Words& part) {
        return !std::ranges::search(words, part).empty();
    };
    const auto llama = with(Engine::llama_server);
    CHECK(has(llama, {"-np", "8", "-c", "16384"}));  // The context is divided among the slots.
    CHECK(has(llama, {"--embeddings", "--pooling", "mean"}));
    CHECK(has(with(Engine::vllm), {"--max-num-seqs", "8", "--max-model-len", "2048"}));
    CHECK(has(with(Engine::sglang), {"--max-running-requests", "8", "--context-length", "2048"}));
    CHECK(has(with(Engine::transformers), {"--slots", "8"}));
    CHECK(has(with(Engine::transformers), {"--context", "2048"}));
    for (const auto engine :
         {Engine::llama_server, Engine::vllm, Engine::sglang, Engine::transformers}) {
        const auto words = with(engine);
        CHECK(words.front() == "/opt/engine");
        // The user's arguments come after skein's.
        CHECK(Words{words.end() - 2, words.end()} == Words{"--seed", "1 2"});
    }
}

TEST_CASE("Each step to less memory halves the slots and the context.", "[worker]") {
    using Catch::Matchers::Contains;
    auto llama = pool(Engine::llama_server, "m.gguf");
    CHECK_THAT(smaller(llama, 0), Contains("-np 4 -ngl"));
    CHECK_THAT(smaller(llama, 1), Contains("-np 2 -c 8192 "));  // 4,096 tokens by default.
    CHECK_THAT(smaller(llama, 2), Contains("-np 1 -c 2048 "));
    CHECK_THAT(smaller(llama, 3), Contains("-np 1 -c 1024 "));
    llama.context_tokens = 3000;
    CHECK_THAT(smaller(llama, 0), Contains("-np 4 -c 12000 "));
    CHECK_THAT(smaller(llama, 1), Contains("-np 2 -c 3000 "));
    llama.context_tokens = 1;
    CHECK_THAT(smaller(llama, 1), Contains("-np 2 -c 2 "));  // 0 would mean the maximum.

    auto vllm = pool(Engine::vllm);
    vllm.context_tokens = 8192;
    CHECK_THAT(smaller(vllm, 1), Contains("--max-num-seqs 2 --max-model-len 4096"));
}

TEST_CASE("The placeholders of a command are filled in, word by word.", "[worker]") {
    auto own = pool(Engine::command);
    own.context_tokens = 512;
    own.command = {
        "serve",
        "--listen={socket}",
        "--port",
        "{port}",
        "{model}@{device}/{device}",
        "{slots}x{context}",
        "{name}",
        "{\"a\": 1}",
        "{}"};
    own.arguments = {"{port}"};
    CHECK(
        line(own, on_gpu()) ==
        "serve --listen=/run/0.1.sock --port 4711 org/model-1.5B@2/2 4x512 org/model-1.5B "
        "{\"a\": 1} {} {port}"
    );
    CHECK_THAT(line(own, on_cpu()), Catch::Matchers::Contains("@cpu/cpu"));
    CHECK_THAT(smaller(own, 1), Catch::Matchers::Contains(" 2x256 "));
}

TEST_CASE("A filled-in value of a command is not expanded again.", "[worker]") {
    auto own = pool(Engine::command, "{model}{model}");
    own.command = {"serve", "{model}"};
    CHECK(line(own, on_gpu()) == "serve {model}{model}");
}

TEST_CASE("An unknown placeholder in a command is refused.", "[worker]") {
    for (const auto* fine :
         {"",
          "{model}{device}{socket}{port}{slots}{context}{name}",
          "--x={port}",
          "{",
          "}",
          "{}",
          "{ model }",
          "{\"a\":{}}",
          "{Model}",
          "${HOME",
          "{1}"}) {
        CAPTURE(fine);
        CHECK_FALSE(check_word(fine));
    }
    const std::string known =
        " cannot be filled in; these can: {model}, {device}, {socket}, {port}, {slots}, "
        "{context}, {name}";
    CHECK(check_word("{modle}") == "{modle}" + known);
    CHECK(check_word("--x={port}{{gpu_id}") == "{gpu_id}" + known);
    CHECK(check_word("{token}") == "{token}" + known);  // Arguments are visible to all users.
}

TEST_CASE("A command listens where its placeholders say.", "[worker]") {
    const auto listens = [](std::vector<std::string> command) {
        auto own = pool(Engine::command);
        own.command = std::move(command);
        return preset_of(own).listens;
    };
    CHECK(listens({"serve", "--uds={socket}"}) == Listens::at_socket);
    CHECK(listens({"serve", "{port}"}) == Listens::at_port);
    CHECK(listens({"serve", "{socket}", "{port}"}) == Listens::at_socket);
    CHECK(listens({"serve"}) == Listens::somewhere);
    CHECK(listens({}) == Listens::somewhere);
}

TEST_CASE("Each engine has its probe paths and its token variable.", "[worker]") {
    struct Row {
        Engine engine;
        Listens listens;
        std::string program;
        std::string progress;
        std::string token_variable;
        bool runs_on_cpu;
    };
    const Row table[] = {
        {Engine::llama_server,
         Listens::at_socket,
         "llama-server",
         "/slots ",
         "LLAMA_API_KEY",
         true},
        {Engine::vllm, Listens::at_socket, "vllm", "/metrics tokens_total", "VLLM_API_KEY", false},
        {Engine::sglang, Listens::at_port, "python3", "/metrics tokens_total", "", false},
        {Engine::transformers, Listens::at_socket, "python3", "/progress ", "", true},
        {Engine::url, Listens::at_known_url, "", " ", "", true},
    };
    for (const auto& row : table) {
        auto settings = pool(row.engine);
        const auto preset = preset_of(settings);
        CAPTURE(row.program);
        CHECK(preset.listens == row.listens);
        CHECK(preset.program == row.program);
        CHECK(preset.health_path == "/health");
        CHECK(preset.progress_path + " " + preset.progress_word == row.progress);
        CHECK(preset.token_variable == row.token_variable);
        CHECK(preset.runs_on_cpu == row.runs_on_cpu);
        settings.health_path = "/health_generate";
        settings.program = "/opt/other";
        CHECK(preset_of(settings).health_path == "/health_generate");
        CHECK(preset_of(settings).program == "/opt/other");
        // The arguments of a process are visible to all users.
        const auto words = line(settings, on_gpu());
        CHECK(words.find("key") == words.npos);
    }
    auto own = pool(Engine::command);
    own.command = {"/opt/serve", "{port}"};
    CHECK(preset_of(own).program == "/opt/serve");
}

TEST_CASE("The name of a model is the last part of its path.", "[worker]") {
    const std::pair<std::string, std::string> table[] = {
        {"org/model-1.5B", "model-1.5B"},
        {"model", "model"},
        {"x.gguf", "x"},
        {"/models/small.Q4_K_M.gguf", "small.Q4_K_M"},
        {"/models/llama/", "llama"},
        {"/models/llama//", "llama"},
        {".gguf", ".gguf"},
        {"a.gguf.part", "a.gguf.part"},
        {"", ""},
    };
    for (const auto& [model, name] : table) {
        CAPTURE(model);
        CHECK(model_name(pool(Engine::vllm, model)) == name);
        // skein names the model only if it passes the name to the engine.
        CHECK(model_name(pool(Engine::url, model)) == model);
        CHECK(model_name(pool(Engine::command, model)) == model);
    }
}

}  // namespace skein::local
