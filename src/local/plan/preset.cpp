// The command line and the probe paths of each supported engine.
//
// One function for each engine. Pure functions, any thread.
#include "local/plan/preset.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace skein::local {
namespace {

using Engine = LocalPool::Engine;
using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 7> placeholders{
    "{model}", "{device}", "{socket}", "{port}", "{slots}", "{context}", "{name}"};

constexpr std::string_view file_of_weights = ".gguf";
// Tokens of context for the second start after lack of memory, where none is set.
constexpr std::size_t context_if_less_is_needed = 4096;

struct Size {
    std::size_t slots;
    std::size_t context;  // Tokens of one slot; 0: chosen by the engine.
};

// Slots and context of a worker, halved for each step to less memory.
Size size_of(const LocalPool& pool, int smaller) {
    Size size{pool.in_flight_per_worker, pool.context_tokens};
    for (int i = 0; i < smaller; ++i) {
        size.slots = std::max<std::size_t>(size.slots / 2, 1);
        // Never 0, because 0 lets the engine choose and it would choose its maximum.
        size.context = size.context == 0 ? context_if_less_is_needed
                                         : std::max<std::size_t>(size.context / 2, 1);
    }
    return size;
}

bool mentions(const Words& command, std::string_view placeholder) {
    return std::ranges::any_of(command, [&](const std::string& word) {
        return word.find(placeholder) != std::string::npos;
    });
}

// The placeholders of a command tell where it listens. Without one the port is found by looking at
// its process.
Listens listens_of(const Words& command) {
    if (mentions(command, "{socket}")) return Listens::at_socket;
    return mentions(command, "{port}") ? Listens::at_port : Listens::somewhere;
}

void add(Words& words, std::initializer_list<std::string> more) { words.insert(words.end(), more); }

void fill_in(std::string& word, std::string_view placeholder, const std::string& value) {
    for (auto at = word.find(placeholder); at != std::string::npos;) {
        word.replace(at, placeholder.size(), value);
        at = word.find(placeholder, at + value.size());  // Never scans the value itself.
    }
}

// `-ngl all -sm none` puts the whole model on one GPU, because a worker has one device. `--offline`
// keeps the engine from the network.
Words llama_server(const LocalPool& pool, const Assignment& worker, Size size) {
    Words words{"-m", pool.model, "--host", worker.socket, "-np", std::to_string(size.slots)};
    // llama-server divides its context among its slots.
    if (size.context > 0) add(words, {"-c", std::to_string(size.context * size.slots)});
    if (!worker.on_cpu) add(words, {"-ngl", "all", "-sm", "none"});
    if (worker.threads > 0) add(words, {"-t", std::to_string(worker.threads)});
    add(words, {"-a", model_name(pool), "--metrics", "--offline"});
    if (pool.embeddings) add(words, {"--embeddings", "--pooling", "mean"});
    return words;
}

Words vllm(const LocalPool& pool, const Assignment& worker, Size size) {
    Words words{"serve", pool.model, "--uds", worker.socket};  // --uds: a unix socket.
    add(words, {"--served-model-name", model_name(pool)});
    add(words, {"--max-num-seqs", std::to_string(size.slots)});
    if (size.context > 0) add(words, {"--max-model-len", std::to_string(size.context)});
    return words;
}

// sglang listens at a port and not at a unix socket; it gets one of loopback.
Words sglang(const LocalPool& pool, const Assignment& worker, Size size) {
    Words words{"-m", "sglang.launch_server", "--model-path", pool.model};
    add(words, {"--host", "127.0.0.1", "--port", std::to_string(worker.port)});
    add(words, {"--served-model-name", model_name(pool), "--enable-metrics"});
    add(words, {"--max-running-requests", std::to_string(size.slots)});
    if (size.context > 0) add(words, {"--context-length", std::to_string(size.context)});
    return words;
}

Words transformers(const LocalPool& pool, const Assignment& worker, Size size) {
    Words words{worker.script, "--model", pool.model, "--socket", worker.socket};
    add(words, {"--name", model_name(pool), "--slots", std::to_string(size.slots)});
    add(words, {"--device", worker.on_cpu ? "cpu" : "cuda"});
    if (size.context > 0) add(words, {"--context", std::to_string(size.context)});
    return words;
}

// The words of the user with their placeholders filled in. No shell is involved, so no value needs
// quoting.
Words of_command(const LocalPool& pool, const Assignment& worker, Size size) {
    auto words = pool.command;
    for (auto& word : words) {
        fill_in(word, "{model}", pool.model);
        fill_in(word, "{device}", worker.device);
        fill_in(word, "{socket}", worker.socket);
        fill_in(word, "{port}", std::to_string(worker.port));
        fill_in(word, "{slots}", std::to_string(size.slots));
        fill_in(word, "{context}", std::to_string(size.context));
        fill_in(word, "{name}", model_name(pool));
    }
    return words;
}

Words words_of(const LocalPool& pool, const Assignment& worker, Size size) {
    switch (pool.engine) {
        case Engine::llama_server:
            return llama_server(pool, worker, size);
        case Engine::vllm:
            return vllm(pool, worker, size);
        case Engine::sglang:
            return sglang(pool, worker, size);
        case Engine::transformers:
            return transformers(pool, worker, size);
        case Engine::command:
            return of_command(pool, worker, size);
        case Engine::url:
            break;
    }
    return {};
}

}  // namespace

