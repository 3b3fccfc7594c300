// Reads members of a body that a client sent. For the files that parse questions, and for no other.
#pragma once
#include "mock_server/question.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::mock {

using Json = nlohmann::json;
using Refused = std::optional<NoQuestion>;

inline NoQuestion no(std::string why) { return {std::move(why)}; }

// Parses the body, which must be a JSON object. No exception, because foreign text that is no JSON
// is a usual case.
Refused parse_body(std::string_view text, Json& body);

// Null if the member is missing or null: some clients write null for what they do not set.
const Json* member(const Json& object, const char* name);

// What is told to be a text; null if it is missing or something else.
const std::string* text_member(const Json& object, const char* name);

// The place stays as it is if the member is missing.
Refused read_count(const Json& object, const char* name, std::uint64_t& place, std::uint64_t max);
Refused read_truth(const Json& object, const char* name, bool& place);

// Is `name` one of these words? They are parted by one space each.
bool is_word_of(std::string_view words, std::string_view name);

// The name of the first member that is none of the known ones; null if all are known.
const std::string* stranger(const Json& object, std::string_view known);

}  // namespace skein::mock
