// Foreign text on its way to a terminal or into JSON: nothing in it acts, nothing in it lies, and
// what was text before says the same after.
//
//     first line: most bytes to be shown; then the text
#include "given.hpp"
#include "json/json.hpp"
#include "json/text.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <string>

namespace {

using namespace skein;

bool is_text(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Of what Unicode has to turn the direction of text, to end lines and to steer terminals (C1).
bool has_treacherous(std::string_view text) {
    for (const std::string_view each :
         {"\u061C",
          "\u200E",
          "\u200F",
          "\u202A",
          "\u202B",
          "\u202C",
          "\u202D",
          "\u202E",
          "\u2066",
          "\u2067",
          "\u2068",
          "\u2069",
          "\u2028",
          "\u2029"}) {
        if (text.find(each) != text.npos) return true;
    }
    for (std::size_t at = 0; (at = text.find('\xC2', at)) != text.npos; ++at) {
        if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0) return true;
    }
    return false;
}

void check_printable(std::string_view text, std::size_t max) {
    const auto shown = json::printable(text, max);
    SKEIN_ASSERT(is_text(shown) && !has_treacherous(shown));
    for (const char c : shown) SKEIN_ASSERT(!is_control(c) || c == '\t');
    SKEIN_ASSERT(shown.size() < max + 6 + 3);  // One escape, and the ellipsis.
    const bool is_plain =
        is_text(text) && !has_treacherous(text) &&
        std::ranges::none_of(text, [](char c) { return is_control(c) && c != '\t'; });
    if (is_plain && text.size() <= max) SKEIN_ASSERT(shown == text);
    SKEIN_ASSERT(json::printable(shown, shown.size()) == shown);
}

void check_string(std::string_view text) {
    const auto valid = json::valid_utf8(text);
    SKEIN_ASSERT(is_text(valid) && (valid == text) == is_text(text));
    std::string quoted;
    json::append_string(quoted, text);
    SKEIN_ASSERT(std::ranges::none_of(quoted, is_control));
    SKEIN_ASSERT(quoted.find("\u2028") == quoted.npos && quoted.find("\u2029") == quoted.npos);
    SKEIN_ASSERT(nlohmann::json::parse(quoted, nullptr, false) == valid);
    SKEIN_ASSERT(json::has_control(text) == std::ranges::any_of(text, [](char c) {
                     return static_cast<unsigned char>(c) < 0x20;
                 }));
}

// The text as if it were JSON. What is mended parses wherever the text did, and is mended for good.
void check_json(std::string_view text) {
    std::string storage, again;
    const auto mended = json::mended(text, storage);
    SKEIN_ASSERT(is_text(mended));
    SKEIN_ASSERT(mended.starts_with("\xEF\xBB\xBF") || json::mended(mended, again) == mended);
    json::Element root;
    if (json::parse(mended).get(root)) return;
    const auto line = json::one_line(std::string{mended});
    const auto value = nlohmann::json::parse(line, nullptr, false);
    SKEIN_ASSERT(!value.is_discarded() && !json::has_control(line));
    SKEIN_ASSERT(value == nlohmann::json::parse(mended, nullptr, false));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const auto max = given.one_of<std::size_t>({2048, 0, 1, 10, 80});
    const std::vector<char> own(given.text().begin(), given.text().end());
    const std::string_view text{own.data(), own.size()};
    check_printable(text, max);
    check_string(text);
    check_json(text);
    return 0;
}
