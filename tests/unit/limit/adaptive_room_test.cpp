#include "limit/adaptive_room.hpp"

#include "support/catch.hpp"

#include <vector>

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

// A round in which all places are taken.
void round(AdaptiveRoom& room) {
    const auto places = room.places();
    for (std::size_t i = 0; i < places; ++i) room.went_well(places);
}

TEST_CASE("an adaptive room begins with all its places and is ready while one is free", "[limit]") {
    AdaptiveRoom room{3};
    CHECK(room.places() == 3);
    CHECK(room.ready_at(noon, 2) == noon);
    CHECK(room.ready_at(noon, 3) == never);
    room.pushed_back(noon);
    CHECK(room.ready_at(noon, 3) == never);
    CHECK(room.ready_at(noon, 2) == never);
    CHECK(room.ready_at(noon, 1) == noon);
}

TEST_CASE("who is pushed back gives up three of ten places, once in five seconds", "[limit]") {
    AdaptiveRoom room{100};
    for (int i = 0; i < 50; ++i) room.pushed_back(noon + i * 100ms - 1ns);
    CHECK(room.places() == 70);
    room.pushed_back(noon + 5s - 1ns);
    CHECK(room.places() == 49);
}

TEST_CASE("one place always stays", "[limit]") {
    AdaptiveRoom room{10};
    std::vector<std::size_t> places;
    for (int i = 0; i < 6; ++i) {
        room.pushed_back(noon + i * 5s);
        places.push_back(room.places());
    }
    CHECK(places == std::vector<std::size_t>{7, 4, 2, 1, 1, 1});
}

TEST_CASE("each round that goes well earns one more place, up to what there may be", "[limit]") {
    AdaptiveRoom room{10};
    room.pushed_back(noon);
    for (int i = 0; i < 6; ++i) room.went_well(7);
    CHECK(room.places() == 7);
    room.went_well(7);
    CHECK(room.places() == 8);
    for (int i = 0; i < 20; ++i) round(room);
    CHECK(room.places() == 10);
}

TEST_CASE("a room that is more than half empty learns nothing from what goes well", "[limit]") {
    AdaptiveRoom room{100};
    room.pushed_back(noon);
    for (int i = 0; i < 1000; ++i) room.went_well(34);
    CHECK(room.places() == 70);
    for (int i = 0; i < 70; ++i) room.went_well(35);
    CHECK(room.places() == 71);
}

TEST_CASE(
    "an endpoint that comes back starts with one place and doubles it each round", "[limit]"
) {
    AdaptiveRoom room{100};
    room.pushed_back(noon);
    room.start_slowly();
    std::vector<std::size_t> places;
    for (int i = 0; i < 9; ++i) {
        places.push_back(room.places());
        round(room);
    }
    CHECK(places == std::vector<std::size_t>{1, 2, 4, 8, 16, 32, 64, 70, 71});
}

TEST_CASE("a slow start ends when it is pushed back", "[limit]") {
    AdaptiveRoom room{64};
    room.start_slowly();
    for (int i = 0; i < 4; ++i) round(room);
    CHECK(room.places() == 16);
    room.pushed_back(noon);
    CHECK(room.places() == 11);
    round(room);
    CHECK(room.places() == 12);
}

TEST_CASE("one that goes away again during its slow start may still double after it", "[limit]") {
    AdaptiveRoom room{64};
    room.start_slowly();
    round(room);
    room.start_slowly();
    for (int i = 0; i < 7; ++i) round(room);
    CHECK(room.places() == 64);
}

}  // namespace
}  // namespace skein
