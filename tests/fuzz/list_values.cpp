// The values of a JSON list, cut anywhere: those that another parser finds.
//
//     first line: the longest value, the lengths of the pieces; then the bytes
#include "base/assert.hpp"
#include "given.hpp"
#include "input/array_cutter.hpp"
#include "rows.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace skein;
using input::ArrayCutter;

struct Values {
    fuzz::Rows rows{};
    std::string problem{};

    bool operator==(const Values&) const = default;
};

template <class Feed>
Values values_of(std::size_t max_length, std::size_t block, Feed&& feed) {
    ArrayCutter cutter{max_length, block};
    Values values;
    values.rows = fuzz::rows_of(cutter, feed);
    values.problem = cutter.problem();
    return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const auto max_length = given.one_of<std::size_t>({1 << 20, 1, 4, 20});
    const auto whole = values_of(max_length, 4096, [&](auto&& put) { put(given.text()); });
    const auto pieces =
        values_of(max_length, 1 + given.choice(8), [&](auto&& put) { given.cut(put); });
    SKEIN_ASSERT(pieces == whole);
    if (given.text().find('\0') != std::string_view::npos) return 0;  // To the other its end.
    const auto parsed = nlohmann::json::parse(given.text(), nullptr, false);
    if (!parsed.is_array()) return 0;
    SKEIN_ASSERT(whole.problem.empty() && whole.rows.size() == parsed.size());
    for (std::size_t i = 0; i < parsed.size(); ++i) {
        const auto& row = whole.rows[i];
        if (!row.problem.empty()) continue;
        SKEIN_ASSERT(nlohmann::json::parse(row.text, nullptr, false) == parsed[i]);
    }
    return 0;
}
