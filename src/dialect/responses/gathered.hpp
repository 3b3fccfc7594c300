// What a stream said piece by piece, to be compared with its last event.
#pragma once
#include "json/json.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace skein::response {

// Texts of one kind, each by the place of its part: the index of the item, and of the part in it.
class Gathered {
public:
    // Holds as much text as was given, and a limited number of parts: what is not held is not
    // compared.
    void add(json::Element event, std::string_view piece);

    // All of it, part by part.
    std::string text() const;

private:
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> parts_{};
};

// All kinds of text that an answer consists of.
struct Pieces {
    Gathered texts{};
    Gathered refusals{};
    Gathered arguments{};

    // Does the output hold all that was said, in its order? It may hold more: a piece may be lost.
    bool are_in(simdjson::dom::array output) const;
};

}  // namespace skein::response
