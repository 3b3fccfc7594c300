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

// Gives the position in the job file of the n-th string of a template. Member names are counted as
// well. The function or its result may be empty.
using PlaceOf = std::function<std::string(std::size_t)>;

// The position of a string in the job file if it is known, else `request`.
std::string place_or_request(const PlaceOf& place_of, std::size_t text);

// A request template: a JSON object with placeholders for the row's fields in its strings.
//
//     {"messages":[{"role":"user","content":"Translate {{ text }}"}],"seed":"{{ seed | json }}"}
//
// `{{ name }}` stands for a field: the content of a text, nothing for null, and the JSON of any
// other value. A name with dots is a path into objects and lists: `{{ tags.0 }}`. A filter may
// follow:
//
//     {{ name | json }}          the field's JSON, quotes and all, in place of the whole string
//     {{ name | number }}        the number that its text is (1, 0.5, 1e3), in the same place
//     {{ name | default('x') }}  the text x where the field is missing or null
//     {{ '{{' }}                 two braces, or any other text in quotes, as they stand
//
// If an item of a list is exactly `{{ name | json }}` and the field is a list, its items are
// spliced in: `["{{ a | json }}", 1]`; null becomes no item. For a list in a list write the
// brackets: `[["{{ a | json }}"]]`. Filled-in text is never scanned again, so that a row cannot
// inject a placeholder.
class Template {
public:
    // `text` is JSON. The error names the wrong placeholder.
    static Expected<Template, ConfigError> compile(
        std::string_view text, const PlaceOf& place_of = {}
    );

    // For formats whose fields are known in advance: an error if a placeholder names a field that
    // does not exist.
    std::optional<ConfigError> check(
        std::span<const std::string> fields, const PlaceOf& place_of = {}
    ) const;

    // Appends the filled body to `out`. Returns the problem if the row lacks a field or a field
    // does not fit its filter.
    std::optional<std::string> fill(const json::Object& row, std::string& out) const;

    // The number of placeholders.
    std::size_t places() const { return pieces_.size(); }

    // Has the row a value for this placeholder, or does a default stand in for it?
    bool is_filled_by(std::size_t place, const json::Object& row) const;

    // The error for a placeholder that no row fills. `row`: the first one, to show what there is.
    ConfigError no_row_fills(
        std::size_t place, const json::Object& row, const PlaceOf& place_of = {}
    ) const;

    // The member names of the request.
    const std::vector<std::string>& members() const { return members_; }

    // True if the template has any placeholder.
    bool has_places() const { return !pieces_.empty(); }

    // True if a field replaces a whole string somewhere (`json` or `number`).
    bool takes_values() const;

    // Bytes of the template's own text.
    std::size_t size() const { return size_; }

private:
    struct Piece {
        std::string before{};  // The template's own text before the placeholder.
        TemplatePlace place{};
        bool is_item = false;  // The placeholder is a whole item of a list.
        std::size_t text = 0;  // Number of the template's string that contains it.
    };

    // The position of a string: its number, and whether it is an item of a list.
    struct Where {
        std::size_t text = 0;
        bool is_item = false;
    };

    // Both return the problem; nothing on success.
    std::optional<std::string> compile_string(std::string_view inside, Where where);
    std::optional<std::string> add_place(std::string_view whole, bool is_alone, Where where);

    std::size_t size_ = 0;
    std::vector<std::string> members_;
    std::vector<Piece> pieces_;
    std::string rest_;  // While compiling, text before the next piece; afterwards the end.
};

}  // namespace skein::job
