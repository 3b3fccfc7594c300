// Lists: their items, their number, and that no two are equal.
#include "schema/walk.hpp"

#include <bit>
#include <functional>
#include <limits>

namespace skein::schema {

bool Walk::list_fits(const Node& node, const Value& value) {
    simdjson::dom::array list;
    if (value.element.get(list)) return true;
    bool is_well = true;
    std::size_t count = 0;
    for (const auto each : list) {
        const auto schema = count < node.prefix.size() ? node.prefix[count] : node.items;
        if (schema != nothing && goes_on(is_well)) {
            is_well &= fits_inside(schema, each, {.index = count});
        }
        ++count;
        if (is_entangled_) return false;
    }
    pay(count / 8);
    if (!node.items_count.hold(count)) {
        const bool is_few = count < node.items_count.least;
        const auto bound = is_few ? node.items_count.least : node.items_count.most;
        is_well = found([&] {
            return std::string{"must have at "} + (is_few ? "least " : "most ") +
                   std::to_string(bound) + " items, has " + std::to_string(count);
        });
    }
    if (node.is_unique && goes_on(is_well)) is_well &= is_unique(list, count);
    if (node.contains != nothing && goes_on(is_well) && !has_one_that_fits(node.contains, list)) {
        is_well = found([] { return "must contain an item as `contains` describes it"; });
    }
    return is_well;
}

// By the identities of all items, sorted: equal ones are neighbours then. Sorted by their hashes
// first, as two numbers are compared sooner than two texts.
bool Walk::is_unique(simdjson::dom::array list, std::size_t count) {
    if (count < 2) return true;
    struct Item {
        std::size_t hash, begin, size;
    };
    std::string all;
    std::vector<Item> items;
    items.reserve(count);
    for (const auto each : list) {
        const auto begin = all.size();
        append_identity(all, value_of(each), std::numeric_limits<std::size_t>::max());
        const auto size = all.size() - begin;
        const auto text = std::string_view{all}.substr(begin);
        items.push_back({std::hash<std::string_view>{}(text), begin, size});
        if (!pay(1 + size / 8)) return false;
    }
    if (!pay(count * static_cast<std::size_t>(std::bit_width(count)) / 8)) return false;
    const auto text = [&](const Item& item) {
        return std::string_view{all}.substr(item.begin, item.size);
    };
    std::ranges::sort(items, [&](const Item& a, const Item& b) {
        return a.hash != b.hash ? a.hash < b.hash : text(a) < text(b);
    });
    const auto twice = std::ranges::adjacent_find(items, [&](const Item& a, const Item& b) {
        return a.hash == b.hash && text(a) == text(b);
    });
    return twice == items.end() || found([] { return "must not have two equal items"; });
}

bool Walk::has_one_that_fits(Index schema, simdjson::dom::array list) {
    for (const auto each : list) {
        if (fits_quietly(schema, value_of(each))) return true;
        if (is_entangled_) return false;
    }
    return false;
}

}  // namespace skein::schema
