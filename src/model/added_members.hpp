// Members that skein itself adds to requests. A server that refuses one is asked without it; what
// the caller has written is never left out.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skein {

struct AddedMember {
    std::string_view name;
    std::string_view text;  // As it stands at the end of a body, with the comma before it.
    std::string_view purpose;
};

inline constexpr std::array<AddedMember, 1> added_members{{
    {"stream_options",
     R"(,"stream_options":{"include_usage":true})",
     "which asks a stream for its count of tokens"},
}};

// Which of them: bit i stands for row i.
using AddedMembers = std::uint8_t;

inline constexpr AddedMembers adds_stream_options = 1;

constexpr bool has(AddedMembers members, std::size_t row) { return (members >> row & 1U) != 0; }

}  // namespace skein
