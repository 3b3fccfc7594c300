#include "job/output/reorder_buffer.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

using namespace skein;

TEST_CASE(
    "A reorder buffer returns items in order of their numbers, in whatever order they arrive.",
    "[order]"
) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        std::vector<int> numbers(100);
        std::iota(numbers.begin(), numbers.end(), 0);
        std::shuffle(numbers.begin(), numbers.end(), std::mt19937{seed});
        ReorderBuffer<int> buffer;
        std::vector<int> given;
        for (const int number : numbers) {
            buffer.put(static_cast<std::uint64_t>(number), number * 10);
            while (const auto item = buffer.next()) given.push_back(*item);
        }
        REQUIRE(given.size() == 100);
        for (int i = 0; i < 100; ++i) REQUIRE(given[static_cast<std::size_t>(i)] == i * 10);
        REQUIRE(buffer.waiting() == 0);
        REQUIRE(buffer.oldest_missing() == 100);
    }
}

TEST_CASE("No item passes the oldest missing one in a reorder buffer.", "[order]") {
    ReorderBuffer<char> buffer;
    buffer.put(2, 'c');
    buffer.put(1, 'b');
    CHECK(!buffer.next());
    CHECK(buffer.waiting() == 2);
    CHECK(buffer.oldest_missing() == 0);
    buffer.put(0, 'a');
    CHECK(buffer.next() == 'a');
    CHECK(buffer.next() == 'b');
    CHECK(buffer.next() == 'c');
    CHECK(!buffer.next());
    CHECK(buffer.oldest_missing() == 3);
}
