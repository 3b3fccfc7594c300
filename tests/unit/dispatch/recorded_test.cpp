#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
using test::Told;
const TimePoint noon{12h};

// One endpoint with many places, and two in-flight places for the whole run.
Told keeping(bool keeps, Dispatcher::Settings settings = {}) {
    settings.keeps_place_until_recorded = keeps;
    return Told{settings, {{.name = "main", .places = 8}}, {.in_flight = 2}};
}

TEST_CASE("A delivered reply keeps its in-flight place until it is recorded.", "[dispatch]") {
    auto told = keeping(true);
    for (Sequence seq = 1; seq <= 5; ++seq) told.submit(noon, seq);
    REQUIRE(told.started.size() == 2);
    told.finish(noon + 1s, told.started[0].id, Completion{}, {});
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.started.size() == 2);
    CHECK(told.dispatcher.wake_at(noon + 1s) == never);  // Only the recorder can change that.
    told.tell(noon + 2s, Dispatcher::Recorded{1});
    CHECK(told.started.size() == 3);
    told.finish(noon + 3s, told.started[1].id, Completion{}, {});
    told.finish(noon + 3s, told.started[2].id, Completion{}, {});
    CHECK(told.started.size() == 3);
    told.tell(noon + 4s, Dispatcher::Recorded{2});
    CHECK(told.started.size() == 5);
}

TEST_CASE(
    "Without keeps_place_until_recorded a delivery frees the in-flight place at once.", "[dispatch]"
) {
    auto told = keeping(false);
    for (Sequence seq = 1; seq <= 3; ++seq) told.submit(noon, seq);
    told.finish(noon + 1s, told.started[0].id, Completion{}, {});
    CHECK(told.started.size() == 3);
}

TEST_CASE("A request that pauses before a retry occupies no in-flight place.", "[dispatch]") {
    auto told = keeping(true);
    for (Sequence seq = 1; seq <= 3; ++seq) told.submit(noon, seq);
    told.finish(noon, told.started[0].id, Fault{.kind = FaultKind::server_error}, {});
    CHECK(told.delivered.empty());
    CHECK(told.started.size() == 3);
}

TEST_CASE("An unrecorded reply occupies no place at its endpoint.", "[dispatch]") {
    Told told{
        {.keeps_place_until_recorded = true},
        {{.name = "one", .places = 1}, {.name = "other", .places = 1}},
        {.in_flight = 3}};
    for (Sequence seq = 1; seq <= 4; ++seq) told.submit(noon, seq);
    REQUIRE(told.started.size() == 2);
    told.finish(noon + 1s, told.started[0].id, Completion{}, {});
    REQUIRE(told.started.size() == 3);
    CHECK(told.started[2].endpoint == told.started[0].endpoint);
}

TEST_CASE("Recording more replies than were delivered frees no further place.", "[dispatch]") {
    auto told = keeping(true);
    for (Sequence seq = 1; seq <= 4; ++seq) told.submit(noon, seq);
    told.tell(noon, Dispatcher::Recorded{7});
    CHECK(told.started.size() == 2);
    told.finish(noon + 1s, told.started[0].id, Completion{}, {});
    CHECK(told.started.size() == 2);
}

TEST_CASE("An endpoint whose token buckets begin empty starts no attempt at first.", "[dispatch]") {
    Told told{{}, {{.name = "main", .places = 8, .rpm = 60, .rates_empty_at = noon}}};
    told.submit(noon, 1);
    CHECK(told.started.empty());
    CHECK(told.dispatcher.wake_at(noon) == noon + 1s);
    told.tell(noon + 1s, Dispatcher::TimePassed{});
    CHECK(told.started.size() == 1);
}

}  // namespace
}  // namespace skein
