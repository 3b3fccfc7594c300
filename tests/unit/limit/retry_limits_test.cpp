#include "limit/retry_quota.hpp"
#include "support/catch.hpp"

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

TEST_CASE("A retry costs 14 of the quota, and 5 after a 429.", "[limit]") {
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

TEST_CASE("An answer refills the retry quota by four retries, up to its capacity.", "[limit]") {
    RetryQuota quota;
    CHECK(quota.level() == 500);
    quota.went_well();
    CHECK(quota.level() == 500);
    for (int i = 0; i < 10; ++i) quota.take(14);
    CHECK(quota.level() == 360);
    quota.went_well();
    CHECK(quota.level() == 416);
    quota.went_well();
    quota.went_well();
    CHECK(quota.level() == 500);
}

TEST_CASE("A retry quota does not limit an endpoint that answers one attempt of five.", "[limit]") {
    RetryQuota quota;
    for (int i = 0; i < 1000; ++i) {
        for (int retry = 0; retry < 4; ++retry) {
            REQUIRE(quota.ready_at(noon, 14) == noon);
            quota.take(14);
        }
        quota.went_well();
    }
}

TEST_CASE("An outage costs an endpoint 35 retries, however long it is.", "[limit]") {
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
    quota.went_well();
    CHECK(quota.ready_at(noon, 14) == noon);
}

TEST_CASE("A retry quota of one retry allows one.", "[limit]") {
    RetryQuota quota{14};
    CHECK(quota.ready_at(noon, 14) == noon);
    quota.take(14);
    CHECK(quota.ready_at(noon, 14) == never);
    CHECK(RetryQuota{0}.ready_at(noon, 5) == never);
}

TEST_CASE("A retry quota reports whether more than half of it is left.", "[limit]") {
    RetryQuota quota;
    for (int i = 0; i < 17; ++i) quota.take(14);
    CHECK(quota.is_above_half());
    quota.take(14);
    CHECK_FALSE(quota.is_above_half());
}

}  // namespace
}  // namespace skein
