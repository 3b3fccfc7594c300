#pragma once
#include "job/input/template_place.hpp"
#include "json/object.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::job {

// Where the n-th text of a template stands in the job file, names of members included; may be
// empty.
using PlaceOf = std::function<std::string(std::size_t)>;

// As far as that is known; else `request`.
std::string place_or_request(const PlaceOf& place_of, std::size_t text);

// What to ask of each row: a JSON object with places for the row's fields in its texts.
//
//     {"messages":[{"role":"user","content":"Translate {{ text }}"}],"seed":"{{ seed | json }}"}
//
// `{{ name }}` stands for the text of a field: what a text says, nothing for null, and of all else
// its JSON. A name with dots leads into objects and lists: `{{ tags.0 }}`. A filter may follow:
//
//     {{ name | json }}          the field's JSON, quotes and all, in place of the whole string
//     {{ name | number }}        the number that its text is (1, 0.5, 1e3), in place of the whole
//     string
//     {{ name | default('x') }}  the text x where the field is missing or null
//     {{ '{{' }}                 two braces, or any other text in quotes, as they stand
//
// An item of a list that is a whole `{{ name | json }}` gives way to the items of the field's list,
// so that lists join: `["{{ a | json }}", 1]`; null gives way to nothing. For a list in a list
// write its brackets: `[["{{ a | json }}"]]`. What was put in is never looked at again, so that no
// row can ask for another field.
class Template {
public:
    // `text` is JSON. The error says which place is wrong.
    static Expected<Template, ConfigError> compile(
        std::string_view text, const PlaceOf& place_of = {}
    );

    // For rows whose fields are known beforehand: is there one for every place?
    std::optional<ConfigError> check(
        std::span<const std::string> fields, const PlaceOf& place_of = {}
    ) const;

    // The request's body, appended to `out`; or, if the row lacks a field, what is wrong.
    std::optional<std::string> fill(const json::Object& row, std::string& out) const;

    // The names of the request's members.
    const std::vector<std::string>& members() const { return members_; }

    // Is anything of a row put in?
    bool has_places() const { return !pieces_.empty(); }

    // Does a field anywhere replace a whole string, and not only stand in it?
    bool takes_values() const;

    // Of its text, without what is filled in.
    std::size_t size() const { return size_; }

private:
    struct Piece {
        std::string before{};  // Of the template's own text, as it is.
        TemplatePlace place{};
        bool is_item = false;  // It is a whole item of a list.
        std::size_t text = 0;  // Of the template: which one it is in.
    };

    // Where a string stands.
    struct Where {
        std::size_t text = 0;
        bool is_item = false;
    };

    // Both return what is wrong.
    std::optional<std::string> compile_string(std::string_view inside, Where where);
    std::optional<std::string> add_place(std::string_view whole, bool is_alone, Where where);

    std::size_t size_ = 0;
    std::vector<std::string> members_;
    std::vector<Piece> pieces_;
    std::string rest_;  // While compiling, what goes before the next piece; then the end.
};

}  // namespace skein::job
