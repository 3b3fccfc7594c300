// JSON pointers (RFC 6901), with one step more: `*` stands for all elements of a list.
#pragma once
#include "json/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::mapped {

// `/details/finish_reason` as its steps.
struct Pointer {
    std::vector<std::string> steps{};

    bool operator==(const Pointer&) const = default;
    std::string text() const;
};

// The most steps of a pointer.
inline constexpr std::size_t max_steps = 32;

// Returns what is wrong with the text; nothing if the pointer was read.
std::optional<std::string> read_pointer(std::string_view text, Pointer& pointer);

// Several pointers, of which the first that leads to something counts.
using Pointers = std::vector<Pointer>;

// The value; nothing if it is null or not there. No `*` is followed.
std::optional<json::Element> value_at(json::Element root, const Pointer& pointer);
std::optional<json::Element> value_at(json::Element root, const Pointers& pointers);

// The text. Numbers, true and false are written out, and the texts behind a `*` are joined. Nothing
// if there is no such value.
std::optional<std::string> text_at(json::Element root, const Pointers& pointers);

// A count of tokens: a whole number that is not negative.
std::optional<std::int64_t> count_at(json::Element root, const Pointers& pointers);

}  // namespace skein::mapped
