// Regular expressions by RE2. What JavaScript writes otherwise is translated first; what cannot be
// is refused, so that no expression is judged by another meaning than its own. Matching is
// thread-safe.
#include "schema/pattern.hpp"

#include "base/assert.hpp"

#include <optional>
#include <re2/re2.h>
#include <stdexcept>
#include <utility>

namespace skein::schema {
namespace {

constexpr std::size_t max_expression = 4096;
constexpr std::int64_t max_memory = 1 << 20;  // Of one expression, in bytes.
constexpr int max_program = 10'000;           // Instructions.

// What JavaScript calls white space, as the inside of a class.
constexpr std::string_view white_space =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view not_a_line_end = R"([^\n\r\x{2028}\x{2029}])";

bool is_hex(std::string_view digits) {
    return digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
}

// Reads a JavaScript expression from left to right and writes one of RE2.
struct Translation {
    std::string_view rest;
    std::string out{};
    std::string why{};  // Not empty: refused.
    bool in_class = false;

    void copy(std::size_t count) {
        out += rest.substr(0, count);
        rest.remove_prefix(std::min(count, rest.size()));
    }

    // `\uXXXX`. Half of a surrogate pair is no character.
    void code() {
        const auto digits = rest.substr(2, 4);
        if (digits.size() < 4 || !is_hex(digits)) {
            why = R"(`\u` needs four hexadecimal digits)";
        } else if ((digits[0] == 'd' || digits[0] == 'D') && digits[1] > '7') {
            why = R"(`\u` of half a character (a surrogate): write the character itself)";
        } else {
            out.append("\\x{").append(digits).append("}");
            rest.remove_prefix(6);
        }
    }

    void space(bool is_negated) {
        if (in_class && is_negated) {
            why = R"(`\S` within `[…]` is not supported)";
            return;
        }
        if (!in_class) out += is_negated ? "[^" : "[";
        out += white_space;
        if (!in_class) out += ']';
        rest.remove_prefix(2);
    }

    void escape() {
        if (rest.size() < 2) {
            why = R"(it ends with `\`)";
            return;
        }
        switch (const char c = rest[1]) {
            case 'u':
                return code();
            case 's':
                return space(false);
            case 'S':
                return space(true);
            case '0':
                out += R"(\x{0})";
                rest.remove_prefix(2);
                return;
            // To RE2 these are a bell, a byte, a quotation and the like; to JavaScript letters or
            // errors.
            case 'a':
            case 'C':
            case 'Q':
            case 'E':
            case 'A':
            case 'z':
                why = std::string{"`\\"} + c + "` is not known to JavaScript";
                return;
            default:
                copy(2);
        }
    }

    void begin_class() {
        const std::string_view begins = rest.starts_with("[^") ? "[^" : "[";
        if (rest.substr(begins.size()).starts_with(']')) {
            why = "an empty class `[]` is not supported";
            return;
        }
        in_class = true;
        copy(begins.size());
    }

    void step() {
        const char c = rest.front();
        if (c == '\\') return escape();
        if (in_class) {
            if (c == ']') in_class = false;
            if (c == '[') out += '\\';  // `[[:alpha:]]` is a class of five characters.
            return copy(1);
        }
        if (c == '[') return begin_class();
        if (c == '.') {
            out += not_a_line_end;
            rest.remove_prefix(1);
            return;
        }
        copy(1);
    }
};

}  // namespace

void throw_exception_from_error(const PatternError& error, const boost::source_location&) {
    throw std::invalid_argument{error.why};
}

Pattern::Pattern(std::shared_ptr<const re2::RE2> expression, std::string_view text)
    : expression_{std::move(expression)},
      size_{static_cast<std::size_t>(std::max(expression_->ProgramSize(), 1))},
      text_{text} {}

Expected<Pattern, PatternError> Pattern::of_javascript(std::string_view expression) {
    Translation translation{expression};
    while (!translation.rest.empty()) {
        translation.step();
        if (!translation.why.empty()) return PatternError{std::move(translation.why)};
    }
    auto made = of_re2(translation.out);
    if (made) made->text_ = expression;
    return made;
}

Expected<Pattern, PatternError> Pattern::of_re2(std::string_view expression) {
    if (expression.size() > max_expression) return PatternError{"it is longer than 4096 bytes"};
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_memory);
    auto made = std::make_shared<const re2::RE2>(
        re2::StringPiece{expression.data(), expression.size()}, options
    );
    if (!made->ok()) return PatternError{made->error()};
    if (made->ProgramSize() > max_program) return PatternError{"it is too large"};
    return Pattern{std::move(made), expression};
}

bool Pattern::is_in(std::string_view text) const {
    const re2::StringPiece piece{text.data(), text.size()};
    return expression_->Match(piece, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace skein::schema
