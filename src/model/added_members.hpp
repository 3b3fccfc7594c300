// JSON members that skein itself adds to request bodies. If a server refuses such a member, the
// request is sent again without it. Members of the caller are never removed.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skein {

struct AddedMember {
    std::string_view name;
    std::string_view text;  // Its text at the end of a body, with the comma before it.
    std::string_view purpose;
};

inline constexpr std::array<AddedMember, 1> added_members{{
    {"stream_options",
     R"(,"stream_options":{"include_usage":true})",
     "which asks a stream for its count of tokens"},
}};

// A set of added members: bit i stands for row i of the table.
using AddedMembers = std::uint8_t;

inline constexpr AddedMembers adds_stream_options = 1;

constexpr bool has(AddedMembers members, std::size_t row) { return (members >> row & 1U) != 0; }

}  // namespace skein
