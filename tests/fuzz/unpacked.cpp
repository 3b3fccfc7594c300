// Packed bytes, cut anywhere: what was packed comes out, and of anything else the same, however it
// is cut.
//
//     first line: packed or foreign?, gzip or zstd, the lengths of the pieces; then the bytes
#include "base/assert.hpp"
#include "given.hpp"
#include "input/unpacker.hpp"

#include <array>
#include <string>
#include <zlib.h>
#include <zstd.h>

namespace {

using namespace skein;
using input::Unpacker;

std::string gzipped(std::string_view text) {
    z_stream stream{};
    SKEIN_ASSERT(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<unsigned>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    SKEIN_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstandard(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
    return out;
}

struct Unpacked {
    std::string text{};
    std::string problem{};
    bool whole = false;

    bool operator==(const Unpacked&) const = default;
};

// `feed` is handed a function that takes a piece.
template <class Feed>
Unpacked unpacked(Unpacker::Kind kind, Feed&& feed) {
    Unpacker unpacker{kind};
    Unpacked out;
    std::string waiting;
    feed([&](std::string_view piece) {
        waiting += piece;
        for (;;) {
            std::array<char, 64> room{};
            auto step = unpacker.unpack(waiting, room);
            SKEIN_ASSERT(step.taken <= waiting.size() && step.made <= room.size());
            out.problem = std::move(step.problem);
            out.text.append(room.data(), step.made);
            waiting.erase(0, step.taken);
            if (!out.problem.empty()) return false;
            if (step.taken == 0 && step.made == 0) return true;
        }
    });
    out.whole = out.problem.empty() && unpacker.is_between_members();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const bool is_packed = given.choice(2) == 0;
    const auto kind = given.choice(2) == 0 ? Unpacker::Kind::gzip : Unpacker::Kind::zstd;
    if (is_packed) {
        const auto pack = kind == Unpacker::Kind::gzip ? gzipped : zstandard;
        std::string packed;
        given.cut([&](std::string_view piece) {  // A member for each piece.
            packed += pack(piece);
            return true;
        });
        const auto out = unpacked(kind, [&](auto&& put) {
            for (const char& c : packed) put(std::string_view{&c, 1});
        });
        SKEIN_ASSERT(out.text == given.text() && out.whole == !packed.empty());
        return 0;
    }
    const auto whole = unpacked(kind, [&](auto&& put) { put(given.text()); });
    const auto pieces = unpacked(kind, [&](auto&& put) { given.cut(put); });
    SKEIN_ASSERT(pieces.whole == whole.whole && pieces.problem == whole.problem);
    SKEIN_ASSERT(!whole.whole || pieces.text == whole.text);
    return 0;
}
