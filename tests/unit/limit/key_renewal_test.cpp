#include "limit/key_renewal.hpp"

#include "support/catch.hpp"

using namespace skein;
using namespace std::chrono_literals;
using Use = KeyRenewal::Use;

namespace {

constexpr TimePoint noon{std::chrono::hours{12}};

KeyRenewal with_key() { return {{}, noon}; }

KeyRenewal with_command(Duration lifetime = 0s) {
    return {{.begins_with_key = false, .lifetime = lifetime}, noon};
}

}  // namespace

TEST_CASE("A key that was given is used until it is refused.", "[key]") {
    auto key = with_key();
    CHECK(key.generation() == 1);
    CHECK(key.before_request(noon + 1000h) == Use::present);
    CHECK_FALSE(key.take_fetch());
    CHECK(key.after_refusal(1) == Use::wait);
    CHECK(key.before_request(noon) == Use::wait);
}

TEST_CASE("The first request waits for a key that a command prints.", "[key]") {
    auto key = with_command();
    CHECK(key.before_request(noon) == Use::wait);
    CHECK(key.take_fetch());
    key.fetched(noon + 1s, true);
    CHECK(key.generation() == 1);
    CHECK(key.before_request(noon + 1s) == Use::present);
}

TEST_CASE("Many refusals of one key ask for one fetch.", "[key]") {
    auto key = with_key();
    for (int i = 0; i < 5; ++i) CHECK(key.after_refusal(1) == Use::wait);
    CHECK(key.take_fetch());
    CHECK(key.after_refusal(1) == Use::wait);
    CHECK_FALSE(key.take_fetch());
}

TEST_CASE("A late refusal of an older key does not ask for a fetch.", "[key]") {
    auto key = with_key();
    key.accepted(1);
    key.after_refusal(1);
    REQUIRE(key.take_fetch());
    key.fetched(noon, true);
    CHECK(key.generation() == 2);
    CHECK(key.after_refusal(1) == Use::present);
    CHECK_FALSE(key.take_fetch());
}

TEST_CASE("A refused key that is fetched again unchanged is the end.", "[key]") {
    auto key = with_key();
    key.after_refusal(1);
    REQUIRE(key.take_fetch());
    key.fetched(noon, false);
    CHECK(key.after_refusal(1) == Use::none);
    CHECK(key.before_request(noon) == Use::none);
    CHECK_FALSE(key.take_fetch());
}

TEST_CASE("A fetch that fails is the end.", "[key]") {
    auto key = with_command();
    key.before_request(noon);
    REQUIRE(key.take_fetch());
    key.failed(noon);
    CHECK(key.before_request(noon + 1h) == Use::none);
    CHECK(key.is_lost());
    CHECK_FALSE(key.take_fetch());
}

TEST_CASE("A fetch that fails after a refusal is the end.", "[key]") {
    auto key = with_key();
    key.accepted(1);
    key.after_refusal(1);
    REQUIRE(key.take_fetch());
    key.failed(noon);
    CHECK(key.before_request(noon) == Use::none);
}

TEST_CASE("A key that was not refused outlives a fetch that fails.", "[key]") {
    auto key = with_command(1h);
    key.before_request(noon);
    REQUIRE(key.take_fetch());
    key.fetched(noon, true);
    key.before_request(noon + 1h);
    REQUIRE(key.take_fetch());
    key.failed(noon + 1h);
    CHECK(key.before_request(noon + 119min) == Use::present);
    CHECK_FALSE(key.is_lost());
    CHECK(key.before_request(noon + 2h) == Use::wait);
    CHECK(key.after_refusal(1) == Use::wait);
}

TEST_CASE("The third key in a row that is refused is the end, if none was accepted.", "[key]") {
    auto key = with_key();
    for (std::uint64_t generation = 1; generation <= 2; ++generation) {
        REQUIRE(key.after_refusal(generation) == Use::wait);
        REQUIRE(key.take_fetch());
        key.fetched(noon, true);
    }
    CHECK(key.after_refusal(3) == Use::none);
}

TEST_CASE("Three keys of a command are tried before the end.", "[key]") {
    auto key = with_command();
    key.before_request(noon);
    for (std::uint64_t generation = 1; generation <= 3; ++generation) {
        REQUIRE(key.take_fetch());
        key.fetched(noon, true);
        key.after_refusal(generation);
    }
    CHECK_FALSE(key.take_fetch());
    CHECK(key.before_request(noon) == Use::none);
}

TEST_CASE("Keys that were accepted can be replaced again and again.", "[key]") {
    auto key = with_key();
    for (std::uint64_t generation = 1; generation <= 20; ++generation) {
        key.accepted(generation);
        REQUIRE(key.after_refusal(generation) == Use::wait);
        REQUIRE(key.take_fetch());
        key.fetched(noon, true);
    }
    CHECK(key.before_request(noon) == Use::present);
}

TEST_CASE("An answer to an older key does not speak for the present one.", "[key]") {
    auto key = with_key();
    for (std::uint64_t generation = 1; generation <= 2; ++generation) {
        key.after_refusal(generation);
        REQUIRE(key.take_fetch());
        key.fetched(noon, true);
        key.accepted(1);
    }
    CHECK(key.after_refusal(3) == Use::none);
}

TEST_CASE("A key is fetched again when its lifetime is over, and may be the same.", "[key]") {
    auto key = with_command(1h);
    key.before_request(noon);
    REQUIRE(key.take_fetch());
    key.fetched(noon, true);
    CHECK(key.before_request(noon + 59min) == Use::present);
    CHECK(key.before_request(noon + 1h) == Use::wait);
    REQUIRE(key.take_fetch());
    key.fetched(noon + 1h, false);
    CHECK(key.generation() == 1);
    CHECK(key.before_request(noon + 119min) == Use::present);
    CHECK(key.before_request(noon + 2h) == Use::wait);
}

TEST_CASE("A refusal that comes during a fetch for age counts against the same key.", "[key]") {
    auto key = with_command(1h);
    key.before_request(noon);
    REQUIRE(key.take_fetch());
    key.fetched(noon, true);
    key.accepted(1);
    key.before_request(noon + 1h);
    REQUIRE(key.take_fetch());
    CHECK(key.after_refusal(1) == Use::wait);
    key.fetched(noon + 1h, false);
    CHECK(key.after_refusal(1) == Use::none);
}
