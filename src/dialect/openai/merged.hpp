// A JSON value that is put together from the pieces of a stream.
#pragma once
#include "json/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// How a later value joins the value that is there.
enum class Join : std::uint8_t {
    replace,  // Objects are merged member by member; the later of all other values counts.
    lists,    // The same, but lists are one list in pieces.
    pieces,   // The rule of a delta: lists and texts, too, are pieces of one.
};

// What a merge added, in bytes.
struct Grown {
    std::size_t held = 0;     // Of memory, roughly.
    std::size_t content = 0;  // Of text that a model wrote.

    Grown& operator+=(const Grown& other) {
        held += other.held;
        content += other.content;
        return *this;
    }
};

// One value, with all that it holds. `null` never replaces anything, and a value of another type
// does not replace a text, a list or an object that holds something.
//
// Of a delta, texts are joined, but for names of things (`id`, `type`, `role` …), which servers
// repeat. An element of a list goes on with the element of the same `index`; a part of text goes on
// with the part of text before it.
class Merged {
public:
    struct Member;

    Grown merge(json::Element given, Join join, std::string_view name = {});
    // A text that is a piece of this one.
    Grown append(std::string_view text);
    Grown replace(std::string_view text);

    bool is_null() const { return kind_ == Kind::null; }
    bool is_list() const { return kind_ == Kind::list; }
    bool is_object() const { return kind_ == Kind::object; }
    // The text; empty unless it is one.
    std::string_view text() const;
    // All text of it: its own, or that of the parts it is a list of.
    std::string text_of_parts() const;
    std::vector<Merged>& elements();
    const std::vector<Merged>& elements() const { return list_; }
    std::vector<Member>& members() { return members_; }
    const std::vector<Member>& members() const { return members_; }
    // Null if there is none.
    Merged* find(std::string_view name);
    const Merged* find(std::string_view name) const;
    // The text of a member; empty if there is none.
    std::string_view text_of(std::string_view name) const;
    // The member, which is null at first; makes an object of a value that is none.
    Merged& at(std::string_view name, Grown& grown);

    // On one line.
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
    std::string text_{};  // The text; of `scalar` its JSON; of `items` that of all, with commas.
    std::vector<Merged> list_{};
    std::vector<Member> members_;
};

struct Merged::Member {
    std::string name{};
    Merged value{};
};

}  // namespace skein
