// Text in other encodings, cut anywhere: UTF-8 that iconv(3) wrote in another encoding comes back,
// and the first byte that is no text is at the same place.
//
//     first line: which encoding, the lengths of the pieces; then the bytes
#include "base/assert.hpp"
#include "given.hpp"
#include "input/decoder.hpp"
#include "input/text_check.hpp"

#include <array>
#include <iconv.h>
#include <optional>
#include <string>

namespace {

using namespace skein;

// The text in another encoding; nothing, if that does not have it.
std::optional<std::string> encoded(std::string_view text, const char* encoding) {
    const auto to = iconv_open(encoding, "UTF-8");
    SKEIN_ASSERT(to != reinterpret_cast<iconv_t>(-1));
    std::string out(text.size() * 4 + 16, '\0');
    auto* in = const_cast<char*>(text.data());
    auto in_left = text.size();
    auto* at = out.data();
    auto left = out.size();
    const bool is_whole = iconv(to, &in, &in_left, &at, &left) != static_cast<std::size_t>(-1) &&
                          iconv(to, nullptr, nullptr, &at, &left) != static_cast<std::size_t>(-1);
    iconv_close(to);
    out.resize(out.size() - left);
    return is_whole ? std::optional{out} : std::nullopt;
}

// With `!` behind it if it failed.
std::string decoded(std::string_view bytes, const char* encoding, std::size_t size) {
    input::Decoder decoder{encoding};
    std::string text;
    std::size_t at = 0;
    for (std::size_t end = 0;;) {
        end = std::min(bytes.size(), end + size);
        const bool last = end == bytes.size();
        for (;;) {
            std::array<char, 16> room{};
            const auto step = decoder.decode(bytes.substr(at, end - at), room, last);
            SKEIN_ASSERT(step.taken <= end - at && step.made <= room.size());
            text.append(room.data(), step.made);
            at += step.taken;
            if (step.made > 0) continue;
            if (step.failed) return text + "!";
            if (step.taken == 0) break;
        }
        if (last) return text;
    }
}

// Where the first byte is that no text has; lines as the CSV cutter gives them.
std::string first_bad(std::string_view text, std::size_t size) {
    input::TextCheck check;
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        const auto piece = text.substr(0, std::min(size, end == text.npos ? end : end + 1));
        const bool ends = piece.back() == '\r' || piece.back() == '\n';
        if (const auto found = check.add(piece, ends)) return found->place.text();
        text.remove_prefix(piece.size());
    }
    const auto found = check.end();
    return found ? found->place.text() : "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const auto* encoding = given.one_of<const char*>(
        {"windows-1252", "utf-16le", "utf-16be", "utf-32le", "latin1", "shift_jis", "gb18030"}
    );
    const auto piece = 1 + given.choice(9);
    const auto text = given.text();
    SKEIN_ASSERT(decoded(text, encoding, piece) == decoded(text, encoding, text.size() + 1));
    SKEIN_ASSERT(first_bad(text, piece) == first_bad(text, text.size() + 1));
    const auto bad = input::first_bad_byte(text, input::Lines::records);
    SKEIN_ASSERT(bad.has_value() == !first_bad(text, piece).empty());
    if (const auto other = encoded(text, "utf-16le")) {
        SKEIN_ASSERT(decoded(*other, "utf-16le", piece) == text);
    }
    return 0;
}
