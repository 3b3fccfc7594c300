#include "input/decoder.hpp"

#include "support/catch.hpp"

#include <array>
#include <string>
#include <string_view>

using namespace skein::input;
using namespace std::string_view_literals;

namespace {

// Decodes in pieces of this size. After an error: `!` and the number of bytes taken.
std::string decoded(const std::string& encoding, std::string_view bytes, std::size_t size = 100) {
    Decoder decoder{encoding};
    std::string text;
    std::size_t at = 0;
    for (std::size_t end = 0;;) {
        end = std::min(end + size, bytes.size());
        std::array<char, 16> room{};
        const bool last = end == bytes.size();
        const auto step = decoder.decode(bytes.substr(at, end - at), room, last);
        text.append(room.data(), step.made);
        at += step.taken;
        if (step.failed && step.made == 0) return text + "!" + std::to_string(at);
        if (last && at == bytes.size()) return text;
    }
}

}  // namespace

TEST_CASE("Text in another encoding becomes UTF-8, wherever the bytes are cut.", "[input]") {
    for (std::size_t size = 1; size < 8; ++size) {
        CHECK(decoded("windows-1252", "caf\xE9 \x93q\x94", size) == "café “q”");
        CHECK(decoded("utf-16le", "a\0\xE9\0=\xD8\0\xDE"sv, size) == "aé😀");
        CHECK(decoded("utf-16be", "\0a\0\xE9"sv, size) == "aé");
        CHECK(decoded("shift_jis", "\x93\xFA\x96{", size) == "日本");
    }
}

TEST_CASE(
    "A byte that the encoding does not define is an error, and is never replaced.", "[input]"
) {
    CHECK(decoded("windows-1252", "ab\x81z") == "ab!2");
    CHECK(decoded("utf-16le", "a\0b"sv) == "a!2");
    CHECK(decoded("ascii", "caf\xE9") == "caf!3");
}

TEST_CASE("Latin-1 text with bytes that only windows-1252 defines is an error.", "[input]") {
    CHECK(decoded("latin1", "caf\xE9") == "café");
    CHECK(decoded("ISO-8859-1", "say \x93hi\x94") == "say !4");
}

TEST_CASE("An encoding has a name of iconv(3), and none that drops characters.", "[input]") {
    CHECK(Decoder::knows("windows-1252"));
    CHECK(Decoder::knows("UTF-8"));
    CHECK(!Decoder::knows("windows-125"));
    CHECK(!Decoder::knows("latin1//IGNORE"));
    CHECK(!Decoder::knows(""));
}

TEST_CASE(
    "The encoding is detected by a byte order mark, or by the NUL bytes of ASCII.", "[input]"
) {
    CHECK(
        mark_of("\xFF\xFE"
                "a\0"sv)
            .encoding == "utf-16le"
    );
    CHECK(mark_of("\xFF\xFE\0\0"sv).encoding == "utf-32le");
    CHECK(mark_of("\xFE\xFF"sv).encoding == "utf-16be");
    CHECK(mark_of("\xEF\xBB\xBF{"sv).encoding == "utf-8");
    CHECK(mark_of("\xEF\xBB"sv).encoding.empty());
    CHECK(encoding_by_zeros("a\0b\0"sv) == "utf-16le");
    CHECK(encoding_by_zeros("\0a\0b"sv) == "utf-16be");
    CHECK(encoding_by_zeros("a\0\0\0"sv) == "utf-32le");
    CHECK(encoding_by_zeros("abcd"sv).empty());
}
