#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <skein/job.hpp>

using namespace skein;
using Catch::Matchers::Contains;

namespace {

std::string job_text(const std::string& request, const std::string& more = {}) {
    return "version: 1\n"
           "endpoints: [{name: main, base_url: \"http://127.0.0.1:9/v1\", model: m}]\n"
           "input: {file: in.jsonl}\n"
           "output: {file: out.jsonl}\n"
           "request:\n"
           "  messages: [{role: user, content: \"{{ q }}\"}]\n" +
           request + more;
}

Job job_of(const std::string& text) {
    auto job = parse_job(text, "job.yaml");
    INFO((job ? std::string{} : job.error().text()));
    REQUIRE(job.has_value());
    return std::move(*job);
}

std::string error_of(const std::string& text) {
    const auto job = parse_job(text, "job.yaml");
    return job ? std::string{} : job.error().text();
}

}  // namespace

TEST_CASE("A schema in the job file is sent with each chat and checked.", "[config]") {
    const auto job =
        job_of(job_text("  schema: {type: object, required: [a]}\n  schema_attempts: 5\n"));
    CHECK(job.settings.expect.schema == R"({"type":"object","required":["a"]})");
    CHECK(job.settings.expect.schema_attempts == 5);
    CHECK(
        job.request ==
        R"({"messages":[{"role":"user","content":"{{ q }}"}],"response_format":{"type":)"
        R"("json_schema","json_schema":{"name":"answer","schema":{"type":"object","required":["a"]},)"
        R"("strict":false}}})"
    );
    CHECK(job_of(job_text("")).settings.expect.schema.empty());
    CHECK(job_of(job_text("")).settings.expect.schema_attempts == 3);
}

TEST_CASE("Braces in a schema are no placeholders.", "[config]") {
    const auto job = job_of(job_text("  schema: {description: \"as {{ q }}\"}\n"));
    CHECK(job.settings.expect.schema == R"({"description":"as {{ q }}"})");
    CHECK_THAT(job.request, Contains(R"("description":"as {{ '{{' }} q }}")"));
}

TEST_CASE("The type null needs no quotes in a job file.", "[config]") {
    const auto job =
        job_of(job_text("  schema: {type: [string, null], not: {type: null}, enum: [null]}\n"));
    CHECK(
        job.settings.expect.schema ==
        R"({"type":["string","null"],"not":{"type":"null"},"enum":[null]})"
    );
}

TEST_CASE("A schema may stand in a file beside the job file.", "[config]") {
    const test::Folder folder;
    folder.write("s.json", "\xEF\xBB\xBF{ \"type\" : \"string\" }\n");
    folder.write("bad.json", "{\"properties\": {\"a\": {\"typ\": 1}}}");
    folder.write("none.json", "{");
    const auto load = [&](const std::string& file) {
        return load_job(folder.write("job.yaml", job_text("  schema: " + file + "\n")));
    };
    const auto job = load("s.json");
    REQUIRE(job.has_value());
    CHECK(job->settings.expect.schema == R"({"type":"string"})");
    CHECK_THAT(
        load("bad.json").error().text(), Contains("job.yaml:7:11: request.schema cannot be")
    );
    CHECK_THAT(load("bad.json").error().text(), Contains("`/properties/a/typ`: skein does not"));
    CHECK_THAT(load("none.json").error().text(), Contains("no JSON, because"));
    CHECK_THAT(load("other.json").error().text(), Contains("cannot be read: No such file"));
    CHECK_THAT(load(".").error().text(), Contains("cannot be read: it is a folder"));
}

TEST_CASE("A schema that cannot be checked is refused at the place of its part.", "[config]") {
    const auto said =
        error_of(job_text("  schema:\n    anyOf:\n      - {type: null}\n      - {typ: x}\n"));
    CHECK_THAT(said, Contains("job.yaml:10:15: request.schema cannot be checked"));
    CHECK_THAT(
        error_of(job_text("  schema: []\n")), Contains("7:11: request.schema must be the path")
    );
    CHECK_THAT(
        error_of(job_text("  schema: {type: string}\n  response_format: {type: text}\n")),
        Contains("7:3: schema is sent as response_format")
    );
    CHECK_THAT(
        error_of(job_text("  schema_attempts: 0\n")),
        Contains("7:20: schema_attempts must be a whole number from 1 to 10, not 0")
    );
}

TEST_CASE("What any answer must be is read from `expect`.", "[config]") {
    const auto job =
        job_of(job_text("", "expect: {json: true, finish: [stop, length], match: '^a'}\n"));
    const auto& expect = job.settings.expect;
    CHECK(expect.json);
    CHECK(expect.finish == std::vector<std::string>{"stop", "length"});
    CHECK(expect.match == "^a");
    CHECK(job_of(job_text("", "expect: {finish: stop}\n")).settings.expect.finish.size() == 1);
    CHECK_THAT(
        error_of(job_text("", "expect: {match: '(?=a)'}\n")),
        Contains("7:17: match is no regular expression that RE2 knows")
    );
    CHECK_THAT(error_of(job_text("", "expect: {finish: []}\n")), Contains("7:18: finish must be"));
    CHECK_THAT(error_of(job_text("", "expect: {json: 1}\n")), Contains("7:16: json must be"));
    CHECK_THAT(error_of(job_text("", "expect: {mach: a}\n")), Contains("did you mean 'match'?"));
}
