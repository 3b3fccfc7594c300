// Streaming decompression: gzip by zlib, zstd by libzstd, member after member. RFC 1952 2.2: a gzip
// file is one or more members; gzip(1) ignores zeros after the last member, and so does this code.
// Invariant: a stream that is damaged or followed by other bytes is an error. The caller detects a
// truncated stream by `is_between_members`.
// No I/O; runs on the thread that reads the input.
#include "input/unpacker.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <limits>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace skein::input {
namespace {

using namespace std::string_view_literals;

constexpr int gzip_and_nothing_else = 15 + 16;  // zlib.h, inflateInit2: gzip only.
constexpr char first_of_gzip = '\x1F';

std::string after_the_end(std::string_view kind) {
    return "behind the end of its " + std::string{kind} + " stream there are bytes of another kind";
}

unsigned fitting(std::size_t size) {
    return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

}  // namespace

struct Unpacker::State {
    explicit State(Kind of) : kind{of} {
        if (kind == Kind::gzip) {
            SKEIN_ASSERT(inflateInit2(&gzip, gzip_and_nothing_else) == Z_OK);
        } else {
            zstd = ZSTD_createDStream();
            SKEIN_ASSERT(zstd != nullptr);
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (kind == Kind::gzip) inflateEnd(&gzip);
        ZSTD_freeDStream(zstd);
    }

    Step unpack_gzip(std::string_view bytes, std::span<char> room);
    Step unpack_zstd(std::string_view bytes, std::span<char> room);
    std::size_t skip_between(std::string_view bytes);
    Step inflate_some(std::string_view bytes, std::span<char> room);

    Kind kind;
    z_stream gzip{};
    ZSTD_DStream* zstd = nullptr;
    std::size_t members = 0;  // Complete members so far.
    bool between = true;
    bool padded = false;  // Zero bytes followed a member.
};

std::optional<Unpacker::Kind> Unpacker::kind_of(std::string_view head) {
    if (head.starts_with("\x1F\x8B"sv)) return Kind::gzip;
    if (head.starts_with("\x28\xB5\x2F\xFD"sv)) return Kind::zstd;
    return std::nullopt;
}

Unpacker::Unpacker(Kind kind) : state_{std::make_unique<State>(kind)} {}
Unpacker::~Unpacker() = default;
Unpacker::Unpacker(Unpacker&&) noexcept = default;
Unpacker& Unpacker::operator=(Unpacker&&) noexcept = default;

Unpacker::Step Unpacker::unpack(std::string_view bytes, std::span<char> room) {
    return state_->kind == Kind::gzip ? state_->unpack_gzip(bytes, room)
                                      : state_->unpack_zstd(bytes, room);
}

bool Unpacker::is_between_members() const { return state_->between && state_->members > 0; }

std::string_view Unpacker::name() const { return state_->kind == Kind::gzip ? "gzip" : "zstd"; }

// Begins the next member if one has ended. Bytes behind the padding are refused and not ignored,
// because rows in them would be lost in silence.
Unpacker::Step Unpacker::State::unpack_gzip(std::string_view bytes, std::span<char> room) {
    const auto zeros = skip_between(bytes);
    bytes.remove_prefix(zeros);
    if (bytes.empty()) return {.taken = zeros};
    if (between && members > 0) {
        if (padded || bytes.front() != first_of_gzip) return {.problem = after_the_end("gzip")};
        SKEIN_ASSERT(inflateReset(&gzip) == Z_OK);
    }
    auto step = inflate_some(bytes, room);
    step.taken += zeros;
    return step;
}

// Skips zero bytes after a member: padding of a tape or disk block.
std::size_t Unpacker::State::skip_between(std::string_view bytes) {
    if (!between || members == 0) return 0;
    const auto end = std::min(bytes.find_first_not_of('\0'), bytes.size());
    padded = padded || end > 0;
    return end;
}

// `avail_in` and `avail_out` are 32 bits wide, so a larger block is given in parts. Z_BUF_ERROR
// means only that nothing could be done.
Unpacker::Step Unpacker::State::inflate_some(std::string_view bytes, std::span<char> room) {
    between = false;
    gzip.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    gzip.avail_in = fitting(bytes.size());
    gzip.next_out = reinterpret_cast<Bytef*>(room.data());
    gzip.avail_out = fitting(room.size());
    const auto given = gzip.avail_in;
    const auto had = gzip.avail_out;
    const auto result = inflate(&gzip, Z_NO_FLUSH);
    Step step{.taken = given - gzip.avail_in, .made = had - gzip.avail_out};
    if (result == Z_STREAM_END) {
        between = true;
        ++members;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        const auto* why = gzip.msg ? gzip.msg : zError(result);
        step.problem = members > 0 && gzip.total_out == 0
                           ? after_the_end("gzip")
                           : "its gzip stream is damaged: " + std::string{why};
    }
    return step;
}

// libzstd begins the next frame by itself. Its result is 0 at the end of a frame, else a hint. The
// memory is bounded by its default window limit of 128 MB.
Unpacker::Step Unpacker::State::unpack_zstd(std::string_view bytes, std::span<char> room) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const bool is_new = between;
    const auto left = ZSTD_decompressStream(zstd, &out, &in);
    if (ZSTD_isError(left)) {
        const auto code = ZSTD_getErrorCode(left);
        if (is_new && members > 0 && code == ZSTD_error_prefix_unknown) {
            return {.problem = after_the_end("zstd")};
        }
        std::string why = "its zstd stream is damaged: ";
        if (code == ZSTD_error_frameParameter_windowTooLarge) {
            why =
                "its zstd stream was made with --long and wants more memory than 128 MB; unpack "
                "it first (zstd -d --long=31): ";
        }
        return {.problem = why + ZSTD_getErrorName(left)};
    }
    if (in.pos > 0 || out.pos > 0) between = left == 0;
    if (left == 0 && (in.pos > 0 || out.pos > 0)) ++members;
    return {.taken = in.pos, .made = out.pos};
}

}  // namespace skein::input
