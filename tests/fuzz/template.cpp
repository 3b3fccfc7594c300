// A template and a row: what is filled in is valid JSON with the members of the template, in their
// order; a row changes nothing but what is put in; and what a row lacks, or a place cannot be, is
// said.
//
//     first line: the template, a JSON object; then the row, one as well
#include "job/input/template.hpp"

#include "base/assert.hpp"
#include "given.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace {

using namespace skein;
using namespace skein::job;
using Known = nlohmann::ordered_json;

void check_filled(const Template& made, const json::Object& row, std::string_view asked) {
    std::string out;
    if (const auto why = made.fill(row, out)) {
        SKEIN_ASSERT(!why->empty());
        return;
    }
    std::string again;
    SKEIN_ASSERT(!made.fill(row, again) && again == out);
    const auto tree = Known::parse(out, nullptr, false);
    SKEIN_ASSERT(tree.is_object());
    if (!made.has_places() && asked.find(place_begins) == asked.npos) SKEIN_ASSERT(out == asked);
    json::Object filled;
    if (filled.parse(out)) return;  // Deeper than we read, or a number beyond ours.
    SKEIN_ASSERT(filled.members().size() == made.members().size());
    for (std::size_t i = 0; i < filled.members().size(); ++i) {
        SKEIN_ASSERT(filled.members()[i].name == made.members()[i]);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::vector<char> own(bytes, bytes + size);  // So that a step beyond it is seen.
    const std::string_view text{own.data(), own.size()};
    const auto end = std::min(text.find('\n'), text.size());
    const auto asked = text.substr(0, end);
    const auto made = Template::compile(asked);
    if (!made) {
        SKEIN_ASSERT(!made.error().what.empty());
        return 0;
    }
    json::Object row;
    if (!row.parse(text.substr(end))) check_filled(*made, row, asked);
    return 0;
}
