// Lines out of bytes, cut anywhere: those that a plain search for line ends finds.
//
//     first line: the longest line, the lengths of the pieces; then the bytes
#include "given.hpp"
#include "rows.hpp"

namespace {

using namespace skein;

fuzz::Rows plain_lines(std::string_view text, std::size_t max_length) {
    fuzz::Rows lines;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const bool fits = line.size() <= max_length;
        lines.push_back({lines.size() + 1, std::string{fits ? line : ""}, fits ? "" : "long"});
    }
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const auto max_length = given.one_of<std::size_t>({1 << 20, 1, 4, 20});
    job::LineCutter cutter{max_length, 1 + given.choice(8)};
    const auto lines = fuzz::rows_of(cutter, [&](auto&& put) { given.cut(put); });
    SKEIN_ASSERT(lines == plain_lines(given.text(), max_length));
    return 0;
}
