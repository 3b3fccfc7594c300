// Which seeds a simulation tries: more with SKEIN_LAW_SEEDS=100000, one alone with
// SKEIN_LAW_FIRST=N SKEIN_LAW_SEEDS=1.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <string>

namespace skein {

struct Seeds {
    std::uint64_t first;
    std::uint64_t last;  // Is the first that is not tried.
};

inline Seeds seeds_of(const std::string& what, std::uint64_t otherwise) {
    const auto number = [&](const std::string& name, std::uint64_t usual) {
        const char* text = std::getenv(("SKEIN_" + what + name).c_str());
        return text ? std::strtoull(text, nullptr, 10) : usual;
    };
    const auto first = number("_FIRST", 1);
    return {first, first + number("_SEEDS", otherwise)};
}

}  // namespace skein
