#include "job/journal/job_identity.hpp"

#include "support/catch.hpp"

#include <functional>

using namespace skein;
using namespace skein::job;

TEST_CASE(
    "A job is another job if a setting that shapes replies differs, but not if its input differs.",
    "[job]"
) {
    const JobIdentity before{{"input", "24 bytes"}, {"input format", "csv"}, {"model", "small"}};
    JobIdentity now{
        {"input", "25 bytes"},
        {"input format", "csv"},
        {"model", "small"},
        {std::string{fact_of_gone}, "3"}};
    CHECK(!another_job(before, now, false));
    now[2].value = "large";
    CHECK(another_job(before, now, false) == "the model was 'small', now it is 'large'");
    CHECK(!another_job(before, now, true));
    now[1].value = "jsonl";
    CHECK(another_job(before, now, true) == "the input format was 'csv', now it is 'jsonl'");
    CHECK(another_job({}, {{"model", "m"}}, false) == "the model was not known, now it is 'm'");
    CHECK(another_job({{"model", "m"}}, {}, false) == "the model was 'm', now it is not known");
}

TEST_CASE(
    "A job identity has the input and the settings that shape replies, and nothing else.", "[job]"
) {
    Job job;
    job.settings.endpoints = {{.name = "main", .url = "https://a.example", .model = "small"}};
    job.request = R"({"prompt":"{{ text }}"})";
    const Fingerprint input{.size = 5, .hash = "abc"};
    const auto before = facts_of(job, Input::Format::text, input);
    const auto changed = [&](const std::function<void(Job&)>& change) {
        auto other = job;
        change(other);
        return difference(before, facts_of(other, Input::Format::text, input)).value_or("");
    };
    CHECK(changed([](Job& other) {
              other.settings.endpoints[0].model = "large";
          }) == "the model was 'small', now it is 'large'");
    CHECK(changed([](Job& other) { other.request += ' '; }).starts_with("the request template"));
    CHECK(changed([](Job& other) { other.output.timings = false; }).starts_with("the setting of"));
    CHECK(
        difference(before, facts_of(job, Input::Format::jsonl, input)) ==
        "the input format was 'text', now it is 'jsonl'"
    );
    CHECK(
        difference(before, facts_of(job, Input::Format::text, std::nullopt)) ==
        "the input was '5 bytes, xxh3 abc', now it is 'standard input'"
    );

    CHECK(changed([](Job& other) { other.settings.endpoints[0].url = "https://b.example"; }).empty()
    );
    CHECK(changed([](Job& other) { other.settings.endpoints[0].api_key = Secret{"CANARY-key"}; }
    ).empty());
    CHECK(changed([](Job& other) { other.settings.in_flight = 3; }).empty());
}
