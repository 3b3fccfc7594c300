#include "base/free_lists.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <memory_resource>
#include <set>
#include <vector>

using namespace skein;

TEST_CASE(
    "A free list reuses a freed block for the next allocation of the same size class.", "[base]"
) {
    FreeLists lists;
    std::vector<std::pair<void*, std::size_t>> held;
    for (const std::size_t size : {1u, 16u, 17u, 100u, 100u, 2048u, 2049u, 100'000u}) {
        void* const memory = lists.allocate(size);
        CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t) == 0);
        std::memset(memory, 0x5A, size);  // The whole block is writable.
        held.emplace_back(memory, size);
    }
    std::set<void*> different;
    for (const auto& [memory, size] : held) different.insert(memory);
    CHECK(different.size() == held.size());
    for (const auto& [memory, size] : held) lists.deallocate(memory, size);

#if !defined(SKEIN_MEMORY_IS_WATCHED)
    void* const again = lists.allocate(97);
    CHECK(again == held[4].first);  // The last freed block of this size class.
    lists.deallocate(again, 97);
#endif
}

TEST_CASE("Containers work on free lists as on any other memory resource.", "[base]") {
    FreeLists lists;
    std::pmr::map<int, std::vector<int>> numbers{&lists};
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 1000; ++i) numbers[i].assign(static_cast<std::size_t>(i % 7), i);
        for (int i = 0; i < 1000; i += 2) numbers.erase(i);
        for (const auto& [number, copies] : numbers) {
            REQUIRE(copies == std::vector<int>(static_cast<std::size_t>(number % 7), number));
        }
    }
    auto node = numbers.extract(5);
    numbers.clear();
    CHECK(node.mapped() == std::vector<int>(5, 5));
}
