// How each engine is started, and where it is looked at.
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

namespace skein::worker {

// Where an engine may listen.
enum class Listens : std::uint8_t {
    at_socket,     // At the unix socket that it is given.
    at_port,       // On loopback, at the port that it is given.
    somewhere,     // On loopback, at a port that it chooses: it is found out.
    at_known_url,  // It runs already.
};

// What is the same for every worker of a pool.
struct Preset {
    Listens listens = Listens::at_socket;
    std::string program{};      // Its usual name; empty if we start none.
    std::string health_path{};  // 200: it is well; 503: it is loading.
    // A page on which a number changes as long as it generates, and the word that must stand in a
    // line of it for the line to count; both may be empty.
    std::string progress_path{};
    std::string progress_word{};
    std::string token_variable{};  // In which the engine expects the bearer token; may be empty.
    bool runs_on_cpu = true;
};

Preset preset_of(const LocalPool& pool);

// What a worker is called: `local-3`.
std::string worker_name(const LocalPool& pool, std::size_t number);

// What its answers name as the model; empty if that is up to the engine.
std::string model_name(const LocalPool& pool);

// One worker.
struct Assignment {
    bool on_cpu = true;
    std::string device{};     // For `{device}`: `cpu`, or the value of CUDA_VISIBLE_DEVICES.
    std::string socket{};     // For `{socket}`.
    std::uint16_t port = 0;   // For `{port}`.
    std::string script{};     // Of `transformers`: our server's file.
    std::size_t threads = 0;  // That it may keep busy, if that is said; 0: as it likes.
    // Steps by which it is to need less memory: each halves its slots and its context, which is
    // 4,096 tokens to begin with where none is given.
    int smaller = 0;
};

// Program and arguments, the program as it is written in the settings.
std::vector<std::string> arguments_of(const LocalPool& pool, const Assignment& worker);

// What is wrong with a word of a `command`; nothing if it is fine.
std::optional<std::string> check_word(std::string_view word);

}  // namespace skein::worker
