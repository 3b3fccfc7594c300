// JSON that has broken other people's readers, in the place of one value.
#pragma once
#include <string>
#include <vector>

namespace skein::test {

struct Torture {
    std::string title;
    std::string value;
    bool valid = false;  // JSON as the standard has it, within what a double or 64 bits can hold.
};

inline std::vector<Torture> json_torture() {
    using namespace std::string_literals;
    const std::string open(100'000, '[');
    const std::string close(100'000, ']');
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
    return {
        {"brackets that are never closed", open},
        {"brackets that are", open + close},
        {"braces that are never closed", objects},
        {"too many ends", close},
        {"bytes that are no text", "\"\xFF\xFE\"", false},
        {"a character that is cut", "\"caf\xC3\"", false},
        {"more bytes than it needs", "\"\xC0\xAF\xE0\x80\xAF\"", false},
        {"a surrogate in UTF-8", "\"\xED\xA0\x80\"", false},
        {"beyond Unicode", "\"\xF4\x90\x80\x80\"", false},
        {"half a pair", R"("\ud800")", false},
        {"the other half", R"("x\udc00x")", false},
        {"a pair the wrong way round", R"("\udc00\ud800")", false},
        {"half an escape", R"("\ud8)"},
        {"no escape", R"("\x41")"},
        {"NUL, escaped", R"("a\u0000b")", true},
        {"NUL, as it is", "\"a\0b\""s},
        {"a control character",
         "\"a\x01"
         "b\""},
        {"a line end in a text", "\"a\nb\""},
        {"a number beyond numbers", "1e999"},
        {"the same, below nothing", "-1e999"},
        {"a number next to nothing", "1e-999", true},
        {"an integer of 30 digits", "123456789012345678901234567890"},
        {"the largest of 64 bits", "18446744073709551615", true},
        {"the smallest", "-9223372036854775808", true},
        {"a thousand decimals", "0." + std::string(1000, '1'), true},
        {"a sign", "+1"},
        {"a leading zero", "01"},
        {"no digit after the point", "1."},
        {"no number", "NaN"},
        {"endless", "-Infinity"},
        {"hexadecimal", "0x1F"},
        {"a key that comes twice", R"({"a":1,"a":2})", true},
        {"a key that is empty", R"({"":1})", true},
        {"a key that is no text", "{1:1}"},
        {"a comma at the end", "[1,]"},
        {"a comma alone", "[,]"},
        {"a comment", "/* x */ 1"},
        {"single quotes", "'x'"},
        {"two values", "1 2"},
        {"a word that is cut", "nul"},
        {"a word in capitals", "True"},
        {"space of another kind",
         "\xC2\xA0"
         "1"},
        {"a mark in the middle",
         "\xEF\xBB\xBF"
         "1"},
        {"line ends of another kind", "\"\u2028\u2029\"", true},
        {"a long text", '"' + std::string(1'000'000, 'x') + '"', true},
        {"a backslash at the end", R"("\)"},
    };
}

}  // namespace skein::test
