// A row that is a JSON object: its members and the ways into them are those that another parser
// finds.
#include "base/assert.hpp"
#include "json/object.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace skein;

using Known = nlohmann::json;

Known known(std::string_view text) { return Known::parse(text, nullptr, false); }

void check_members(const json::Object& object, std::string_view text) {
    json::Object taken;  // Without a tree: it must come to the same.
    taken.take(text);
    SKEIN_ASSERT(taken.members().size() == object.members().size());
    for (std::size_t i = 0; i < object.members().size(); ++i) {
        const auto& [name, value] = object.members()[i];
        SKEIN_ASSERT(taken.members()[i].name == name && taken.members()[i].value == value);
        SKEIN_ASSERT(!known(value).is_discarded());
    }
}

// `a.0.b` in ours is `/a/0/b` in theirs; a whole name with a dot in it comes first in ours.
void check_ways(const json::Object& object, const Known& root) {
    for (const std::string way : {"/a", "/b", "/a/b", "/a/0", "/a/1", "/a/0/b", "/a/b/0"}) {
        auto dotted = way.substr(1);
        std::ranges::replace(dotted, '/', '.');
        const auto found = object.find_path(dotted);
        if (dotted.size() > 1 && object.find(dotted)) continue;
        const Known::json_pointer theirs{way};
        SKEIN_ASSERT(found.has_value() == root.contains(theirs));
        if (found) SKEIN_ASSERT(known(*found) == root.at(theirs));
    }
}

// Of two members with one name ours is the first and theirs the last.
bool names_twice(std::string_view text) {
    bool twice = false;
    std::vector<std::vector<std::string>> open;
    const auto look = [&](int, Known::parse_event_t event, Known& value) {
        if (event == Known::parse_event_t::object_start) open.emplace_back();
        if (event == Known::parse_event_t::object_end) open.pop_back();
        if (event != Known::parse_event_t::key) return true;
        const auto& name = value.get_ref<const std::string&>();
        twice = twice || std::ranges::find(open.back(), name) != open.back().end();
        open.back().push_back(name);
        return true;
    };
    [[maybe_unused]] const auto tree = Known::parse(text, look, false);
    return twice;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::vector<char> own(bytes, bytes + size);  // So that a step beyond it is seen.
    const std::string_view text{own.data(), own.size()};
    json::Object object;
    if (object.parse(text)) return 0;
    const auto root = known(text);
    SKEIN_ASSERT(root.is_object());
    check_members(object, text);
    if (!names_twice(text)) check_ways(object, root);
    return 0;
}
