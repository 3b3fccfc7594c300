#include "job/journal/known_rows.hpp"

#include "support/catch.hpp"

#include <map>
#include <random>
#include <vector>

using namespace skein::job;

TEST_CASE(
    "A row of the journal is found by its content, and equal rows are found in their order.",
    "[job]"
) {
    RowTable table;
    table.add(7, 3);
    table.add(9, 1);
    table.add(7, 2);
    table.add(7, 2);  // A row that was asked twice.
    table.sort();
    CHECK(table.take(7) == 2);
    CHECK(table.take(8) == std::nullopt);
    CHECK(table.take(7) == 3);
    CHECK(table.take(7) == std::nullopt);
    CHECK(table.not_taken() == std::vector<std::uint64_t>{1});
    table.keep_taken();
    CHECK(table.take(9) == std::nullopt);
    CHECK(table.take(7) == 2);
}

TEST_CASE(
    "An input takes as many rows of each content as both the table and the input have.", "[job]"
) {
    std::mt19937_64 rng{1};
    for (int round = 0; round < 200; ++round) {
        RowTable table;
        std::map<std::uint64_t, int> had;
        std::map<std::uint64_t, int> found;
        const auto rows = rng() % 60;
        for (std::uint64_t number = 1; number <= rows; ++number) {
            const auto hash = rng() % 8 == 0 ? ~std::uint64_t{0} : rng() % 10;
            table.add(hash, number);
            ++had[hash];
        }
        table.sort();
        for (int i = 0; i < 60; ++i) {
            const auto hash = rng() % 10;
            const bool is_there = had[hash] > found[hash];
            REQUIRE(table.take(hash).has_value() == is_there);
            found[hash] += is_there ? 1 : 0;
        }
        std::size_t taken = 0;
        for (const auto& [hash, count] : found) taken += static_cast<std::size_t>(count);
        REQUIRE(table.not_taken().size() == rows - taken);
    }
}

TEST_CASE("Rows are matched by their line while the input is unchanged.", "[job]") {
    KnownRows rows;
    rows.index().add(2, RecordRef{100, 10, true, 7});
    CHECK(rows.match(1, 5).number == 1);
    CHECK(!rows.match(1, 5).place);
    CHECK(rows.match(2, 7).place->offset() == 100);
}

TEST_CASE(
    "Rows of a changed input keep their numbers, and new rows get numbers after all others.",
    "[job]"
) {
    KnownRows rows;
    rows.index().add(2, RecordRef{100, 10, true, 7});
    rows.index().add(4, RecordRef{200, 10, true, 8});
    RowTable table;
    table.add(7, 2);
    table.add(8, 4);
    table.sort();
    rows.find_by(std::move(table));
    CHECK(rows.match(2, 5).number == 5);
    const auto moved = rows.match(3, 7);
    CHECK(moved.number == 2);
    CHECK(moved.place->offset() == 100);
    CHECK(rows.match(4, 7).number == 6);
    CHECK(rows.match(5, 8).number == 4);
}
