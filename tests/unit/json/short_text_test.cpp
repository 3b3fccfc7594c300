#include "json/short_text.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>

using namespace skein;

TEST_CASE("A short text contains its words and numbers in order.", "[base]") {
    std::string out = "a line: ";
    out += ShortText<64>{} << R"({"id":)" << 17 << ',' << std::uint64_t{18} << '}';
    CHECK(out == R"(a line: {"id":17,18})");
    CHECK(std::string_view{ShortText<8>{}}.empty());
}

TEST_CASE("A short text has room for the longest 64-bit numbers.", "[base]") {
    using Limits = std::numeric_limits<std::int64_t>;
    CHECK(std::string{ShortText<20>{} << Limits::min()} == std::to_string(Limits::min()));
    const auto max = std::numeric_limits<std::uint64_t>::max();
    CHECK(std::string{ShortText<20>{} << max} == std::to_string(max));
}