// The facts of each engine: where it listens, its program, the pages that are probed, and the
// variable of its token. Settings of the job win.
Preset preset_of(const LocalPool& pool) {
    Preset preset;
    switch (pool.engine) {
        case Engine::llama_server:
            preset = {Listens::at_socket, "llama-server", "/health", "/slots", {}, "LLAMA_API_KEY"};
            break;
        case Engine::vllm:
            preset = {
                Listens::at_socket, "vllm", "/health", "/metrics", "tokens_total", "VLLM_API_KEY"};
            preset.runs_on_cpu = false;
            break;
        // No token variable: sglang takes the token as an argument only, and arguments are visible
        // to every user of the machine.
        case Engine::sglang:
            preset = {Listens::at_port, "python3", "/health", "/metrics", "tokens_total", {}};
            preset.runs_on_cpu = false;
            break;
        case Engine::transformers:
            preset = {Listens::at_socket, "python3", "/health", "/progress", {}, {}};
            break;
        case Engine::command:
            preset.listens = listens_of(pool.command);
            preset.health_path = "/health";
            if (!pool.command.empty()) preset.program = pool.command.front();
            break;
        case Engine::url:
            preset.listens = Listens::at_known_url;
            preset.health_path = "/health";
            break;
    }
    if (!pool.program.empty()) preset.program = pool.program;
    if (!pool.health_path.empty()) preset.health_path = pool.health_path;
    return preset;
}

std::string worker_name(const LocalPool& pool, std::size_t number) {
    return pool.name + "-" + std::to_string(number);
}

// The file name without its folder, because every result shows the name and a path would leak.
std::string model_name(const LocalPool& pool) {
    const bool is_given =
        pool.factory || pool.engine == Engine::url || pool.engine == Engine::command;
    if (is_given) return pool.model;
    auto path = std::filesystem::path{pool.model};
    // A path with a slash at its end has an empty file name.
    while (path.has_parent_path() && path.filename().empty()) path = path.parent_path();
    const auto name = path.filename();
    return name.extension() == file_of_weights ? name.stem().string() : name.string();
}

std::vector<std::string> arguments_of(const LocalPool& pool, const Assignment& worker) {
    Words words;
    if (pool.engine != Engine::command) words.push_back(preset_of(pool).program);
    const auto rest = words_of(pool, worker, size_of(pool, worker.smaller));
    words.insert(words.end(), rest.begin(), rest.end());
    // The arguments of the user come last.
    words.insert(words.end(), pool.arguments.begin(), pool.arguments.end());
    return words;
}

// A word in braces of small letters is taken for a placeholder; other braces, as in JSON, are left
// alone.
std::optional<std::string> check_word(std::string_view word) {
    for (auto at = word.find('{'); at != word.npos; at = word.find('{', at + 1)) {
        const auto end = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 1);
        if (end == word.npos || word[end] != '}' || end == at + 1) continue;
        const auto placeholder = word.substr(at, end + 1 - at);
        if (std::ranges::find(placeholders, placeholder) != placeholders.end()) continue;
        std::string known;
        for (const auto name : placeholders) known.append(known.empty() ? "" : ", ").append(name);
        return std::string{placeholder} + " cannot be filled in; these can: " + known;
    }
    return std::nullopt;
}

}  // namespace skein::local
