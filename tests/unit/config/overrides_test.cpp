#include "config/overrides.hpp"

#include "config/keys.hpp"
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

using namespace skein;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::least_job;
using test::Variable;

namespace {

Override set(const std::string& key, const std::string& value) {
    return {.key = key, .value = value, .origin = "--set " + key};
}

Job job_with(const std::vector<Override>& overrides, const std::string& text = least_job) {
    auto job = parse_job(text, "job.yaml", overrides);
    INFO((job.has_error() ? job.error().text() : std::string{}));
    REQUIRE(job.has_value());
    return *std::move(job);
}

}  // namespace

TEST_CASE("An override adds a missing value, and replaces an existing one.", "[config]") {
    CHECK(job_with({set("limits.in_flight", "8")}).settings.in_flight == 8);
    CHECK(
        job_with({set("limits.in_flight", "8")}, least_job + "limits: {in_flight: 3}\n")
            .settings.in_flight == 8
    );
    CHECK(
        job_with({set("limits.in_flight", "8")}, least_job + "limits:\n").settings.in_flight == 8
    );
    CHECK(job_with({set("limits", "{in_flight: 5, attempts: 1}")}).settings.attempts == 1);
    CHECK(job_with({set("grace", "3s")}).grace == 3s);
    CHECK(job_with({set("output.overwrite", "true")}).output.overwrite);
    CHECK(job_with({set("input.file", "-")}).input.file == "-");
    CHECK(job_with({set("request.temperature", "0.5")}).request.ends_with(",\"temperature\":0.5}"));
}

TEST_CASE("The later of two overrides wins.", "[config]") {
    CHECK(
        job_with({set("limits.in_flight", "8"), set("limits.in_flight", "9")}).settings.in_flight ==
        9
    );
}

TEST_CASE("An override selects an endpoint by its name.", "[config]") {
    const auto endpoint = job_with({
                                       set("endpoints.main.rpm", "30.5"),
                                       set("endpoints.main.base_url", "mock:"),
                                       set("endpoints.main.headers.x-team", "geese"),
                                   })
                              .settings.endpoints.front();
    CHECK(endpoint.rpm == 30.5);
    CHECK(endpoint.url == "mock:");
    CHECK(endpoint.headers.front().second == "geese");

    const auto unnamed = test::least_job_with("  - name: main\n    base", "  - base");
    CHECK(job_with({set("endpoints.main.rpm", "7")}, unnamed).settings.endpoints.front().rpm == 7);
}

TEST_CASE("An error in an override names the override.", "[config]") {
    const auto complaint = [](const std::string& key, const std::string& value) {
        return test::complaint_about(least_job, {set(key, value)});
    };
    CHECK(
        complaint("limits.in_flight", "x") ==
        "--set limits.in_flight: in_flight must be a whole number from 1 to 100000, not x"
    );
    CHECK_THAT(complaint("limits.in_flight", ""), Contains("not nothing"));
    CHECK_THAT(complaint("limits.in_flight", "\"8\""), Contains("not the text \"8\""));
    CHECK(
        complaint("limits.in_fligth", "8") ==
        "--set limits.in_fligth: unknown key 'in_fligth' in limits; did you mean 'in_flight'?"
    );
    CHECK_THAT(complaint("limit.in_flight", "8"), Contains("did you mean 'limits'?"));
    CHECK(
        complaint("endpoints.mian.rpm", "8") ==
        "--set endpoints.mian.rpm: no endpoint is called 'mian'; did you mean 'main'?"
    );
    CHECK_THAT(complaint("endpoints.main.ropm", "8"), Contains("unknown key 'ropm' in endpoints"));
    CHECK_THAT(complaint("request.messages.0", "8"), Contains("messages is a list"));
    CHECK_THAT(complaint("version.x", "8"), Contains("version is 1; there is no 'x' in it"));
    for (const auto* key : {"", ".", "limits.", ".limits", "limits..x"}) {
        CAPTURE(key);
        CHECK_THAT(complaint(key, "8"), Contains("is no key"));
    }
    CHECK_THAT(
        complaint("limits", "{in_flight: 1, in_flight: 2}"), StartsWith("--set limits: the key")
    );
    CHECK_THAT(complaint("version", "2"), StartsWith("--set version: version must be 1"));
}

TEST_CASE("A key given by an option is refused, and not shown.", "[config]") {
    const auto text =
        test::complaint_about(least_job, {set("endpoints.main.api_key", "CANARY-key")});
    CHECK_THAT(
        text, StartsWith("--set endpoints.main.api_key: api_key must be") && !Contains("CANARY")
    );
}

TEST_CASE("A key of the job file has an environment variable in capitals.", "[config]") {
    CHECK(config::variable_for("limits.in_flight") == "SKEIN_LIMITS_IN_FLIGHT");
    CHECK(config::variable_for("endpoints.eu-west.rpm") == "SKEIN_ENDPOINTS_EU_WEST_RPM");
}

TEST_CASE("An override wins over the environment, which wins over the file.", "[config]") {
    const auto text = least_job + "limits: {in_flight: 3}\n";
    CHECK(job_with({}, text).settings.in_flight == 3);
    const Variable variable{"SKEIN_LIMITS_IN_FLIGHT", "8"};
    CHECK(job_with({}, text).settings.in_flight == 8);
    CHECK(job_with({set("limits.in_flight", "9")}, text).settings.in_flight == 9);
}

TEST_CASE("Every key of the job file can be set by the environment.", "[config]") {
    const Variable rpm{"SKEIN_ENDPOINTS_MAIN_RPM", "12"};
    const Variable url{"SKEIN_ENDPOINTS_MAIN_BASE_URL", "mock:"};
    const Variable file{"SKEIN_OUTPUT_FILE", "-"};
    const Variable connect{"SKEIN_TIMEOUTS_CONNECT", "250ms"};
    const Variable seed{"SKEIN_SEED", "7"};
    const auto job = job_with({});
    CHECK(job.settings.endpoints.front().rpm == 12);
    CHECK(job.settings.endpoints.front().url == "mock:");
    CHECK(job.output.file == "-");
    CHECK(job.settings.timeouts.connect == 250ms);
    CHECK(job.settings.seed == 7);
    CHECK(job.warnings.empty());
}

TEST_CASE("An invalid value in a variable is reported by the variable's name.", "[config]") {
    const Variable variable{"SKEIN_LIMITS_ATTEMPTS", "many"};
    CHECK(
        test::complaint_about(least_job) ==
        "SKEIN_LIMITS_ATTEMPTS: attempts must be a whole number from 1 to 100, not many"
    );
}

TEST_CASE("A variable that looks like a key but is none adds a warning.", "[config]") {
    const Variable misspelt{"SKEIN_LIMITS_INFLIGHT", "8"};
    const Variable unrelated{"SKEIN_QUICKSTART_URL", "x"};
    const Variable version{"SKEIN_VERSION", "0.1.0"};
    const auto job = job_with({});
    REQUIRE(job.warnings.size() == 1);
    CHECK(
        job.warnings.front() ==
        "the environment variable SKEIN_LIMITS_INFLIGHT names no key of a job file; did you mean "
        "'SKEIN_LIMITS_IN_FLIGHT'?"
    );
}
