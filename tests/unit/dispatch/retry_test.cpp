#include "dispatch/retry.hpp"

#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;

struct Trying {
    RetrySettings settings{};
    Tries tries{};

    std::optional<Duration> fail(Fault fault) {
        ++tries.sent;
        return pause_before_retry(fault, tries, settings, 1);
    }
    std::optional<Duration> fail(FaultKind kind) { return fail(Fault{.kind = kind}); }

    // How many tries a request gets that always fails like this.
    int tries_of(Fault fault) {
        tries = {};
        while (fail(fault)) {
        }
        return tries.sent;
    }
};

TEST_CASE("a fault gets as many tries as its row allows", "[retry]") {
    Trying trying;
    const auto tries_of = [&](FaultKind kind) { return trying.tries_of(Fault{.kind = kind}); };
    CHECK(tries_of(FaultKind::server_error) == 4);
    CHECK(tries_of(FaultKind::connection_lost) == 4);
    CHECK(tries_of(FaultKind::throttled) == 4);
    CHECK(tries_of(FaultKind::bad_response) == 2);
    CHECK(tries_of(FaultKind::tls_handshake) == 2);
    CHECK(tries_of(FaultKind::keepalive_race) == 5);  // One that is not counted, then four.
    CHECK(tries_of(FaultKind::not_ready) == 8);  // Not counted; but never more than twice four.
    for (const auto kind :
         {FaultKind::rejected,
          FaultKind::auth,
          FaultKind::quota,
          FaultKind::tls_trust,
          FaultKind::too_large,
          FaultKind::redirect_refused,
          FaultKind::context_exceeded}) {
        CHECK(tries_of(kind) == 1);
    }
    trying.settings.attempts = 1;
    CHECK(tries_of(FaultKind::server_error) == 1);
}

TEST_CASE("a lost keep-alive race is tried again without a pause, once", "[retry]") {
    Trying trying;
    CHECK(trying.fail(FaultKind::keepalive_race) == 0s);
    CHECK(trying.fail(FaultKind::keepalive_race) > 0s);
}

TEST_CASE(
    "the server may forbid another try, and ask for one, but not for what cannot help", "[retry]"
) {
    Trying trying;
    CHECK(trying.tries_of({.kind = FaultKind::server_error, .should_retry = false}) == 1);
    CHECK(trying.tries_of({.kind = FaultKind::rejected, .should_retry = true}) == 4);
    for (const auto kind :
         {FaultKind::auth,
          FaultKind::quota,
          FaultKind::tls_trust,
          FaultKind::too_large,
          FaultKind::redirect_refused,
          FaultKind::bad_input}) {
        CHECK(trying.tries_of({.kind = kind, .should_retry = true}) == 1);
    }
}

TEST_CASE("a pause that was asked for is a floor, with up to a tenth more", "[retry]") {
    for (Sequence seq = 0; seq < 200; ++seq) {
        Tries tries{.sent = 1};
        const Fault fault{.kind = FaultKind::throttled, .retry_after = 20s};
        const auto pause = pause_before_retry(fault, tries, RetrySettings{.seed = 3}, seq);
        REQUIRE(pause);
        CHECK(*pause >= 20s);
        CHECK(*pause <= 22s);
    }
}

TEST_CASE("nobody waits for a pause longer than the longest park", "[retry]") {
    Trying trying;
    CHECK(trying.fail({.kind = FaultKind::throttled, .retry_after = 15min}));
    CHECK(!trying.fail({.kind = FaultKind::throttled, .retry_after = 15min + 1s}));
}

TEST_CASE("after a throttle the pauses are longer than after a transient fault", "[retry]") {
    const auto longest = [](FaultKind kind) {
        Duration most{};
        for (Sequence seq = 0; seq < 1000; ++seq) {
            Tries tries{.sent = 3};
            const RetrySettings settings{.attempts = 10};
            most = std::max(most, *pause_before_retry(Fault{.kind = kind}, tries, settings, seq));
        }
        return most;
    };
    CHECK(longest(FaultKind::server_error) <= 2s);
    CHECK(longest(FaultKind::server_error) > 1900ms);
    CHECK(longest(FaultKind::throttled) > 3900ms);
    CHECK(longest(FaultKind::overloaded) <= 4s);
}

TEST_CASE(
    "a pause depends on the seed, the request and its tries, and on nothing else", "[retry]"
) {
    const auto pause = [](std::uint64_t seed, Sequence seq, int sent) {
        Tries tries{.sent = sent};
        return *pause_before_retry(
            Fault{.kind = FaultKind::server_error},
            tries,
            RetrySettings{.attempts = 9, .seed = seed},
            seq
        );
    };
    CHECK(pause(1, 1, 1) == pause(1, 1, 1));
    CHECK(pause(1, 1, 1) != pause(2, 1, 1));
    CHECK(pause(1, 1, 1) != pause(1, 2, 1));
    CHECK(pause(1, 1, 1) != pause(1, 1, 2));
}

}  // namespace
}  // namespace skein
