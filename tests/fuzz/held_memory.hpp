// How much memory is held, at most: counts what operator new gives out. One file of a program
// includes it.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace skein::fuzz {

inline std::size_t held = 0;
inline std::size_t most_held = 0;

inline void* counted(std::size_t size) noexcept {
    void* place = std::malloc(std::max<std::size_t>(size, 1));
    if (!place) return nullptr;
    held += malloc_usable_size(place);
    most_held = std::max(most_held, held);
    return place;
}

// What came by another way was never counted.
inline void give_back(void* place) noexcept {
    if (!place) return;
    held -= std::min(held, malloc_usable_size(place));
    std::free(place);
}

}  // namespace skein::fuzz

// All of them, because a sanitizer has its own for each that is left out.
void* operator new(std::size_t size) {
    if (void* place = skein::fuzz::counted(size)) return place;
    throw std::bad_alloc{};
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return skein::fuzz::counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return skein::fuzz::counted(size);
}
void operator delete(void* place) noexcept { skein::fuzz::give_back(place); }
void operator delete[](void* place) noexcept { skein::fuzz::give_back(place); }
void operator delete(void* place, std::size_t) noexcept { skein::fuzz::give_back(place); }
void operator delete[](void* place, std::size_t) noexcept { skein::fuzz::give_back(place); }
void operator delete(void* place, const std::nothrow_t&) noexcept { skein::fuzz::give_back(place); }
void operator delete[](void* place, const std::nothrow_t&) noexcept {
    skein::fuzz::give_back(place);
}
