// A JSON value assembled from the chunks of a stream.
#pragma once
#include "json/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// Rule by which a later value is merged into the present one.
enum class Join : std::uint8_t {
    replace,  // Objects are merged member by member; any other later value replaces.
    lists,    // As `replace`, but lists are concatenated.
    pieces,   // The rule of a delta: lists and texts are concatenated.
};

// Growth caused by a merge, in bytes.
struct Grown {
    std::size_t held = 0;     // Memory, approximately.
    std::size_t content = 0;  // Text written by the model.

    Grown& operator+=(const Grown& other) {
        held += other.held;
        content += other.content;
        return *this;
    }
};

// A tree of values. `null` never replaces a value, and a value of another type never replaces a
// text, list or object that is not empty.
//
// In a delta, texts are concatenated, except names (`id`, `type`, `role` …), which servers repeat.
// A list element continues the element of the same `index`; a text part continues the text part
// before it.
class Merged {
public:
    struct Member;

    Grown merge(json::Element given, Join join, std::string_view name = {});
    // Appends a piece of text.
    Grown append(std::string_view text);
    Grown replace(std::string_view text);

    bool is_null() const { return kind_ == Kind::null; }
    bool is_list() const { return kind_ == Kind::list; }
    bool is_object() const { return kind_ == Kind::object; }
    // The text; empty if the value is not a text.
    std::string_view text() const;
    // All text: its own, or the concatenated text of its list of parts.
    std::string text_of_parts() const;
    std::vector<Merged>& elements();
    const std::vector<Merged>& elements() const { return list_; }
    std::vector<Member>& members() { return members_; }
    const std::vector<Member>& members() const { return members_; }
    // The member of this name, or a null pointer.
    Merged* find(std::string_view name);
    const Merged* find(std::string_view name) const;
    // The text of a member; empty if there is none.
    std::string_view text_of(std::string_view name) const;
    // The member of this name; a new member is null. Turns a value of another type into an object.
    Merged& at(std::string_view name, Grown& grown);

    // Writes JSON on one line.
    void write(std::string& out) const;
    void write_members(std::string& out) const;  // Without the braces.

private:
    enum class Kind : std::uint8_t { null, scalar, text, items, list, object };

    Grown merge_scalar(json::Element given);
    Grown merge_text(std::string_view given, Join join, std::string_view name);
    Grown merge_items(simdjson::dom::array given, Join join);
    Grown merge_list(simdjson::dom::array given);
    Grown merge_object(simdjson::dom::object given, Join join);
    Grown make_list();
    Merged* place_for(json::Element given);
    bool is_empty() const;
    bool continues_as_part(json::Element given) const;

    Kind kind_ = Kind::null;
    std::string text_{};  // The text; `scalar`: its JSON; `items`: the JSON of all, with commas.
    std::vector<Merged> list_{};
    std::vector<Member> members_;
};

struct Merged::Member {
    std::string name{};
    Merged value{};
};

}  // namespace skein
