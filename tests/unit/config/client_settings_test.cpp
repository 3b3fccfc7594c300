// The settings that a program gives as text.
#include "config/client_settings.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <string>

using skein::config::parse_client;

namespace {

const std::string endpoint = "{name: a, base_url: 'http://127.0.0.1:1/v1', model: m";

std::string complaint_of(const std::string& text) {
    const auto read = parse_client(text, "settings");
    return read ? "none" : read.error().text();
}

}  // namespace

TEST_CASE("settings of a client are the sections of a job file that say whom to ask and how") {
    const auto read = parse_client(
        "endpoints: [" + endpoint + ", rpm: 60}]\n" +
            "limits: {in_flight: 8, attempts: 2}\ntimeouts: {request: 2m}\nseed: 7\n",
        "settings"
    );
    REQUIRE(read.has_value());
    CHECK(read->settings.endpoints.at(0).rpm == 60);
    CHECK(read->settings.in_flight == 8);
    CHECK(read->settings.attempts == 2);
    CHECK(read->settings.timeouts.request == std::chrono::minutes{2});
    CHECK(read->settings.seed == 7);
    CHECK(read->warnings.empty());
    // The defaults are those of a client, not of a job.
    CHECK(read->settings.same_refusals == 0);
    CHECK(read->settings.window == skein::Settings{}.window);
}

TEST_CASE("settings of a client may be JSON, and may say their version and their window") {
    const auto read = parse_client(
        R"({"version":1,"endpoints":[{"name":"a","base_url":"mock:","model":"m"}],"limits":{"window":9}})",
        "settings"
    );
    REQUIRE(read.has_value());
    CHECK(read->settings.window == 9);
}

TEST_CASE("a key may stand in the settings of a client, and a variable is still read") {
    const auto literal =
        parse_client("endpoints: [" + endpoint + ", api_key: 'a $key'}]", "settings");
    REQUIRE(literal.has_value());
    CHECK(literal->settings.endpoints.at(0).api_key.reveal() == "a $key");
    ::setenv("SKEIN_TEST_CLIENT", "from outside", 1);
    const auto named =
        parse_client("endpoints: [" + endpoint + ", api_key: '${SKEIN_TEST_CLIENT}'}]", "settings");
    ::unsetenv("SKEIN_TEST_CLIENT");
    REQUIRE(named.has_value());
    CHECK(named->settings.endpoints.at(0).api_key.reveal() == "from outside");
    CHECK(
        complaint_of("endpoints: [" + endpoint + ", api_key: ''}]").find("api_key must be") == 15
    );
    CHECK(complaint_of("endpoints: [" + endpoint + ", api_key: [x]}]") != "none");
}

TEST_CASE("no complaint about the settings of a client shows a key") {
    const auto said = complaint_of("endpoints: [" + endpoint + ", api_key: hidden, rpm: -1}]");
    CHECK(said.find("rpm") != said.npos);
    CHECK(said.find("hidden") == said.npos);
}

TEST_CASE("what belongs to jobs alone is refused in the settings of a client, each at its place") {
    const auto said = complaint_of(
        "endpoints: [" + endpoint + "}]\n" +
        "input: {file: x}\noutput: {file: y}\nrequest: {a: 1}\ngrace: 3s\n"
        "limits: {max_failures: 3}\ntimeouts: {job: 1h}\n"
    );
    for (const std::string what :
         {"settings:2:1: input is",
          "settings:3:1: output is",
          "settings:4:1: request is",
          "settings:5:1: grace is",
          "settings:6:10: limits.max_failures is",
          "settings:7:12: timeouts.job is"}) {
        CHECK(said.find(what) != said.npos);
    }
}

TEST_CASE("settings of a client that ask nobody, or are cut anywhere, are refused with words") {
    CHECK(complaint_of("limits: {in_flight: 3}").find("endpoints is missing") != std::string::npos);
    CHECK(complaint_of("").find("there is nothing in it") != std::string::npos);
    CHECK(complaint_of("version: 2\nendpoints: [" + endpoint + "}]") != "none");
    const std::string whole = "endpoints: [" + endpoint + ", headers: {x-a: b}}]";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK(complaint_of(whole.substr(0, size)) != "none");
    }
    CHECK(complaint_of(whole) == "none");
    CHECK(complaint_of(std::string(100'000, '[')) != "none");
}

TEST_CASE("variables of the environment that set keys of jobs set nothing in a client") {
    ::setenv("SKEIN_LIMITS_IN_FLIGHT", "3", 1);
    const auto read = parse_client("endpoints: [" + endpoint + "}]", "settings");
    ::unsetenv("SKEIN_LIMITS_IN_FLIGHT");
    REQUIRE(read.has_value());
    CHECK(read->settings.in_flight == skein::Settings{}.in_flight);
}
