// Reads the section `local` of a job file into a LocalPool: the models of this machine.
// Invariant: if any of its values is invalid, the job has no pool at all, so that no later check
// reports errors of a half-read pool.
// Runs on the thread of the caller of `load_job`; starts nothing.
#include "config/keys.hpp"
#include "config/values.hpp"
#include "settings/ranges.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace skein::config {
namespace {

using N = const Node&;
using D = Draft&;
using Engine = LocalPool::Engine;

// The pool that is being read: `read_local` has made it.
LocalPool& pool(D draft) { return *draft.job.settings.local; }

constexpr std::pair<std::string_view, Engine> engines[] = {
    {"llama-server", Engine::llama_server},
    {"vllm", Engine::vllm},
    {"sglang", Engine::sglang},
    {"transformers", Engine::transformers},
    {"command", Engine::command},
    {"url", Engine::url},
};

constexpr std::pair<std::string_view, LocalPool::Start> starts[] = {
    {"on_demand", LocalPool::Start::on_demand},
    {"standby", LocalPool::Start::standby},
};

constexpr std::pair<std::string_view, LocalPool::Pin> pins[] = {
    {"index", LocalPool::Pin::index},
    {"uuid", LocalPool::Pin::uuid},
};

Complaint read_texts(N node, const std::string& rule, std::vector<std::string>& into) {
    if (!node.is_list()) return must_be(node, rule);
    into.clear();
    for (auto child : node.children) {
        // A copy of the item with a name for messages: `arguments[2]`.
        child.key = node.key + '[' + std::to_string(into.size()) + ']';
        std::string text;
        if (auto complaint = read_text(child, text)) return complaint;
        into.push_back(std::move(text));
    }
    return std::nullopt;
}

Complaint read_devices(N node, D draft) {
    const std::string rule = "auto, cpu, or a list of GPUs by number or UUID, as in [0, 1]";
    auto& devices = pool(draft).devices;
    // UUIDs and numbers alike are kept as texts; the plan of the pool reads them.
    if (node.is_list() && !node.children.empty()) return read_texts(node, rule, devices);
    if (!node.is_scalar() || (node.text != "auto" && node.text != "cpu")) {
        return must_be(node, rule);
    }
    devices = {node.text};
    return std::nullopt;
}

Complaint read_program(N node, D draft) {
    auto& program = pool(draft).program;
    if (auto complaint = read_text(node, program)) return complaint;
    // A name without a slash stays as it is, because it is searched in PATH later.
    if (program.find('/') != std::string::npos) program = draft.joined(program);
    return std::nullopt;
}

Complaint read_command(N node, D draft) {
    auto& command = pool(draft).command;
    const std::string rule = "a list: the program and each of its arguments";
    if (auto complaint = read_texts(node, rule, command)) return complaint;
    if (command.empty()) return must_be(node, rule);
    if (command[0].find('/') != std::string::npos) command[0] = draft.joined(command[0]);
    return std::nullopt;
}

// The single slash at the end is removed, because each request's path begins with a slash.
Complaint read_worker_url(N node, D draft) {
    auto& url = pool(draft).url;
    if (auto complaint = read_text(node, url)) return complaint;
    if (url.ends_with('/') && !url.ends_with("//")) url.pop_back();
    return std::nullopt;
}

Complaint read_bytes(N node, std::uint64_t& into) {
    std::size_t bytes = 0;
    if (auto complaint = read_size(node, range::worker_memory, bytes)) return complaint;
    into = bytes;
    return std::nullopt;
}

constexpr Key worker_keys[] = {
    {"engine", [](N n, D d) { return read_choice(n, engines, pool(d).engine); }},
    {"name", [](N n, D d) { return read_text(n, pool(d).name); }},
    {"model", [](N n, D d) { return read_text(n, pool(d).model); }},
    {"program", read_program},
    {"command", read_command},
    {"arguments", [](N n, D d) { return read_texts(n, "a list of arguments", pool(d).arguments); }},
    {"base_url", read_worker_url},
    {"environment", [](N n, D d) { return read_texts(n, "a list of names", pool(d).environment); }},
    {"devices", read_devices},
    {"pin_by", [](N n, D d) { return read_choice(n, pins, pool(d).pin_by); }},
    {"workers_per_device",
     [](N n, D d) { return read_whole(n, range::workers, pool(d).workers_per_device); }},
    {"in_flight_per_worker",
     [](N n, D d) { return read_whole(n, range::slots, pool(d).in_flight_per_worker); }},
    {"context_tokens",
     [](N n, D d) { return read_whole(n, range::context, pool(d).context_tokens); }},
    {"memory_per_worker", [](N n, D d) { return read_bytes(n, pool(d).memory_per_worker); }},
    {"embeddings", [](N n, D d) { return read_flag(n, pool(d).embeddings); }},
    {"start", [](N n, D d) { return read_choice(n, starts, pool(d).start); }},
    {"required", [](N n, D d) { return read_flag(n, pool(d).required); }},
    {"startup_timeout", [](N n, D d) { return read_duration(n, pool(d).startup_timeout); }},
    {"probe_interval", [](N n, D d) { return read_duration(n, pool(d).probe_interval); }},
    {"probe_timeout", [](N n, D d) { return read_duration(n, pool(d).probe_timeout); }},
    {"stall_timeout", [](N n, D d) { return read_duration(n, pool(d).stall_timeout.emplace()); }},
    {"recycle_after",
     [](N n, D d) { return read_whole(n, range::recycle_after, pool(d).recycle_after); }},
    {"health_path", [](N n, D d) { return read_text(n, pool(d).health_path); }},
};

// A path becomes relative to the job file. A name, such as `org/model`, is passed to the engine
// unchanged.
void place_model(LocalPool& pool, const Draft& draft) {
    std::error_code error;
    const auto path = draft.joined(pool.model);
    // `org/model` may be a name or a path: a file that is there decides.
    const bool is_path = pool.engine == Engine::llama_server || pool.model.starts_with('.') ||
                         std::filesystem::exists(path, error);
    // A command or a server at a URL knows its models by name.
    const bool is_name = pool.engine == Engine::command || pool.engine == Engine::url;
    if (!pool.model.empty() && is_path && !is_name) pool.model = path;
}

// Refuses keys that the chosen engine does not use, because an ignored key would mislead.
Complaint check_use(N node, const LocalPool& pool) {
    constexpr std::pair<std::string_view, Engine> needed_by[] = {
        {"command", Engine::command}, {"base_url", Engine::url}};
    for (const auto& [key, engine] : needed_by) {
        const auto* given = node.find(key);
        if (!given || pool.engine == engine) continue;
        const auto name = [](Engine which) {
            const auto named = [&](const auto& e) { return e.second == which; };
            return std::string{std::ranges::find_if(engines, named)->first};
        };
        return complain(
            given->key_at,
            std::string{key} + " is for engine: " + name(engine) + ", and the engine is " +
                name(pool.engine) + "; change the one or leave out the other"
        );
    }
    return std::nullopt;
}

}  // namespace

std::span<const Key> local_keys() { return worker_keys; }

Complaint read_local(const Node& node, Draft& draft) {
    if (node.is_null()) return std::nullopt;
    auto& local = draft.job.settings.local.emplace();
    // Errors of earlier sections are not the pool's.
    const auto before = draft.mistakes.size();
    auto complaint = read_section(node, *section_of("local"), draft);
    if (complaint || draft.mistakes.size() > before) {
        draft.job.settings.local.reset();  // No further checks of a half-read pool.
        return complaint;
    }
    place_model(local, draft);
    return check_use(node, local);
}

}  // namespace skein::config
