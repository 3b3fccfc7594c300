// What a fuzzer gives, taken as numbers one after the other.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace skein::fuzz {

class Steps {
public:
    Steps(const std::uint8_t* bytes, std::size_t size) : left_{bytes, size} {}

    bool done() const { return left_.empty(); }

    // Of what is not there, zeros.
    template <class T>
    T take() {
        T value{};
        const auto size = std::min(sizeof value, left_.size());
        if (size > 0) std::memcpy(&value, left_.data(), size);
        left_ = left_.subspan(size);
        return value;
    }

    // Less than `n`.
    std::size_t below(std::size_t n) { return take<std::uint16_t>() % n; }

private:
    std::span<const std::uint8_t> left_;
};

}  // namespace skein::fuzz
