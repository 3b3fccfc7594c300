#include "config/mistakes.hpp"

#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <string>

using namespace skein;
using namespace skein::config;
using test::complaint_about;
using test::least_job;
using test::least_job_with;
using test::Variable;

namespace {

std::string text_of(Mistakes mistakes) { return all_in_one(std::move(mistakes), "f").text(); }

}  // namespace

TEST_CASE("Errors of a job file are reported in the order of their lines.", "[config]") {
    CHECK(
        text_of({{"f:10:1", "c"}, {"$NAME", "d"}, {"f:2:7", "b"}, {"f:2:3", "a"}}) ==
        "f:2:3: a\nf:2:7: b\nf:10:1: c\n$NAME: d"
    );
}

TEST_CASE("A job file with many errors reports twenty, and counts the rest.", "[config]") {
    Mistakes many(25, {"f:1:1", "x"});
    const auto all = all_in_one(many, "f");
    CHECK(all.others.size() == 20);
    CHECK(all.others.back().what == "and 5 more");
}

TEST_CASE("All errors of a job file are reported at once, each with its place.", "[config]") {
    CHECK(
        complaint_about(
            least_job_with("  file: prompts.jsonl\n", "  fil: prompts.jsonl\n") +
            "limits: {in_flight: -3, atempts: 2}\ntimeouts: {connect: 5}\n"
        ) ==
        "job.yaml:6:3: unknown key 'fil' in input; did you mean 'file'?\n"
        "job.yaml:12:21: in_flight must be a whole number from 1 to 100000, not -3\n"
        "job.yaml:12:25: unknown key 'atempts' in limits; did you mean 'attempts'?\n"
        "job.yaml:13:21: connect must be a duration with its unit (us, ms, s, m, h), at most "
        "8760h, not 5; write 5s"
    );
}

TEST_CASE("Errors of combinations are reported beside errors of single values.", "[config]") {
    CHECK(
        complaint_about(least_job_with(
            "    base_url: https://llm.example.com/v1\n",
            "    base_url: https://llm.example.com/v1/chat/completions\n    tier: 1.5\n"
        )) ==
        "job.yaml:4:15: a base URL ends before the path of the API, which each request adds; write "
        "https://llm.example.com/v1 without /chat/completions, or url in place of base_url for an "
        "exact address\n"
        "job.yaml:5:11: tier must be a whole number from 0 to 100, not 1.5"
    );
}

TEST_CASE("An invalid value is reported only once.", "[config]") {
    const std::string begin = "version: 1\ninput: {file: a}\noutput: {file: b}\n";
    CHECK(
        complaint_about(begin + "endpoints: [7, {name: [], base_url: {}}]\n") ==
        "job.yaml:4:13: an endpoint must be a mapping (name, base_url …), not 7\n"
        "job.yaml:4:23: name must be a text, not an empty list\n"
        "job.yaml:4:37: base_url must be a text, not a mapping"
    );
    CHECK(
        complaint_about(begin + "local: {engine: lama-server}\n") ==
        "job.yaml:4:17: engine must be one of llama-server, vllm, sglang, transformers, command, "
        "url, not lama-server; did you mean 'llama-server'?"
    );
}

TEST_CASE("Every variable that is not set is reported.", "[config]") {
    const Variable one{"SKEIN_TEST_ONE", std::nullopt};
    const Variable two{"SKEIN_TEST_TWO", std::nullopt};
    const auto job = parse_job(
        least_job + "limits: {in_flight: \"${SKEIN_TEST_ONE}\", attempts: \"${SKEIN_TEST_TWO}\"}\n",
        "job.yaml"
    );
    REQUIRE(job.has_error());
    CHECK(job.error().others.size() == 1);
}

TEST_CASE("Every text of the request has its place in the job file.", "[config]") {
    const auto job = parse_job(least_job, "job.yaml");
    REQUIRE(job.has_value());
    REQUIRE(job->request_place);
    CHECK(job->request_place(0) == "job.yaml:10:3");   // messages
    CHECK(job->request_place(1) == "job.yaml:11:8");   // role
    CHECK(job->request_place(4) == "job.yaml:11:29");  // {{ question }}
    CHECK(job->request_place(99).empty());
}
