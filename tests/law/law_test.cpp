#include "law/run.hpp"
#include "law/workers.hpp"
#include "support/catch.hpp"
#include "support/seeds.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace skein::law {
namespace {

// Dispatcher and reference model record events of the same time in different orders.
Run sorted(Run run) {
    std::sort(run.started.begin(), run.started.end());
    std::sort(run.ended.begin(), run.ended.end());
    std::sort(run.handed_on.begin(), run.handed_on.end());
    std::sort(run.delivered.begin(), run.delivered.end());
    return run;
}

std::string words(const Started& s) {
    return "started " + std::to_string(s.seq) + " try " + std::to_string(s.number) + " at " +
           std::to_string((s.when - dawn).count());
}

std::string words(const Ended& e) {
    return "ended " + std::to_string(e.seq) + " try " + std::to_string(e.number) + " at " +
           std::to_string((e.when - dawn).count());
}

std::string words(const HandedOn& h) {
    return "handed on " + std::to_string(h.seq) + " try " + std::to_string(h.number) + " at " +
           std::to_string((h.when - dawn).count());
}

std::string words(const Delivered& d) {
    return "delivered " + std::to_string(d.seq) + " " + d.outcome + " after " +
           std::to_string(d.attempts) + " at " + std::to_string((d.when - dawn).count());
}

template <class T>
std::string first_difference(const std::vector<T>& a, const std::vector<T>& b) {
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (x == a.end() && y == b.end()) return "";
    return "shipped: " + (x == a.end() ? "nothing" : words(*x)) +
           "; story: " + (y == b.end() ? "nothing" : words(*y));
}

std::string first_difference(const Run& a, const Run& b) {
    if (auto d = first_difference(a.started, b.started); !d.empty()) return d;
    if (auto d = first_difference(a.ended, b.ended); !d.empty()) return d;
    if (auto d = first_difference(a.handed_on, b.handed_on); !d.empty()) return d;
    return first_difference(a.delivered, b.delivered);
}

Run both_tell_the_same(const Scene& scene) {
    auto shipped = run_dispatcher(scene);
    REQUIRE(broken_law(scene, shipped) == "");
    const auto story = tell_story(scene);
    REQUIRE(broken_law(scene, story) == "");
    REQUIRE(first_difference(sorted(shipped), sorted(story)) == "");
    REQUIRE(shipped.admitted == story.admitted);
    REQUIRE(shipped.max_held == story.max_held);
    REQUIRE(shipped.news == story.news);
    REQUIRE(shipped.calls == story.calls);
    return shipped;
}

TEST_CASE(
    "In any weather all laws hold, and the dispatcher and its reference model agree.", "[law]"
) {
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; ++seed) {
        CAPTURE(seed);
        both_tell_the_same(scene_of(seed));
    }
}

// A quarter of the seeds with workers, because these runs take long.
TEST_CASE("In any weather all laws hold with rows that only some endpoints can serve.", "[law]") {
    std::uint64_t rerouted = 0;
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; ++seed) {
        CAPTURE(seed);
        auto scene = seed % 4 == 0 ? with_workers(scene_of(seed)) : scene_of(seed);
        make_choosy(scene);
        rerouted += both_tell_the_same(scene).rerouted;
    }
    CHECK(rerouted > last - first);  // Otherwise the runs would have exercised no fallback.
}

TEST_CASE("In any weather all laws hold with limits of prompts and of answers apart.", "[law]") {
    std::size_t held_back = 0;
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; seed += 2) {
        CAPTURE(seed);
        auto scene = scene_of(seed);
        const auto without = run_dispatcher(scene).delivered.back().when;
        limit_tokens_apart(scene);
        held_back += both_tell_the_same(scene).delivered.back().when > without + 1s ? 1 : 0;
    }
    CHECK(held_back * 5 > (last - first) / 2);  // Otherwise the limits would have bound nobody.
}

// Makes some answers slow, so that their requests are hedged.
void make_answers_late(Scene& scene) {
    scene.settings.hedging = true;
    for (auto& place : scene.places) place.slow = 0.05;
}

