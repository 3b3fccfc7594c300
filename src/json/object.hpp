// One JSON object as a row of fields, each a slice of the text it was written as.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::json {

// Parsed whole, so that what it gives out is known to be valid, and small enough in its nesting.
class Object {
public:
    struct Member {
        std::string name{};
        std::string_view value{};  // As written.
    };

    // What is wrong with the text; nothing if it is one JSON object. The values lie in `text`.
    std::optional<std::string> parse(std::string_view text);

    // The same of a text that is known to be one, because we wrote it.
    void take(std::string_view text);

    const std::vector<Member>& members() const { return members_; }

    // Of two with one name the first.
    std::optional<std::string_view> find(std::string_view name) const;

    // `name`, or a way down by names and, in lists, numbers counted from 0: `choices.0.text`. A
    // member with a dot in its name is found by its whole name first.
    std::optional<std::string_view> find_path(std::string_view path) const;

private:
    std::vector<Member> members_;
};

// For values as written, which must be valid JSON.
inline bool is_string(std::string_view value) { return value.starts_with('"'); }
inline bool is_object(std::string_view value) { return value.starts_with('{'); }
inline bool is_null(std::string_view value) { return value == "null"; }
inline bool is_list(std::string_view value) { return value.starts_with('['); }

// What a string says: without its quotes and escapes.
std::string said(std::string_view string);

}  // namespace skein::json
