// JSON Schema: is a value as a schema says? The part that is checked is in docs/structured.md; a
// schema that says more is refused, so that no verdict is a guess.
#pragma once
#include "json/json.hpp"

#include <skein/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace skein::schema {

struct Table;

// Why a schema was refused, and where in it: `/properties/a/unevaluatedItems`.
struct Refusal {
    std::string path;
    std::string why;

    std::string text() const { return "`" + (path.empty() ? "/" : path) + "`: " + why; }
};
[[noreturn]] void throw_exception_from_error(const Refusal&, const boost::source_location&);

// What a value is found to be.
struct Verdict {
    bool fits = false;
    // If it does not fit: what is wrong with which of its parts. At most ten errors, the deepest
    // first, one line, 1 kB. No value of the answer is quoted, since it may be long or hostile.
    std::string words{};
};

// A schema, ready to check. Immutable, so that threads share one.
class Schema {
public:
    // `text` is one JSON value.
    static Expected<Schema, Refusal> compile(std::string_view text);

    // `size`: the length of the text that the value was parsed from. The work is bounded by it.
    Verdict check(json::Element value, std::size_t size) const;

private:
    explicit Schema(std::shared_ptr<const Table> table) : table_{std::move(table)} {}

    std::shared_ptr<const Table> table_;
};

// Whole numbers of more than 64 bits are given an exponent (`…e0`), so that the parser takes them
// for doubles. Returns `text` if there are none, otherwise a view of `storage`.
std::string_view with_readable_numbers(std::string_view text, std::string& storage);

}  // namespace skein::schema
