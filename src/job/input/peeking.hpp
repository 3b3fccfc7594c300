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

// Bytes of another reader, whose first ones can be looked at before they are read.
template <class From>
class Peeking {
public:
    explicit Peeking(From from) : from_{std::move(from)} {}

    // The beginning: of a regular file at least `most` bytes if there are so many, of a stream what
    // comes with the first read, or a few more where a mark or signature may have been cut in two.
    // Valid until the next call.
    Expected<std::string_view, RunError> peek(std::size_t most) {
        while (head_.size() - taken_ < most && !ended_ && !is_enough()) {
            const auto have = head_.size();
            head_.resize(have + std::max(most, at_once));
            const auto count = from_.read(std::span{head_}.subspan(have));
            head_.resize(have + (count ? *count : 0));
            if (!count) return count.error();
            ended_ = *count == 0;
        }
        return std::string_view{head_.data(), head_.size()}.substr(taken_);
    }

    // Leaves out bytes that were looked at.
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

    // Of a stream: not the first half of a signature or mark that is looked for.
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
