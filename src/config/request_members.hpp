// Known member names of requests, to detect misspelt ones.
#pragma once
#include <span>
#include <string_view>

namespace skein::config {

// The members of the request object.
std::span<const std::string_view> members_of_request();

// The members of nested objects that people write by hand, with the dotted path to them. A path
// passes through lists: `messages.content` is each part of each message's content.
struct MembersWithin {
    std::string_view way;
    std::span<const std::string_view> members;
};
std::span<const MembersWithin> members_within();

// A name that belongs to a client library or to another API. No server with OpenAI's API reads it.
struct ForeignMember {
    std::string_view name;
    std::string_view whose;   // Continues the sentence "… is".
    std::string_view advice;  // The replacement; continues a sentence.
};
std::span<const ForeignMember> foreign_members();

}  // namespace skein::config
