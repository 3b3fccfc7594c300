// litellm's providers, and the API that skein speaks with each.
#pragma once
#include <string>
#include <string_view>

namespace skein::litellm {

struct Provider {
    std::string_view name;      // In front of the slash of `model`.
    std::string_view api;       // In a job file.
    std::string_view base_url;  // Where `api_base` is left out; empty: it is needed.
    std::string_view key;       // The variable that litellm reads without `api_key`; empty: none.
};

// Null: skein does not speak with it, or its address is not known.
const Provider* provider_named(std::string_view name);

// All names, for messages.
std::string provider_names();

// The provider of a model without a slash, by the beginning of its name; empty: unknown.
std::string_view provider_of_bare(std::string_view model);

}  // namespace skein::litellm
