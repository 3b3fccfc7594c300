// A body that grows a hundredfold when it is unpacked: a zlib stream, sent as `deflate`.
#pragma once
#include <cstddef>
#include <string>

namespace skein::mock {

// Its parts in their order: the block is sent `times` times.
struct Bomb {
    std::string start{};
    std::string block{};
    std::size_t times = 0;
    std::string end{};

    std::size_t size() const { return start.size() + block.size() * times + end.size(); }
};

// One that unpacks to at least `unpacked` bytes, all of them `x`.
Bomb bomb_of(std::size_t unpacked);

}  // namespace skein::mock
