// A compiled schema: one flat table of nodes that name each other by index. No cycle of nodes leads
// back to the same value, so a walk ends where the value does.
#pragma once
#include "schema/pattern.hpp"
#include "schema/value.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::schema {

using Index = std::uint32_t;
inline constexpr Index nothing = std::numeric_limits<Index>::max();

// Of a length, a number of items, a number of members.
struct Bounds {
    std::uint64_t least = 0;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

    bool hold(std::uint64_t count) const { return least <= count && count <= most; }
};

// The name of a member that the schema speaks of.
struct Named {
    std::string_view name;
    Index schema = nothing;
    std::size_t required = 0;  // Its place among the required names, from 1; 0: it is not required.
};

struct Dependency {
    std::string_view name;
    std::vector<std::string_view> needs;
};

struct Node {
    bool is_never = false;  // The schema `false`.
    Kinds kinds = all_kinds;
    bool only_whole = false;  // A number must be an integer.

    bool has_allowed = false;            // `enum` or `const`.
    std::vector<std::string> allowed{};  // Identities, sorted.
    std::size_t longest_allowed = 0;
    std::string allowed_words{};

    std::optional<Number> minimum{}, above{}, maximum{}, below{}, step{};
    Bounds length{}, items_count{}, members_count{};
    std::optional<Pattern> pattern{};

    std::vector<Index> prefix{};  // Schemas of the first items.
    Index items = nothing;        // Of the others.
    Index contains = nothing;
    bool is_unique = false;

    std::vector<Named> names{};  // Sorted.
    std::vector<std::string_view> required{};
    std::vector<std::pair<Pattern, Index>> patterns{};
    Index additional = nothing;
    Index names_schema = nothing;  // `propertyNames`.
    std::vector<Dependency> dependencies{};

    Index ref = nothing;
    std::vector<Index> all_of{}, any_of{}, one_of{};
    Index not_schema = nothing;
    Index if_schema = nothing, then_schema = nothing, else_schema = nothing;
};

struct Table {
    simdjson::dom::parser parser{};  // Holds the text that the views point to.
    std::vector<Node> nodes{};       // The first is the root.
};

}  // namespace skein::schema
