#include "dispatch/retry.hpp"

#include "support/catch.hpp"

#include <initializer_list>
#include <utility>

namespace skein {
namespace {

using namespace std::chrono_literals;

struct Trying {
    RetrySettings settings{};
    Tries tries{};

    Witnesses others{};
    bool was_sent = true;

    std::optional<NextTry> next(const Fault& fault) {
        ++tries.sent;
        return next_try({fault, was_sent, others}, tries, settings, 1);
    }
    std::optional<Duration> fail(const Fault& fault) {
        const auto one = next(fault);
        return one ? std::optional{one->pause} : std::nullopt;
    }
    std::optional<Duration> fail(FaultKind kind) { return fail(Fault{.kind = kind}); }

    // How many tries a request gets that always fails like this; a hundred at most.
    int tries_of(const Fault& fault) {
        tries = {};
        while (tries.sent < 100 && fail(fault)) {
        }
        return tries.sent;
    }
    int tries_of(FaultKind kind) { return tries_of(Fault{.kind = kind}); }
};

TEST_CASE("Each replaced key costs a request nothing, however few its attempts are.", "[retry]") {
    RetrySettings one_attempt;
    one_attempt.attempts = 1;
    Tries tries;
    const Fault renewed{.kind = FaultKind::key_renewed, .http_status = 401};
    for (int i = 0; i < 10; ++i) {
        ++tries.sent;
        const auto next = next_try({renewed}, tries, one_attempt, 1);
        REQUIRE(next);
        CHECK(next->pause == Duration::zero());
        CHECK(next->cost == 0);
    }
    CHECK(tries.counted == 0);
}

TEST_CASE("The number of attempts is the same for every fault that is retried.", "[retry]") {
    for (const auto attempts : {1, 4, 7}) {
        Trying trying{.settings = {.attempts = attempts}};
        for (const auto kind :
             {FaultKind::server_error,
              FaultKind::connection_lost,
              FaultKind::overloaded,
              FaultKind::bad_response,
              FaultKind::truncated,
              FaultKind::incomplete_stream,
              FaultKind::protocol,
              FaultKind::timeout_first_byte,
              FaultKind::timeout_idle,
              FaultKind::timeout_attempt}) {
            CAPTURE(attempts, to_string(kind));
            CHECK(trying.tries_of(kind) == attempts);
        }
    }
    Trying trying;
    CHECK(trying.tries_of(FaultKind::keepalive_race) == 5);  // The first one is not counted.
    for (const auto kind :
         {FaultKind::rejected,
          FaultKind::too_large,
          FaultKind::redirect_refused,
          FaultKind::context_exceeded}) {
        CHECK(trying.tries_of(kind) == 1);
    }
}

TEST_CASE(
    "An attempt that was told to wait or never sent does not count as an attempt.", "[retry]"
) {
    Trying trying{.settings = {.attempts = 1}};
    CHECK(trying.tries_of(FaultKind::throttled) == 100);
    CHECK(trying.tries_of(FaultKind::not_ready) == 100);
    CHECK(trying.tries_of({.kind = FaultKind::overloaded, .retry_after = 1s}) == 100);
    CHECK(trying.tries_of({.kind = FaultKind::server_error, .retry_after = 1s}) == 100);
    trying.was_sent = false;
    CHECK(trying.tries_of(FaultKind::connect) == 100);
    CHECK(trying.tries_of(FaultKind::tls_handshake) == 100);
}

TEST_CASE("A request that is always told to wait while others are served is at fault.", "[retry]") {
    Trying trying{
        .others = {.asked = 1000, .in_vain = 0, .are_served = true, .are_served_now = true}};
    CHECK(trying.tries_of(FaultKind::throttled) == 4);
    trying.others.in_vain = 20;  // 0.02^4 is no chance.
    CHECK(trying.tries_of(FaultKind::throttled) == 4);
    trying.others.in_vain = 400;  // 0.4^15 is none.
    CHECK(trying.tries_of(FaultKind::throttled) == 16);
    trying.others.in_vain = 1000;  // None of the others was served, either.
    CHECK(trying.tries_of(FaultKind::throttled) == 100);
    trying.others = {.asked = 1000, .are_served = true};  // Others were, and are no more.
    CHECK(trying.tries_of(FaultKind::throttled) == 100);
    CHECK(!is_at_fault(1000, {}));
}

TEST_CASE("A lost keep-alive race is retried at once on a new connection.", "[retry]") {
    Trying trying;
    const auto next = trying.next({.kind = FaultKind::keepalive_race});
    CHECK(next->pause == 0s);
    CHECK(next->on_new_connection);
    const auto another = trying.next({.kind = FaultKind::keepalive_race});
    CHECK(another->pause > 0s);
    CHECK(another->on_new_connection);
    CHECK(!trying.next({.kind = FaultKind::server_error})->on_new_connection);
}

TEST_CASE("A request whose worker died is retried twice, the second time alone.", "[retry]") {
    for (const int attempts : {1, 2, 100}) {
        Trying trying{.settings = {.attempts = attempts}};
        const Fault death{.kind = FaultKind::worker_died};
        const auto first = trying.next(death);
        CHECK(first->pause == 0s);
        CHECK(!first->alone);
        const auto second = trying.next(death);
        CHECK(second->pause == 0s);
        CHECK(second->alone);
        const auto other =
            next_try({Fault{.kind = FaultKind::throttled}}, trying.tries, trying.settings, 1);
        CHECK(other->alone);  // Also after another fault, and it waits for no quota.
        CHECK(other->cost == 0);
        CHECK(!trying.next(death));
        CHECK(trying.tries.counted == 0);
    }
}

TEST_CASE("The server may forbid a retry, or ask for one unless a retry cannot help.", "[retry]") {
    Trying trying;
    CHECK(trying.tries_of({.kind = FaultKind::server_error, .should_retry = false}) == 1);
    CHECK(trying.tries_of({.kind = FaultKind::rejected, .should_retry = true}) == 4);
    for (const auto kind :
         {FaultKind::too_large, FaultKind::redirect_refused, FaultKind::bad_input}) {
        CHECK(trying.tries_of({.kind = kind, .should_retry = true}) == 1);
    }
}

TEST_CASE("A Retry-After pauses the endpoint, not the request.", "[retry]") {
    Trying trying;
    for (int i = 0; i < 4; ++i) {
        CHECK(trying.fail({.kind = FaultKind::throttled, .retry_after = 20s}) == 0s);
    }
    // Again and again, it may be a millisecond: then the request makes its own as well.
    CHECK(trying.fail({.kind = FaultKind::throttled, .retry_after = 1ms}) > 0s);
    trying.others.are_served_now = true;
    CHECK(trying.fail({.kind = FaultKind::throttled, .retry_after = 24h}) == 0s);
}

TEST_CASE(
    "A retry takes the price of its fault from the retry quota; some retries are free.", "[retry]"
) {
    const auto cost = [](FaultKind kind) {
        Tries tries{.sent = 1};
        const Fault fault{.kind = kind};
        return next_try({fault}, tries, {}, 1)->cost;
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

TEST_CASE(
    "A request whose endpoint was closed is retried at once at another endpoint.", "[retry]"
) {
    for (const auto kind : {FaultKind::auth, FaultKind::quota, FaultKind::tls_trust}) {
        Tries tries{.sent = 1};
        const RetrySettings once{.attempts = 1};
        const Fault fault{.kind = kind, .should_retry = false};
        const auto next = next_try({fault}, tries, once, 1);
        REQUIRE(next);
        CHECK(next->pause == 0s);
        CHECK(tries.counted == 0);
    }
    Tries tries{.sent = 1};
    const Fault comes_back{.kind = FaultKind::quota, .retry_after = 30s};
    CHECK(next_try({comes_back}, tries, {}, 1));
    CHECK(tries.counted == 0);
}

TEST_CASE(
    "Without a usable endpoint the fault says so, and keeps the kind that closed the last one."
) {
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

TEST_CASE("The backoff after throttling is longer than after a transient fault.", "[retry]") {
    const auto max_length = [](FaultKind kind) {
        Duration max{};
        for (Sequence seq = 0; seq < 1000; ++seq) {
            Tries tries{.sent = 3};
            const RetrySettings settings{.attempts = 10};
            const Fault fault{.kind = kind};
            const auto next = next_try({fault}, tries, settings, seq);
            max = std::max(max, next->pause);
        }
        return max;
    };
    CHECK(max_length(FaultKind::server_error) <= 2s);
    CHECK(max_length(FaultKind::server_error) > 1900ms);
    CHECK(max_length(FaultKind::throttled) > 3900ms);
    CHECK(max_length(FaultKind::overloaded) <= 4s);
}

TEST_CASE("While other requests are served the pause is short and does not grow.", "[retry]") {
    for (Sequence seq = 0; seq < 1000; ++seq) {
        for (const auto& [kind, max] : std::initializer_list<std::pair<FaultKind, Duration>>{
                 {FaultKind::server_error, 100ms}, {FaultKind::throttled, 500ms}}) {
            Tries tries{.sent = 3};
            const Fault fault{.kind = kind};
            const Failure failure{
                .fault = fault, .others = {.asked = 9, .are_served = true, .are_served_now = true}};
            CHECK(next_try(failure, tries, {}, seq)->pause <= max);
        }
    }
}

TEST_CASE("A pause depends only on the seed, the request and its number of tries.", "[retry]") {
    const auto pause = [](std::uint64_t seed, Sequence seq, int sent) {
        Tries tries{.sent = sent};
        const RetrySettings settings{.attempts = 9, .seed = seed};
        const Fault fault{.kind = FaultKind::server_error};
        return next_try({fault}, tries, settings, seq)->pause;
    };
    CHECK(pause(1, 1, 1) == pause(1, 1, 1));
    CHECK(pause(1, 1, 1) != pause(2, 1, 1));
    CHECK(pause(1, 1, 1) != pause(1, 2, 1));
    CHECK(pause(1, 1, 1) != pause(1, 1, 2));
}

}  // namespace
}  // namespace skein
