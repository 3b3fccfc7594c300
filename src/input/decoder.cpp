// Conversion of encodings by iconv(3), and their detection by BOM or NUL bytes.
// Invariant: no character is dropped or replaced; `decode` stops at the first invalid byte.
// No I/O; runs on the thread that reads the input.
#include "input/decoder.hpp"

#include "base/ascii.hpp"
#include "base/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <iconv.h>

namespace skein::input {
namespace {

using namespace std::string_view_literals;

const iconv_t no_iconv = reinterpret_cast<iconv_t>(-1);

// In ISO 8859-1 the bytes 0x80 to 0x9F are control characters. A file with such bytes is really
// windows-1252, so they are treated as errors.
bool is_latin1(const std::string& name) {
    const auto lower = lowered(name);
    return lower == "latin1" || lower == "iso-8859-1" || lower == "iso8859-1" ||
           lower == "iso_8859-1" || lower == "l1";
}

// Not 0x85 (next line), which mainframe texts use as a line end.
bool is_c1(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 && byte <= 0x9F && byte != 0x85;
}

}  // namespace

struct Decoder::State {
    iconv_t iconv = no_iconv;
    bool latin1 = false;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (iconv != no_iconv) iconv_close(iconv);
    }
};

bool Decoder::knows(const std::string& encoding) {
    if (encoding.empty() || encoding.find('/') != std::string::npos) return false;
    const auto found = iconv_open("UTF-8", encoding.c_str());
    if (found == no_iconv) return false;
    iconv_close(found);
    return true;
}

Decoder::Decoder(const std::string& encoding) : state_{std::make_unique<State>()} {
    state_->iconv = iconv_open("UTF-8", encoding.c_str());
    SKEIN_ASSERT(state_->iconv != no_iconv);
    state_->latin1 = is_latin1(encoding);
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

// One call of iconv(3). E2BIG (no room) and EINVAL (an incomplete character) are no failures while
// more may follow: the caller sees them by `taken`.
Decoder::Step Decoder::decode(std::string_view bytes, std::span<char> room, bool last) {
    auto some = bytes;
    // Convert only up to the first C1 control, which is reported as an error.
    if (state_->latin1) {
        const auto control = std::ranges::find_if(bytes, is_c1);
        some = bytes.substr(0, static_cast<std::size_t>(control - bytes.begin()));
    }
    auto* in = const_cast<char*>(some.data());  // iconv(3) only reads it.
    auto in_left = some.size();
    auto* out = room.data();
    auto out_left = room.size();
    const auto done = iconv(state_->iconv, &in, &in_left, &out, &out_left);
    const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
    const bool at_control = error == 0 && some.size() < bytes.size();
    return {
        .taken = some.size() - in_left,
        .made = room.size() - out_left,
        .failed = at_control || error == EILSEQ || (error == EINVAL && last),
    };
}

Mark mark_of(std::string_view head) {
    constexpr Mark marks[] = {
        {"\xFF\xFE\0\0"sv, "utf-32le"},  // Before UTF-16, whose mark is its prefix.
        {"\0\0\xFE\xFF"sv, "utf-32be"},
        {"\xFF\xFE"sv, "utf-16le"},
        {"\xFE\xFF"sv, "utf-16be"},
        {"\xEF\xBB\xBF"sv, "utf-8"},
    };
    for (const auto& mark : marks) {
        if (head.starts_with(mark.bytes)) return mark;
    }
    return {};
}

// The first two characters (UTF-16) or the first one (UTF-32) must be below U+0100, such as a
// bracket, a brace, a quote or a letter of a header.
std::string encoding_by_zeros(std::string_view head) {
    if (head.size() < 4) return {};
    const auto is = [&](bool a, bool b, bool c, bool d) {
        return (head[0] == '\0') == a && (head[1] == '\0') == b && (head[2] == '\0') == c &&
               (head[3] == '\0') == d;
    };
    if (is(false, true, false, true)) return "utf-16le";
    if (is(true, false, true, false)) return "utf-16be";
    if (is(false, true, true, true)) return "utf-32le";
    if (is(true, true, true, false)) return "utf-32be";
    return {};
}

bool is_utf8(std::string_view encoding) {
    return encoding.empty() || same_letters(encoding, "utf-8") || same_letters(encoding, "utf8");
}

}  // namespace skein::input
