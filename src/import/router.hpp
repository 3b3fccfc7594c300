// litellm's `router_settings`, and those of `litellm_settings` and `general_settings` beside them.
#pragma once
#include "import/notes.hpp"
#include "import/words.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace skein::litellm {

struct Router {
    using Groups = std::vector<std::string>;
    using Fallbacks = std::map<std::string, Groups>;  // By `model_name`.

    Fallbacks after_failure{};  // `fallbacks`.
    Fallbacks after_context{};  // `context_window_fallbacks`.
    Fallbacks after_filter{};   // `content_policy_fallbacks`.
    Groups default_fallbacks{};
    std::map<std::string, std::string> aliases{};
    std::optional<double> retries{};
    std::optional<double> timeout{};            // Seconds.
    std::optional<double> default_in_flight{};  // Of each deployment.
    std::optional<double> in_flight{};          // Of all together.
};

// What has no counterpart is noted, except what concerns only a proxy that others use.
Router read_router(const Node& root, Notes& notes);

// The group that an alias stands for, or the name itself.
std::string resolved(const Router& router, const std::string& group);

}  // namespace skein::litellm
