// The members of requests that APIs are known to have.
#pragma once
#include <span>
#include <string_view>

namespace skein::config {

// Of a request itself.
std::span<const std::string_view> members_of_request();

// Of the objects within it that people write by hand, by the way to them; a list is passed through:
// `messages.content` is each part of each message's content.
struct MembersWithin {
    std::string_view way;
    std::span<const std::string_view> members;
};
std::span<const MembersWithin> members_within();

// A name that belongs to a client's function, or to another API, and that no server with OpenAI's
// API reads.
struct ForeignMember {
    std::string_view name;
    std::string_view whose;   // Continues "is".
    std::string_view advice;  // What to write instead; continues a sentence.
};
std::span<const ForeignMember> foreign_members();

}  // namespace skein::config
