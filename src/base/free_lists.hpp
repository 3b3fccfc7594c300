#pragma once
#include "base/assert.hpp"

#include <array>
#include <cstddef>
#include <memory_resource>
#include <new>

// Who looks for uses of what is gone must see it go.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKEIN_MEMORY_IS_WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SKEIN_MEMORY_IS_WATCHED 1
#endif
#endif

namespace skein {

// Memory for the nodes of containers whose elements come and go: what is given back waits, by its
// size, for the next that asks for as much. A general allocator keeps a few of a size at hand, and
// elements here come and go by the hundred: then each costs it some 400 instructions, and 20 here.
//
// Used by one thread at a time, as the containers are. Nothing goes back to the system before the
// end: as much is held as was ever needed at once.
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
    static constexpr std::size_t most = 2048;  // Larger ones go to the system.

    static constexpr std::size_t list_of(std::size_t size) { return (size + step - 1) / step; }

    void* do_allocate(std::size_t size, std::size_t alignment) override {
        SKEIN_ASSERT(alignment <= step);
        if (size > most) return ::operator new(size);
        Free*& first = free_[list_of(size)];
        if (!first) return ::operator new(list_of(size) * step);
        void* const memory = first;
        first = first->next;
        return memory;
    }

    void do_deallocate(void* memory, std::size_t size, std::size_t) override {
        if (size > most || is_watched) return ::operator delete(memory);
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

    std::array<Free*, most / step + 1> free_{};
};

}  // namespace skein
