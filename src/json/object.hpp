// One JSON object as a list of members, each value a slice of the original text.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::json {

// `parse` checks the whole text first, so that all values are valid JSON with bounded nesting.
// Lifetime: the values are views of the text, which must outlive this object.
class Object {
public:
    struct Member {
        std::string name{};
        std::string_view value{};  // The value's text as written.
    };

    // Parses untrusted text. Returns the error; empty if the text is one JSON object.
    std::optional<std::string> parse(std::string_view text);

    // Parses trusted text without a check: it must be one JSON object, written by skein itself.
    void take(std::string_view text);

    const std::vector<Member>& members() const { return members_; }

    // The value of the first member with this name; empty if there is none.
    std::optional<std::string_view> find(std::string_view name) const;

    // The value at a dotted path of member names and list indices from 0: `choices.0.text`. A
    // member whose name is the whole path is found first.
    std::optional<std::string_view> find_path(std::string_view path) const;

private:
    std::vector<Member> members_;
};

// The type of a value by its first character; the value must be valid JSON.
inline bool is_string(std::string_view value) { return value.starts_with('"'); }
inline bool is_object(std::string_view value) { return value.starts_with('{'); }
inline bool is_null(std::string_view value) { return value == "null"; }
inline bool is_list(std::string_view value) { return value.starts_with('['); }

// Decodes a JSON string: removes its quotes and resolves its escapes.
std::string said(std::string_view string);

}  // namespace skein::json
