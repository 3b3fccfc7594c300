// The progress watchdog: a worker that is healthy but makes no progress with its requests.
#include "support/catch.hpp"
#include "unit/local/lifecycle/told.hpp"

namespace skein::local {
namespace {

using Catch::Matchers::Contains;

Told serving(LifeSettings settings = {}) {
    Told told{std::move(settings)};
    told.serve();
    told.pass(5s);
    told.take();
    return told;
}

}  // namespace

TEST_CASE("A worker with requests and without progress for 60 s is killed.", "[worker]") {
    auto told = serving();
    told.activity = {.in_flight = 3};
    told.pass(60s);
    CHECK(told.take().empty());
    told.pass(5s);
    CHECK(told.take() == "gone kill");
    told.exit("killed by signal 9");
    CHECK_THAT(
        told.last_words(), Contains("3 requests are in flight, and not a token came for 60.0 s")
    );
    told.pass(2s);
    CHECK(told.take() == "start there");
    told.pass(60s);
    CHECK(told.take().empty());  // The stall timeout begins again.
}

TEST_CASE("Bytes that arrive now and then count as progress.", "[worker]") {
    auto told = serving();
    told.activity = {.in_flight = 3};
    for (int i = 0; i < 20; ++i) {
        told.pass(50s);
        ++told.activity.signs;
    }
    CHECK(told.take().empty());
    told.pass(70s);
    CHECK(told.take() == "gone kill");
}

TEST_CASE(
    "A changing number on the progress page is progress, and an unchanged page is not.", "[worker]"
) {
    auto told = serving();
    told.activity = {.in_flight = 1};
    for (int i = 0; i < 20; ++i) {
        told.page = "tokens_total " + std::to_string(i);
        told.pass(50s);
    }
    CHECK(told.take().empty());
    const auto page = std::exchange(told.page, {});  // The page could not be read.
    told.pass(5s);
    told.page = page;  // The page is unchanged.
    told.pass(10s);
    CHECK(told.take() == "gone kill");
}

TEST_CASE("An idle worker is not killed for lack of progress.", "[worker]") {
    auto told = serving();
    told.pass(1h);
    CHECK(told.take().empty());
}

TEST_CASE("A request that has just begun is not stuck, however rare the probes are.", "[worker]") {
    auto told = serving({.liveness = 90s});
    told.pass(80s);
    told.activity = {.in_flight = 1};
    told.pass(10s);
    CHECK(told.take().empty());
    told.activity = {.signs = 1};
    told.pass(90s);
    told.activity = {.in_flight = 1, .signs = 1};
    told.pass(90s);
    CHECK(told.take().empty());
    told.pass(90s);
    CHECK(told.take() == "gone kill");
}

TEST_CASE("Abandoned requests do not count as progress.", "[worker]") {
    auto told = serving();
    for (int i = 0; i < 3; ++i) {
        told.activity.in_flight = 4;
        told.pass(25s);
        told.activity.in_flight = 0;  // The requests reached their deadline.
        told.pass(5s);
    }
    told.activity.in_flight = 4;
    told.pass(5s);
    CHECK(told.take() == "gone kill");
}

TEST_CASE("A stall timeout of zero turns the progress watchdog off.", "[worker]") {
    auto told = serving({.progress = 0s});
    told.activity = {.in_flight = 1};
    told.pass(1h);
    CHECK(told.take().empty());
}

TEST_CASE("A request that ends without a byte is no progress.", "[worker]") {
    EndpointActivity activity;
    activity.began();
    activity.began();
    CHECK(activity.read().in_flight == 2);
    CHECK(activity.ended() == 1);
    CHECK(activity.read().signs == 0);
    activity.arrived();
    CHECK(activity.ended() == 2);
    CHECK(activity.read().in_flight == 0);
    CHECK(activity.read().signs == 1);
    CHECK(activity.read().served == 2);
}

}  // namespace skein::local
