// Presets: how each engine is started and probed.
#pragma once
#include <skein/error.hpp>
#include <skein/local.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::local {

// The kinds of address at which an engine listens.
enum class Listens : std::uint8_t {
    at_socket,     // A unix socket given by skein.
    at_port,       // A loopback port given by skein.
    somewhere,     // A loopback port that the engine chooses; skein finds it.
    at_known_url,  // A running server at a configured URL.
};

// Facts that are the same for every worker of a pool.
struct Preset {
    Listens listens = Listens::at_socket;
    std::string program{};      // The usual name; empty if no program is started.
    std::string health_path{};  // 200: healthy; 503: loading.
    // A page with a number that changes while the engine generates. Only its lines with
    // `progress_word` count. Both may be empty.
    std::string progress_path{};
    std::string progress_word{};
    std::string token_variable{};  // Variable from which the engine reads the token; may be empty.
    bool runs_on_cpu = true;
};

Preset preset_of(const LocalPool& pool);

// The name of a worker: `local-3`.
std::string worker_name(const LocalPool& pool, std::size_t number);

// The name of the model in requests and answers; empty if the engine decides.
std::string model_name(const LocalPool& pool);

// The parameters of one worker.
struct Assignment {
    bool on_cpu = true;
    std::string device{};     // For `{device}`: `cpu`, or the value of CUDA_VISIBLE_DEVICES.
    std::string socket{};     // For `{socket}`.
    std::uint16_t port = 0;   // For `{port}`.
    std::string script{};     // For `transformers`: path of our server script.
    std::size_t threads = 0;  // CPU threads; 0: chosen by the engine.
    // Steps to less memory. Each step halves the slots and the context. If no context is
    // configured, the first step sets it to 4,096 tokens.
    int smaller = 0;
};

// The program and its arguments. The program is as written in the settings.
std::vector<std::string> arguments_of(const LocalPool& pool, const Assignment& worker);

// The problem with a word of `local.command`: an unknown placeholder. Nothing if it is valid.
std::optional<std::string> check_word(std::string_view word);

}  // namespace skein::local
