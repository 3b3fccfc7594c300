#include "input/unpacker.hpp"

#include "support/catch.hpp"

#include <array>
#include <string>
#include <string_view>
#include <zlib.h>
#include <zstd.h>

using namespace skein::input;

namespace {

std::string gzipped(const std::string& text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(text.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<unsigned>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstandard(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    auto* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);  // As zstd(1) does.
    out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
    ZSTD_freeCCtx(context);
    return out;
}

// Decompresses in pieces of this size. After an error: `!` and the message.
std::string unpacked(std::string_view bytes, std::size_t size = 1000) {
    Unpacker unpacker{Unpacker::kind_of(bytes).value()};
    std::string text;
    std::size_t begin = 0;
    for (std::size_t end = 0; end < bytes.size();) {
        end = std::min(end + size, bytes.size());
        for (;;) {
            std::array<char, 7> room{};
            const auto step = unpacker.unpack(bytes.substr(begin, end - begin), room);
            if (!step.problem.empty()) return text + "!" + step.problem;
            text.append(room.data(), step.made);
            begin += step.taken;
            if (step.taken == 0 && step.made == 0) break;
        }
    }
    return unpacker.is_between_members() ? text : text + "!cut off";
}

}  // namespace

TEST_CASE(
    "Streams of gzip and zstd with many members are decompressed, wherever they are cut.", "[input]"
) {
    for (const auto& packed :
         {gzipped("one two three\n") + gzipped("") + gzipped("four\n"),
          zstandard("one two three\n") + zstandard("") + zstandard("four\n")}) {
        for (std::size_t size = 1; size < 12; ++size) {
            REQUIRE(unpacked(packed, size) == "one two three\nfour\n");
        }
    }
}

TEST_CASE("A compressed stream that is cut off anywhere is never taken for complete.", "[input]") {
    for (const auto& packed : {gzipped("one two three\n"), zstandard("one two three\n")}) {
        for (std::size_t size = 4; size < packed.size(); ++size) {
            REQUIRE(unpacked(packed.substr(0, size)).ends_with("!cut off"));
        }
    }
}

TEST_CASE(
    "Zeros after a gzip stream are padding, any other bytes after a stream are an error.", "[input]"
) {
    CHECK(unpacked(gzipped("a") + std::string(1000, '\0')) == "a");
    for (const std::string garbage : {"x", "\x1Fx", "garbage"}) {
        const auto end = "behind the end of its gzip stream there are bytes of another kind";
        CHECK(unpacked(gzipped("a") + garbage).find(end) != std::string::npos);
    }
    CHECK(unpacked(gzipped("a") + std::string(3, '\0') + gzipped("b")).starts_with("a!behind"));
    CHECK(unpacked(zstandard("a") + "garbage").starts_with("a!behind the end of its zstd"));
}

TEST_CASE("A damaged compressed stream is an error.", "[input]") {
    for (auto packed : {gzipped("one two three\n"), zstandard("one two three, four five six\n")}) {
        packed[packed.size() - 2] ^= 0x55;
        CHECK(unpacked(packed).find("stream is ") != std::string::npos);
    }
}
