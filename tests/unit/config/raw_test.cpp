#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

using namespace skein;
using namespace skein::test;

namespace {

// The shortest job, asked of an endpoint of `raw`; the map begins in line 6.
std::string job_with(const std::string& map, const std::string& more = {}) {
    return least_job_with(
        "    base_url: https://llm.example.com/v1\n",
        "    api: raw\n    base_url: https://llm.example.com/generate/\n" + map + more
    );
}

const std::string least_map =
    "    raw:\n"
    "      request: {prompt: /inputs}\n"
    "      answer: {text: /generated_text}\n";

}  // namespace

TEST_CASE("An endpoint of raw has its map as JSON, and its address is whole.", "[config]") {
    const auto job = parse_job(job_with(least_map, "    auth: X-Own-Key\n"), "job.yaml", {});
    REQUIRE(job.has_value());
    const auto& endpoint = job->settings.endpoints[0];
    CHECK(endpoint.api == Api::raw);
    CHECK(endpoint.exact_url);
    CHECK(endpoint.url == "https://llm.example.com/generate/");
    CHECK(endpoint.auth == Auth::header);
    CHECK(endpoint.auth_header == "X-Own-Key");
    CHECK(
        endpoint.raw == R"({"request":{"prompt":"/inputs"},"answer":{"text":"/generated_text"}})"
    );
}

TEST_CASE("Each mistake in the map of raw is told with file, line and column.", "[config]") {
    CHECK(
        complaint_about(job_with("    raw:\n"
                                 "      request:\n"
                                 "        promt: /inputs\n"
                                 "      answer:\n"
                                 "        text:\n"
                                 "          - /a\n"
                                 "          - b\n"
                                 "        finish_words: {END: halt}\n"
                                 "      stream: {text: /t}\n")) ==
        "job.yaml:8:16: unknown key 'promt' in raw.request; did you mean 'prompt'?\n"
        "job.yaml:12:13: 'b' is no JSON pointer: it begins with a slash\n"
        "job.yaml:13:29: 'halt' is no finish_reason; it can be: stop, length, tool_calls, "
        "content_filter, paused, error\n"
        "job.yaml:14:15: stream.finish or stream.done is missing: what the end of a stream is "
        "known by; a stream that was cut off would count as whole"
    );
    CHECK(
        complaint_about(job_with("")) ==
        "job.yaml:3:5: raw is missing: where the parts of a request go, and where those of an "
        "answer stand (docs/apis.md)"
    );
    CHECK(
        complaint_about(job_with(least_map, "    max_tokens: 5\n")) ==
        "job.yaml:9:17: max_tokens has no place in the request: name it in raw.request.max_tokens"
    );
    CHECK(
        complaint_about(job_with("    raw: {request: {prompt: /p}, answer: {finish: /f}}\n")) ==
        "job.yaml:6:42: answer.text is missing: where the text of an answer stands"
    );
}

TEST_CASE("A key beside auth: none is refused, because it would never be sent.", "[config]") {
    const Variable key{"RAW_TEST_KEY", "CANARY-key"};
    CHECK(
        complaint_about(least_job_with(
            "    base_url: https://llm.example.com/v1\n",
            "    base_url: https://llm.example.com/v1\n    auth: none\n    api_key: "
            "${RAW_TEST_KEY}\n"
        )) == "job.yaml:5:11: auth is none, so the key would never be sent; leave one out"
    );
}
