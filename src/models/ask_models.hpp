// Asks endpoints which models they offer. Nothing of it is billed.
#pragma once
#include "client/assembly/client_plan.hpp"
#include "dialect/models/model_list.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace skein {

// What an endpoint answered. Text is valid UTF-8 and without keys, but otherwise untrusted.
struct ModelsAnswer {
    enum class State : std::uint8_t {
        listed,   // `models` is the list.
        no_list,  // The server has none, or cannot be asked for it: nothing is known of the key.
        refused,  // The key was refused.
        failed,   // The server was not reached, or answered with something else.
    };
    // `unchecked`: the server gives its list without a key as well.
    enum class Key : std::uint8_t { none, accepted, unchecked, refused, unknown };

    std::string address{};
    State state = State::no_list;
    Key key = Key::unknown;
    int status = 0;                      // 0: no answer.
    std::string why{};                   // If not `listed`.
    std::vector<OfferedModel> models{};  // Sorted by name, each once.
    bool is_cut = false;                 // There were more pages than are read.
};

// Asks all endpoints of the plan at once and waits for them, for 30 s at most, and as long again
// for a key that a command prints. The answers are in the order of the endpoints. A `mock:`
// endpoint gets a mock server for this; if it cannot be started, that is the error.
Expected<std::vector<ModelsAnswer>, ConfigError> ask_models(const ClientPlan& plan);

}  // namespace skein
