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
        const auto next = next_try(fault, tries, false, settings, 1);
        return next ? std::optional{next->pause} : std::nullopt;
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

TEST_CASE("what a worker broke off is tried twice more, at once, as attempts allow", "[retry]") {
    Trying trying;
    const auto tries_of = [&](int attempts) {
        trying.settings.attempts = attempts;
        return trying.tries_of({.kind = FaultKind::worker_died});
    };
    CHECK(tries_of(1) == 1);
    CHECK(tries_of(2) == 2);
    CHECK(tries_of(4) == 3);
    CHECK(tries_of(100) == 3);

    trying = {};
    CHECK(trying.fail(FaultKind::worker_died) == 0s);
    CHECK(trying.fail(FaultKind::server_error) > 0s);
    CHECK(trying.fail(FaultKind::worker_died) == 0s);
    CHECK(!trying.fail(FaultKind::worker_died));  // Four in all.
}

TEST_CASE(
    "the server may forbid another try, and ask for one, but not for what cannot help", "[retry]"
) {
    Trying trying;
    CHECK(trying.tries_of({.kind = FaultKind::server_error, .should_retry = false}) == 1);
    CHECK(trying.tries_of({.kind = FaultKind::rejected, .should_retry = true}) == 4);
    for (const auto kind :
         {FaultKind::too_large, FaultKind::redirect_refused, FaultKind::bad_input}) {
        CHECK(trying.tries_of({.kind = kind, .should_retry = true}) == 1);
    }
}

TEST_CASE(
    "a pause that the endpoint asked for is not the request's, which may go elsewhere", "[retry]"
) {
    Trying trying;
    CHECK(*trying.fail({.kind = FaultKind::throttled, .retry_after = 20s}) < 2s);
    CHECK(*trying.fail({.kind = FaultKind::throttled, .retry_after = 24h}) < 2s);
}

TEST_CASE("a retry takes from the quota what its fault costs, and some are free", "[retry]") {
    const auto cost = [](FaultKind kind) {
        Tries tries{.sent = 1};
        return next_try(Fault{.kind = kind}, tries, false, {}, 1)->cost;
    };
    CHECK(cost(FaultKind::server_error) == 14);
    CHECK(cost(FaultKind::timeout_first_byte) == 14);
    CHECK(cost(FaultKind::overloaded) == 14);
    CHECK(cost(FaultKind::throttled) == 5);
    CHECK(cost(FaultKind::keepalive_race) == 0);
    CHECK(cost(FaultKind::not_ready) == 0);
    CHECK(cost(FaultKind::auth) == 0);
    CHECK(cost(FaultKind::worker_died) == 0);
}

TEST_CASE("what ends with the endpoint being closed is tried elsewhere, at once", "[retry]") {
    for (const auto kind : {FaultKind::auth, FaultKind::quota, FaultKind::tls_trust}) {
        Tries tries{.sent = 1};
        const RetrySettings once{.attempts = 1};
        const auto next =
            next_try(Fault{.kind = kind, .should_retry = false}, tries, false, once, 1);
        REQUIRE(next);
        CHECK(next->pause == 0s);
        CHECK(tries.counted == 0);
    }
    Tries tries{.sent = 1};
    const Fault comes_back{.kind = FaultKind::quota, .retry_after = 30s};
    CHECK(next_try(comes_back, tries, false, {}, 1));
    CHECK(tries.counted == 0);
    tries.sent = 8;  // But the same endpoint may be what it waits for, and not for ever.
    CHECK(!next_try(comes_back, tries, false, {}, 1));
}

TEST_CASE("a probe that fails does not count, unless there is to be one attempt only", "[retry]") {
    Tries tries{.sent = 1};
    CHECK(next_try(Fault{.kind = FaultKind::connect}, tries, true, {}, 1));
    CHECK(tries.counted == 0);
    CHECK(!next_try(Fault{.kind = FaultKind::connect}, tries, true, {.attempts = 1}, 1));
    tries = {.sent = 8};
    CHECK(!next_try(Fault{.kind = FaultKind::connect}, tries, true, {}, 1));  // Twice four.
}

TEST_CASE("where nobody is left, the fault says so, and keeps the name of what closed them") {
    const auto left = [](FaultKind kind, std::optional<Duration> pause = {}) {
        return without_anybody({.kind = kind, .retry_after = pause}, "main: why", 15min);
    };
    CHECK(left(FaultKind::auth).kind == FaultKind::auth);
    CHECK(left(FaultKind::auth).detail.find("main: why") != std::string::npos);
    CHECK(left(FaultKind::server_error).kind == FaultKind::no_endpoint);
    CHECK(left(FaultKind::throttled, 24h).kind == FaultKind::parked);
    CHECK(left(FaultKind::throttled, 1min).kind == FaultKind::no_endpoint);
    CHECK(left(FaultKind::quota, 24h).kind == FaultKind::quota);
}

TEST_CASE("after a throttle the pauses are longer than after a transient fault", "[retry]") {
    const auto longest = [](FaultKind kind) {
        Duration most{};
        for (Sequence seq = 0; seq < 1000; ++seq) {
            Tries tries{.sent = 3};
            const RetrySettings settings{.attempts = 10};
            const auto next = next_try(Fault{.kind = kind}, tries, false, settings, seq);
            most = std::max(most, next->pause);
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
        const RetrySettings settings{.attempts = 9, .seed = seed};
        return next_try(Fault{.kind = FaultKind::server_error}, tries, false, settings, seq)->pause;
    };
    CHECK(pause(1, 1, 1) == pause(1, 1, 1));
    CHECK(pause(1, 1, 1) != pause(2, 1, 1));
    CHECK(pause(1, 1, 1) != pause(1, 2, 1));
    CHECK(pause(1, 1, 1) != pause(1, 1, 2));
}

}  // namespace
}  // namespace skein
