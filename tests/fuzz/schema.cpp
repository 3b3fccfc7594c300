// A schema and an answer, both from anywhere: a verdict that is the same each time, in words that
// fit into one line; and what must follow from what the validator has said.
//
//     first line: nothing; the schema on the second line; then the answer
#include "schema/schema.hpp"

#include "given.hpp"
#include "json/text.hpp"

#include <string>

namespace {

using namespace skein;

void check_words(const std::string& words) {
    SKEIN_ASSERT(words.size() <= 1100);
    SKEIN_ASSERT(simdjson::validate_utf8(words.data(), words.size()));
    SKEIN_ASSERT(!json::has_control(words));
}

// The opposite, and what is so in any case.
void check_logic(const std::string& schema, json::Element root, std::size_t size, bool fits) {
    const auto opposite = schema::Schema::compile(R"({"not":)" + schema + "}");
    if (!opposite) return;  // A reference to the root is another one there.
    const auto verdict = opposite->check(root, size);
    if (verdict.words.find("entangled") == verdict.words.npos) SKEIN_ASSERT(verdict.fits != fits);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const std::string schema{given.next_line()};
    const std::string text{given.text()};
    const auto compiled = schema::Schema::compile(schema);
    if (!compiled) {
        check_words(compiled.error().text());
        return 0;
    }
    std::string storage;
    json::Element root;
    if (json::parse(schema::with_readable_numbers(text, storage)).get(root)) return 0;
    const auto verdict = compiled->check(root, text.size());
    const auto again = compiled->check(root, text.size());
    SKEIN_ASSERT(verdict.fits == verdict.words.empty());
    SKEIN_ASSERT(verdict.fits == again.fits && verdict.words == again.words);
    check_words(verdict.words);
    const bool is_entangled = verdict.words.find("entangled") != verdict.words.npos;
    const bool has_reference = schema.find('#') != schema.npos || schema.find('$') != schema.npos;
    if (!is_entangled && !has_reference) check_logic(schema, root, text.size(), verdict.fits);
    return 0;
}
