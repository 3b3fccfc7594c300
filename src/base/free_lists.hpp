#pragma once
#include "base/assert.hpp"

#include <array>
#include <cstddef>
#include <memory_resource>
#include <new>

// Under a sanitizer memory goes back to the system at once, because a reused block would hide a
// use after free.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKEIN_MEMORY_IS_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SKEIN_MEMORY_IS_WATCHED 1
#endif
#endif

namespace skein {

// A pool allocator with free lists by size, for the nodes of containers whose elements come and go:
// a freed block is kept for the next allocation of its size class (steps of 16 bytes). A general
// allocator caches only a few blocks per size, and elements here come and go by the hundred: it
// then needs some 400 instructions per block, this class 20.
//
// One thread at a time, like the containers. Blocks up to `max` bytes go back to the system only in
// the destructor: the pool keeps the maximum that was ever in use.
class FreeLists final : public std::pmr::memory_resource {
public:
    FreeLists() = default;
    FreeLists(const FreeLists&) = delete;
    FreeLists& operator=(const FreeLists&) = delete;

    ~FreeLists() override {
        for (Free* first : free_) {
            while (first) {
                Free* const next = first->next;
                ::operator delete(first);
                first = next;
            }
        }
    }

private:
    struct Free {
        Free* next;
    };

    static constexpr std::size_t step = 16;
    static constexpr std::size_t max = 2048;  // Larger blocks go to the system.

    static constexpr std::size_t list_of(std::size_t size) { return (size + step - 1) / step; }

    void* do_allocate(std::size_t size, std::size_t alignment) override {
        SKEIN_ASSERT(alignment <= step);
        if (size > max) return ::operator new(size);
        Free*& first = free_[list_of(size)];
        if (!first) return ::operator new(list_of(size) * step);
        void* const memory = first;
        first = first->next;
        return memory;
    }

    void do_deallocate(void* memory, std::size_t size, std::size_t) override {
        if (size > max || is_watched) return ::operator delete(memory);
        Free*& first = free_[list_of(size)];
        first = ::new (memory) Free{first};
    }

    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

#if defined(SKEIN_MEMORY_IS_WATCHED)
    static constexpr bool is_watched = true;
#else
    static constexpr bool is_watched = false;
#endif

    std::array<Free*, max / step + 1> free_{};
};

}  // namespace skein
