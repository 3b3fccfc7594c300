#include "dispatch/line.hpp"

#include "support/catch.hpp"

#include <initializer_list>

namespace skein {
namespace {

const TimePoint noon{std::chrono::hours{12}};
const auto anybody = [](const Waiting&) { return true; };

EndpointSet set_of(std::initializer_list<EndpointIndex> all) {
    EndpointSet set;
    for (const auto at : all) set.add(at);
    return set;
}

std::vector<Sequence> heads(const Line& line) {
    std::vector<Sequence> all;
    for (const auto* who : line.heads()) all.push_back(who->seq);
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

TEST_CASE("The line knows whether a request waits that not every endpoint can serve.", "[line]") {
    auto line = line_of_four();
    for (const Sequence seq : {1u, 2u, 11u, 12u}) {
        CHECK(line.has_choosy());
        line.remove(seq);
    }
    CHECK(!line.has_choosy());
    CHECK(line.size() == 4);
    line.add({.seq = 30, .cannot = set_of({2})});
    CHECK(line.has_choosy());
}

TEST_CASE(
    "Each set of endpoints has a row of its own, and an empty row serves another.", "[line]"
) {
    Line line;
    for (Sequence seq = 0; seq < 300; ++seq) {
        line.add({.seq = 2 * seq, .cannot = set_of({static_cast<EndpointIndex>(seq % 100)})});
        line.add({.seq = 2 * seq + 1, .cannot = set_of({1, 2})});
        CHECK(heads(line) == std::vector<Sequence>{2 * seq, 2 * seq + 1});
        CHECK(line.remove(2 * seq));
        CHECK(line.remove(2 * seq + 1));
    }
    line.add({.seq = 7, .cannot = set_of({1})});
    line.add({.seq = 5, .cannot = set_of({2})});
    line.add({.seq = 6, .cannot = set_of({1})});
    line.add({.seq = 9});
    CHECK(heads(line) == std::vector<Sequence>{5, 6, 9});
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
    const auto here = [](const Waiting& who) { return !who.not_local; };
    line.add({.seq = 1, .retry_cost = 14, .tries = 1});
    CHECK(line.all_pay(anybody));
    line.add({.seq = 2, .not_local = true});
    CHECK(line.all_pay(here));
    CHECK(!line.all_pay(anybody));
    line.add({.seq = 3});
    CHECK(!line.all_pay(here));
    CHECK(!line.all_pay(anybody));
}

}  // namespace
}  // namespace skein
