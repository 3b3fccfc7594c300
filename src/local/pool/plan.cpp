// Plans a local pool: finds the engine's program, the model file and the devices. Starts nothing.
#include "base/find_program.hpp"
#include "json/text.hpp"
#include "local/gpu/gpus.hpp"
#include "local/plan/preset.hpp"
#include "local/pool/pool.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace skein::local {
namespace fs = std::filesystem;

namespace {

using Engine = LocalPool::Engine;

// Finds the program and puts its absolute path into the settings, so that each worker runs exactly
// the program that was found.
std::optional<ConfigError> find_engine(Plan& plan) {
    auto& pool = plan.pool;
    if (pool.factory || pool.engine == Engine::url) return std::nullopt;
    const auto name = local::preset_of(pool).program;
    plan.program = find_program(name);
    if (plan.program.empty()) {
        const bool is_command = pool.engine == Engine::command;
        return ConfigError{
            is_command ? "local.command" : "local.engine",
            "there is no program " + json::printable(name, 200) +
                (name.find('/') == name.npos ? " in any folder of PATH" : "") +
                "; install it, or say where it is with local." +
                (is_command ? "command" : "program")};
    }
    (pool.engine == Engine::command ? pool.command.front() : pool.program) = plan.program;
    return std::nullopt;
}

// Checks a model that is a path. A name such as `org/model` is not checked, because the engine
// looks it up.
std::optional<ConfigError> find_model(LocalPool& pool) {
    if (pool.factory || pool.engine == Engine::url || pool.model.empty()) return std::nullopt;
    std::error_code error;
    const bool is_there = fs::exists(pool.model, error);
    const bool must_be_file = pool.engine == Engine::llama_server;
    const bool is_path = must_be_file || pool.model.starts_with('/') || pool.model.starts_with('.');
    if (!is_there) {
        if (!is_path) return std::nullopt;
        return ConfigError{"local.model", "there is no model " + json::printable(pool.model, 200)};
    }
    if (must_be_file && !fs::is_regular_file(pool.model, error)) {
        return ConfigError{
            "local.model",
            json::printable(pool.model, 200) + " is a folder; llama-server loads a .gguf file"};
    }
    if (access(pool.model.c_str(), R_OK) != 0) {
        return ConfigError{
            "local.model",
            json::printable(pool.model, 200) + " cannot be read: " + std::strerror(errno)};
    }
    // Absolute, because some engines change their working folder.
    pool.model = fs::absolute(pool.model, error).string();
    return std::nullopt;
}

// The placement that the settings ask for. No list and `[auto]` mean the same: GPUs, or the CPU
// where the engine can use it.
local::PlacementSettings placement_of(const LocalPool& pool) {
    using Devices = local::PlacementSettings::Devices;
    local::PlacementSettings settings;
    const auto& devices = pool.devices;
    const bool is_automatic = devices.empty() || devices == std::vector<std::string>{"auto"};
    const bool is_cpu = devices == std::vector<std::string>{"cpu"};
    settings.devices = is_automatic ? Devices::automatic : is_cpu ? Devices::cpu : Devices::listed;
    if (settings.devices == Devices::listed) settings.list = devices;
    settings.workers_per_device = pool.workers_per_device;
    settings.pin = pool.pin_by == LocalPool::Pin::uuid ? local::Pin::uuid : local::Pin::index;
    settings.memory_per_worker = pool.memory_per_worker;
    settings.cpu_allowed = pool.factory || local::preset_of(pool).runs_on_cpu;
    return settings;
}

}  // namespace

Expected<Plan, ConfigError> plan_pool(const LocalPool& pool) {
    Plan plan{.pool = pool};
    if (auto wrong = find_engine(plan)) return std::move(*wrong);
    if (auto wrong = find_model(plan.pool)) return std::move(*wrong);
    // A server that runs already has its devices; it is one worker.
    if (!pool.factory && pool.engine == Engine::url) {
        plan.places.push_back({.device = "at " + pool.url});
        return plan;
    }
    const auto settings = placement_of(pool);
    // The driver is asked only if its answer is needed, because it may take seconds.
    const bool needs_gpus = settings.devices != local::PlacementSettings::Devices::cpu;
    const auto gpus = needs_gpus ? find_gpus() : local::Gpus{};
    auto places = local::place_workers(settings, gpus, inherited_cuda_visible_devices());
    if (!places) return places.error();
    plan.places = std::move(*places);
    return plan;
}

}  // namespace skein::local
