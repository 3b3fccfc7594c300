#include "mock_server/service.hpp"

#include "support/catch.hpp"

using namespace skein::mock;
using namespace std::chrono_literals;

namespace {

Incoming question() {
    return {
        .method = "POST",
        .path = "/v1/chat/completions",
        .body = R"({"messages":[{"role":"user","content":"a"}]})"};
}

Weather outage() { return {.faults = {{.status = 503, .from = 3s, .until = 8s}}}; }

}  // namespace

TEST_CASE("an outage is counted from the beginning of its weather", "[mock]") {
    const skein::TimePoint start{1h};
    Service service{outage(), "", 10, start};
    const auto answered_at = [&](skein::Duration time) {
        return service.perform(question(), start + time).answered;
    };
    CHECK(answered_at(2s) == "200");
    CHECK(answered_at(3s) == "503");
    CHECK(answered_at(8s) == "200");

    service.set_weather(outage(), start + 20s);
    CHECK(answered_at(22s) == "200");
    CHECK(answered_at(23s) == "503");
    CHECK(answered_at(28s) == "200");
}
