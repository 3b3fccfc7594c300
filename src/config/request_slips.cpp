// Finds members of `request:` that are probably misspelt, by edit distance to known names.
// Invariant: only warnings, never errors, because servers may have members unknown to skein.
// Pure functions over the tree.
#include "config/request_slips.hpp"

#include "base/ascii.hpp"
#include "config/request_members.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace skein::config {
namespace {

constexpr std::size_t shortest_slip = 4;  // Shorter names are all similar to each other.
constexpr std::size_t max_letters = 2;    // Maximum edit distance.

// The name without case and separators, so that `maxTokens` and `max-tokens` match `max_tokens`.
std::string folded(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c != '_' && c != '-') text += lower(c);
    }
    return text;
}

// The known name that a member was probably meant to be. First the same letters in another
// spelling, then a small edit distance.
std::string_view meant_by(std::string_view member, std::span<const std::string_view> known) {
    // A known name is no slip, whatever it resembles.
    if (member.size() < shortest_slip || std::ranges::find(known, member) != known.end()) return {};
    const auto same = std::ranges::find_if(known, [text = folded(member)](std::string_view name) {
        return folded(name) == text;
    });
    if (same != known.end()) return *same;
    const auto meant = nearest(member, known);
    return !meant.empty() && edit_distance(member, meant) <= max_letters ? meant
                                                                         : std::string_view{};
}

bool is_foreign(std::string_view name) {
    return std::ranges::find(foreign_members(), name, &ForeignMember::name) !=
           foreign_members().end();
}

void warn(
    const Node& object, std::span<const std::string_view> known, std::vector<std::string>& warnings
) {
    for (const auto& member : object.children) {
        // A foreign name has its own warning; two for one member would confuse.
        const auto meant = is_foreign(member.key) ? "" : meant_by(member.key, known);
        if (meant.empty()) continue;
        warnings.push_back(
            member.key_at.text() + ": '" + json::printable(member.key, 60) +
            "' is no member of a request that is known, and is sent as it stands; did you mean '" +
            std::string{meant} + "'?"
        );
    }
}

// Checks the objects at the end of the path `way`, through every list on it.
void warn_within(
    const Node& node,
    std::string_view way,
    std::span<const std::string_view> known,
    std::vector<std::string>& warnings
) {
    if (node.is_list()) {
        for (const auto& item : node.children) warn_within(item, way, known, warnings);
    } else if (node.is_map() && way.empty()) {
        warn(node, known, warnings);
    } else if (node.is_map()) {
        const auto dot = std::min(way.find('.'), way.size());
        const auto* next = node.find(way.substr(0, dot));
        way.remove_prefix(std::min(dot + 1, way.size()));
        if (next) warn_within(*next, way, known, warnings);
    }
}

void warn_of_foreign(const Node& request, std::vector<std::string>& warnings) {
    for (const auto& foreign : foreign_members()) {
        const auto* member = request.find(foreign.name);
        if (!member) continue;
        warnings.push_back(
            member->key_at.text() + ": '" + std::string{foreign.name} + "' is " +
            std::string{foreign.whose} + ", and is sent as it stands; " +
            std::string{foreign.advice}
        );
    }
}

}  // namespace

std::string_view member_meant_by(std::string_view name) {
    return meant_by(name, members_of_request());
}

void warn_of_slips(const Node& request, std::vector<std::string>& warnings) {
    warn_of_foreign(request, warnings);
    warn(request, members_of_request(), warnings);
    for (const auto& [way, known] : members_within()) warn_within(request, way, known, warnings);
}

}  // namespace skein::config
