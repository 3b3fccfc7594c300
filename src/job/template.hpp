#pragma once
#include "job/json_object.hpp"

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
// `{{ name }}` stands for the text of a field: what a text says, and of all else its JSON. A name
// with dots leads into objects and lists: `{{ tags.0 }}`. `{{ name | json }}` must be the whole
// text, and is replaced with the field's JSON, quotes and all. What was put in is never looked at
// again, so that no row can ask for another field.
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
    std::optional<std::string> fill(const JsonObject& row, std::string& out) const;

    // Does the request have this member?
    bool has(std::string_view member) const;

    // Is anything of a row put in?
    bool has_places() const { return !pieces_.empty(); }

    // Is a field's JSON put in anywhere, and not only its text?
    bool takes_json() const;

    // Of its text, without what is filled in.
    std::size_t size() const { return size_; }

    static constexpr std::string_view opening = "{{";  // Of a place.

private:
    struct Piece {
        std::string before{};  // Of the template's own text, as it is.
        std::string field{};
        bool as_json = false;
        std::size_t text = 0;  // Of the template: which one it is in.
    };

    // Both return what is wrong.
    std::optional<std::string> compile_string(std::string_view inside, std::size_t text);
    std::optional<std::string> add_place(std::string_view place, bool alone, std::size_t text);

    std::size_t size_ = 0;
    std::vector<std::string> members_;
    std::vector<Piece> pieces_;
    std::string rest_;  // While compiling, what goes before the next piece; then the end.
};

}  // namespace skein::job
