#include "limit/recent_count.hpp"
#include "limit/retry_quota.hpp"
#include "limit/retry_share.hpp"
#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

TEST_CASE("a retry costs 14, and 5 where the endpoint only throttled", "[limit]") {
    CHECK(retry_cost(row_of(FaultKind::throttled)) == 5);
    for (const auto kind :
         {FaultKind::overloaded,
          FaultKind::server_error,
          FaultKind::timeout_first_byte,
          FaultKind::timeout_attempt,
          FaultKind::connect,
          FaultKind::truncated}) {
        CHECK(retry_cost(row_of(kind)) == 14);
    }
}

TEST_CASE("a retry that goes well gives back what it cost", "[limit]") {
    RetryQuota quota;
    CHECK(quota.level() == 500);
    quota.take(14);
    CHECK(quota.level() == 486);
    quota.went_well(14);
    CHECK(quota.level() == 500);
    quota.take(5);
    CHECK(quota.level() == 495);
    quota.went_well(5);
    CHECK(quota.level() == 500);
}

TEST_CASE(
    "retries that fail are not given back, of several that went well the last is", "[limit]"
) {
    RetryQuota quota;
    for (const int level : {486, 472, 458}) {
        quota.take(14);
        CHECK(quota.level() == level);
    }
    quota.went_well(14);
    CHECK(quota.level() == 472);
}

TEST_CASE("what goes well at once earns one, and no quota grows beyond its capacity", "[limit]") {
    RetryQuota quota;
    quota.went_well(0);
    CHECK(quota.level() == 500);
    quota.take(14);
    quota.went_well(0);
    CHECK(quota.level() == 487);
    quota.went_well(14);
    CHECK(quota.level() == 500);
}

TEST_CASE("an outage costs an endpoint 35 retries, however long it is", "[limit]") {
    RetryQuota quota;
    int retries = 0;
    for (auto now = noon; now < noon + 24h; now += 1min) {
        if (quota.ready_at(now, 14) > now) continue;
        quota.take(14);
        ++retries;
    }
    CHECK(retries == 35);
    CHECK(quota.ready_at(noon, 14) == never);
    CHECK(quota.ready_at(noon, 10) == noon);
    for (int i = 0; i < 4; ++i) quota.went_well(0);
    CHECK(quota.ready_at(noon, 14) == noon);
}

TEST_CASE("a quota of one retry allows one", "[limit]") {
    RetryQuota quota{14};
    CHECK(quota.ready_at(noon, 14) == noon);
    quota.take(14);
    CHECK(quota.ready_at(noon, 14) == never);
    CHECK(RetryQuota{0}.ready_at(noon, 5) == never);
}

TEST_CASE("a quota knows whether more than half of it is left", "[limit]") {
    RetryQuota quota;
    for (int i = 0; i < 17; ++i) quota.take(14);
    CHECK(quota.is_above_half());
    quota.take(14);
    CHECK_FALSE(quota.is_above_half());
}

TEST_CASE("a recent count holds the second that is passing and the nine before it", "[limit]") {
    for (const auto start : {noon, TimePoint{-25s}, TimePoint{0s}}) {
        RecentCount count;
        CHECK(count.at(start) == 0);
        for (int i = 0; i < 30; ++i) count.add(start + i * 500ms);
        CHECK(count.at(start + 14500ms) == 20);
        CHECK(count.at(start + 19s) == 10);
        CHECK(count.at(start + 23999ms) == 2);
        CHECK(count.at(start + 24s) == 0);
        count.add(start + 1h);
        CHECK(count.at(start + 1h) == 1);
    }
}

TEST_CASE("a recent count told of an earlier moment counts it as the latest", "[limit]") {
    RecentCount count;
    count.add(noon);
    count.add(noon - 1h);
    CHECK(count.at(noon) == 2);
    CHECK(count.at(noon - 1h) == 2);
    CHECK(count.at(noon + 10s) == 0);
}

TEST_CASE("a hundred retries are always allowed, then a fifth of what is asked", "[limit]") {
    RetryShare share;
    for (int i = 0; i < 100; ++i) {
        CHECK(share.ready_at(noon) == noon);
        share.retried(noon);
    }
    CHECK(share.ready_at(noon) > noon);
    for (int i = 0; i < 4; ++i) share.asked(noon);
    CHECK(share.ready_at(noon) > noon);
    share.asked(noon);
    CHECK(share.ready_at(noon) == noon);
    share.retried(noon);
    CHECK(share.ready_at(noon) > noon);
}

TEST_CASE("a share that is used up says when it will do, also as what was asked fades", "[limit]") {
    RetryShare share;
    for (int i = 0; i < 50; ++i) share.asked(noon);
    for (int i = 0; i < 10; ++i) share.retried(noon + 3s);
    for (int i = 0; i < 100; ++i) share.retried(noon + 5s);
    CHECK(share.ready_at(noon + 5s) == noon + 15s);
    for (int i = 0; i < 5; ++i) share.asked(noon + 6s);
    CHECK(share.ready_at(noon + 6s) == noon + 6s);
    CHECK(share.ready_at(noon + 11s) == noon + 13s);
    CHECK(share.ready_at(noon + 13s) == noon + 13s);
}

TEST_CASE(
    "whoever waits for the share sends a fifth more than was asked, and ten a second", "[limit]"
) {
    RetryShare share;
    int asked = 0, retried = 0;
    for (auto now = noon; now < noon + 100s; now += 10ms) {
        share.asked(now);
        ++asked;
        while (share.ready_at(now) <= now) {
            share.retried(now);
            ++retried;
        }
    }
    CHECK(retried <= asked / 5 + 100 * 11);
    CHECK(retried >= asked / 5);
}

}  // namespace
}  // namespace skein
