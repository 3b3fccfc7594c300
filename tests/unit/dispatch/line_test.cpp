#include "dispatch/line.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

const TimePoint noon{std::chrono::hours{12}};
const auto anybody = [](const Waiting&) { return true; };

std::vector<Sequence> heads(const Line& line) {
    std::vector<Sequence> all;
    bool has_ended = false;
    for (const auto* who : line.heads()) {
        CHECK(!(who && has_ended));  // Null sorts last.
        has_ended = !who;
        if (who) all.push_back(who->seq);
    }
    return all;
}

// Two requests in each of four rows.
Line line_of_four() {
    Line line;
    for (const Sequence more : {0u, 10u}) {
        line.add({.seq = more + 4});
        line.add({.seq = more + 3, .retry_cost = 14, .tries = 1});
        line.add({.seq = more + 2, .not_local = true});
        line.add({.seq = more + 1, .retry_cost = 5, .tries = 2, .not_local = true});
    }
    return line;
}

TEST_CASE("The heads of the line are the oldest request of each row, older ones first.", "[line]") {
    auto line = line_of_four();
    CHECK(heads(line) == std::vector<Sequence>{1, 2, 3, 4});
    CHECK(line.size() == 8);
    CHECK(line.oldest()->seq == 1);
    CHECK(line.remove(2));
    CHECK(heads(line) == std::vector<Sequence>{1, 3, 4, 12});
    CHECK(line.remove(12));
    CHECK(heads(line) == std::vector<Sequence>{1, 3, 4});
    CHECK(!line.remove(12));
    for (const Sequence seq : {1u, 3u, 4u, 11u, 13u, 14u}) CHECK(line.remove(seq));
    CHECK(line.empty());
    CHECK(heads(line).empty());
    CHECK(!line.oldest());
}

TEST_CASE("The line knows the oldest request that no worker can serve.", "[line]") {
    auto line = line_of_four();
    for (const Sequence seq : {1u, 2u, 11u, 12u}) {
        REQUIRE(line.oldest_not_local());
        CHECK(line.oldest_not_local()->seq == seq);
        line.remove(seq);
    }
    CHECK(!line.oldest_not_local());
    CHECK(line.size() == 4);
}

TEST_CASE("The request with the fewest attempts probes; of several, the oldest.", "[line]") {
    auto line = line_of_four();
    for (const Sequence seq : {2u, 4u, 12u, 14u, 3u, 13u, 1u, 11u}) {
        const auto* who = line.to_probe(noon, anybody);
        REQUIRE(who);
        CHECK(who->seq == seq);
        line.remove(seq);
    }
    CHECK(!line.to_probe(noon, anybody));
}

TEST_CASE("A request that has no time left or fails the filter does not probe.", "[line]") {
    Line line;
    line.add({.seq = 1, .latest = noon});
    line.add({.seq = 2, .not_local = true});
    line.add({.seq = 3});
    CHECK(line.to_probe(noon, anybody)->seq == 2);
    const auto local = [](const Waiting& who) { return !who.not_local; };
    CHECK(line.to_probe(noon, local)->seq == 3);
    CHECK(line.to_probe(noon - Duration{1}, local)->seq == 1);
}

TEST_CASE("Requests that no worker can serve earn no retry quota on this machine.", "[line]") {
    Line line;
    line.add({.seq = 1, .retry_cost = 14, .tries = 1});
    CHECK(line.all_pay(false));
    line.add({.seq = 2, .not_local = true});
    CHECK(line.all_pay(true));
    CHECK(!line.all_pay(false));
    line.add({.seq = 3});
    CHECK(!line.all_pay(true));
    CHECK(!line.all_pay(false));
}

}  // namespace
}  // namespace skein
