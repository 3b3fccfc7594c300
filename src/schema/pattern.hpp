// Regular expressions: those of JSON Schema, which are JavaScript's, run by RE2. RE2 takes time
// linear in the text, whatever the expression.
#pragma once
#include <skein/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace skein::schema {

// Why an expression was refused.
struct PatternError {
    std::string why;
};
[[noreturn]] void throw_exception_from_error(const PatternError&, const boost::source_location&);

class Pattern {
public:
    // An expression of JavaScript. Refused: what RE2 does not know (look-around, back references),
    // what means something else to RE2, and what compiles to a large program.
    static Expected<Pattern, PatternError> of_javascript(std::string_view expression);
    // An expression as RE2 reads it.
    static Expected<Pattern, PatternError> of_re2(std::string_view expression);

    // Does it match somewhere in the text?
    bool is_in(std::string_view text) const;
    // An upper bound of the steps that a match takes for each byte.
    std::size_t size() const { return size_; }
    // As it was given.
    const std::string& text() const { return text_; }

private:
    Pattern(std::shared_ptr<const re2::RE2> expression, std::string_view text);

    std::shared_ptr<const re2::RE2> expression_;
    std::size_t size_ = 0;
    std::string text_;
};

}  // namespace skein::schema
