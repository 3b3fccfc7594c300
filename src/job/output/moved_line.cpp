#include "job/output/moved_line.hpp"

#include "json/object.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace skein::job {
namespace {

// A value in the line and its replacement.
struct Change {
    std::optional<std::string_view> value{};
    std::string now{};
};

std::string quoted(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

}  // namespace

std::string moved_line(std::string_view out, Moved moved) {
    const auto number = std::to_string(moved.line());
    json::Object line;
    if (line.parse(out)) return std::string{out};
    std::array changes{
        Change{line.find("id"), quoted("skein-" + number)},
        Change{line.find("custom_id"), quoted(name_by_line(moved.line()))},
        Change{line.find_path("skein.seq"), number}};
    if (!moved.is_named_by_line()) changes[1].now = changes[1].value.value_or("");
    if (!std::ranges::all_of(changes, [](const Change& change) {
            return change.value.has_value();
        })) {
        return std::string{out};
    }
    // Sorted by position, because the line is copied from left to right.
    std::ranges::sort(changes, {}, [](const Change& change) { return change.value->data(); });
    std::string text;
    const char* from = out.data();
    for (const auto& [value, now] : changes) {
        text.append(from, value->data());
        text += now;
        from = value->data() + value->size();
    }
    return text.append(from, out.data() + out.size());
}

}  // namespace skein::job
