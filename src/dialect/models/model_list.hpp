// The list of models that an API offers: its address, and what an answer says.
#pragma once
#include "dialect/request/address.hpp"

#include <skein/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// A model in the list. 0: the API does not tell.
struct OfferedModel {
    std::string name{};
    std::int64_t context_tokens = 0;
    std::int64_t output_tokens = 0;

    bool operator==(const OfferedModel&) const = default;
};

// Where an endpoint lists its models.
struct ModelsAddress {
    Address address{};
    std::string why_none{};  // Not empty: the endpoint cannot be asked, because …
};

// The address of the list, or of its page behind the mark `after`.
ModelsAddress models_address(const Endpoint& endpoint, std::string_view after = {});

// What the list of this API cannot tell, for a person; mostly empty.
std::string_view caveat_of(const Endpoint& endpoint);

// One answer. The names are untrusted: valid UTF-8, without keys of the endpoint, and short.
struct ModelPage {
    std::vector<OfferedModel> models{};
    std::string next{};   // The mark of the next page; empty: this is the last one.
    std::string wrong{};  // Not empty: the answer is no list, because …
};

// Longer names and marks are no names of models: they are left out.
inline constexpr std::size_t max_model_name = 256;

// Gemini's names begin with it in the list; requests may leave it out.
inline constexpr std::string_view gemini_folder = "models/";

ModelPage read_models(const Endpoint& endpoint, std::string_view body);

// Is the endpoint's model among the models? `meant`: the most similar one, if it is not.
struct Offer {
    enum class Kind : std::uint8_t { unknown, offered, missing };
    Kind kind = Kind::unknown;
    std::string meant{};
};
Offer offer_of(const Endpoint& endpoint, std::string_view model, const std::vector<OfferedModel>&);

}  // namespace skein
