// Whole answers and errors into the common form, by a map.
#pragma once
#include "dialect/raw_map/raw_map.hpp"
#include "json/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skein::mapped {

// What was found in an answer, or in an event of a stream.
struct Found {
    std::optional<std::string> text{};
    std::optional<std::string> reasoning{};
    std::string finish{};  // The server's word; empty if it says no end.
    std::string id{};
    std::string model{};
    std::optional<std::int64_t> input_tokens{};
    std::optional<std::int64_t> output_tokens{};
    std::optional<std::int64_t> cached_tokens{};
    std::optional<std::int64_t> reasoning_tokens{};

    bool has_usage() const { return input_tokens || output_tokens; }
};

Found find_all(json::Element root, const AnswerPlaces& places, const RawMap& map);

// Members of an object in the common form: `"id":"…","model":"…",`; mostly empty.
void append_names(std::string& out, const Found& found);
// `,"usage":{…}`; nothing if no count was found.
void append_usage(std::string& out, const Found& found);
// `"finish_reason":"stop"`, and the server's word if it is another one.
void append_reason(std::string& out, std::string_view theirs, const RawMap& map);

// The error in the common form; nothing if the map sees none.
std::optional<std::string> error_of(json::Element root, const RawMap& map);

// A `chat.completion`; an error; or nothing, if it is neither.
std::optional<std::string> common_answer(json::Element root, const RawMap& map);

}  // namespace skein::mapped
