#pragma once
#include <skein/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::job {

// A reader with look-ahead: the first bytes of another reader can be inspected before they are
// read. One thread.
template <class From>
class Peeking {
public:
    explicit Peeking(From from) : from_{std::move(from)} {}

    // The first bytes. For a regular file at least `max` bytes if it has so many. For a stream the
    // result of the first read, and more only if a byte order mark or signature may be cut in two,
    // because further reads could block. Valid until the next call.
    Expected<std::string_view, RunError> peek(std::size_t max) {
        while (head_.size() - taken_ < max && !ended_ && !is_enough()) {
            const auto have = head_.size();
            head_.resize(have + std::max(max, at_once));
            const auto count = from_.read(std::span{head_}.subspan(have));
            head_.resize(have + (count ? *count : 0));
            if (!count) return count.error();
            ended_ = *count == 0;
        }
        return std::string_view{head_.data(), head_.size()}.substr(taken_);
    }

    // Skips bytes that were inspected.
    void skip(std::size_t bytes) { taken_ += bytes; }

    Expected<std::size_t, RunError> read(std::span<char> room) {
        if (taken_ < head_.size()) {
            const auto count = std::min(room.size(), head_.size() - taken_);
            std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(taken_), count, room.begin());
            taken_ += count;
            return count;
        }
        if (!head_.empty()) std::vector<char>{}.swap(head_), taken_ = 0;
        return ended_ ? Expected<std::size_t, RunError>{0u} : from_.read(room);
    }

    From& from() { return from_; }
    const From& from() const { return from_; }

private:
    static constexpr std::size_t at_once = 4096;

    // For a stream: true unless the bytes are the first part of a known signature or byte order
    // mark.
    bool is_enough() const {
        using namespace std::string_view_literals;
        constexpr std::array wanted{
            "\x1F\x8B"sv,
            "\x28\xB5\x2F\xFD"sv,
            "\xEF\xBB\xBF"sv,
            "\xFF\xFE\0\0"sv,
            "\xFE\xFF"sv,
            "\0\0\xFE\xFF"sv};
        if (head_.empty() || from_.is_regular()) return false;
        const std::string_view head{head_.data(), head_.size()};
        return std::ranges::none_of(wanted, [&](std::string_view bytes) {
            return bytes.size() > head.size() && bytes.starts_with(head);
        });
    }

    From from_;
    std::vector<char> head_;
    std::size_t taken_ = 0;
    bool ended_ = false;
};

}  // namespace skein::job