// A quarter of the seeds, because these runs take long.
TEST_CASE("In any weather all laws hold with workers that come and go.", "[law]") {
    std::map<ServedBy, std::uint64_t> completed;
    std::uint64_t hedges = 0;
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; seed += 4) {
        CAPTURE(seed);
        auto scene = with_workers(scene_of(seed));
        const auto run = both_tell_the_same(scene);
        for (const auto& d : run.delivered) completed[d.served_by] += d.outcome == "completed";
        make_answers_late(scene);
        const auto hedged = run_dispatcher(scene);
        REQUIRE(broken_law(scene, hedged) == "");
        hedges += hedged.hedges;
    }
    CHECK(hedges * 100 > last - first);
    // Otherwise the runs would have exercised no workers.
    CHECK(completed[ServedBy::local] > 10 * (last - first) / 4);
    CHECK(completed[ServedBy::remote] > 10 * (last - first) / 4);
}

TEST_CASE("In any weather all laws hold with hedging.", "[law]") {
    std::uint64_t hedges = 0;
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; ++seed) {
        CAPTURE(seed);
        auto scene = scene_of(seed);
        make_answers_late(scene);
        for (auto& place : scene.places) place.tier = 0;
        const auto run = run_dispatcher(scene);
        REQUIRE(broken_law(scene, run) == "");
        hedges += run.hedges;
        REQUIRE(run.hedges * 20 <= scene.requests);
    }
    CHECK(hedges * 5 > last - first);  // Otherwise the runs would have exercised no hedges.
}

// The twin knows no hedging. A third of the seeds, because these runs take long.
TEST_CASE("In any weather all laws hold with readers of pieces.", "[law]") {
    std::uint64_t read = 0, broken = 0, hedges = 0;
    const auto [first, last] = seeds_of("LAW", 2000);
    for (auto seed = first; seed < last; seed += 3) {
        CAPTURE(seed);
        auto scene = seed % 4 == 0 ? with_workers(scene_of(seed)) : scene_of(seed);
        if (seed % 2 == 0) make_choosy(scene);
        scene.streams = 0.5;
        const auto run = both_tell_the_same(scene);
        read += run.handed_on.size();
        std::set<Sequence> whole;
        for (const auto& d : run.delivered) {
            if (d.outcome == "completed") whole.insert(d.seq);
        }
        broken +=
            static_cast<std::uint64_t>(std::ranges::count_if(run.handed_on, [&](const auto& h) {
                return !whole.contains(h.seq);
            }));
        // Hedges beside workers have a test of their own. Of hedged rows the laws do not know well
        // enough which endpoint of an earlier tier was well: seeds 2608 and 46065 were such.
        if (seed % 4 == 0) continue;
        make_answers_late(scene);
        for (auto& place : scene.places) place.tier = 0;
        const auto hedged = run_dispatcher(scene);
        REQUIRE(broken_law(scene, hedged) == "");
        hedges += hedged.hedges;
    }
    // Otherwise the runs would have exercised no readers.
    CHECK(read > 10 * (last - first) / 3);
    CHECK(broken > (last - first) / 3);
    CHECK(hedges * 30 > last - first);
}

TEST_CASE("The same seed gives the same run.", "[law]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        REQUIRE(run_dispatcher(scene_of(seed)) == run_dispatcher(scene_of(seed)));
    }
}

TEST_CASE("Two endpoints of 50 and 200 requests a second together serve 250 a second.", "[law]") {
    Scene scene{
        .places = {
            {.name = "slow", .room = 64, .rpm = 3000},
            {.name = "fast", .room = 64, .rpm = 12'000}}};
    scene.in_flight = 128;
    scene.requests = 5000;
    const auto run = run_dispatcher(scene);
    const std::chrono::duration<double> span = run.delivered.back().when - dawn;
    CHECK(span.count() < 1.05 * 5000 / (50 + 200));
}

}  // namespace
}  // namespace skein::law
