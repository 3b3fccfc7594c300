#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <skein/job.hpp>

#include <sys/stat.h>
#include <tuple>

using namespace skein;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using test::complaint_about;
using test::least_job;
using test::least_job_with;
using test::Variable;

namespace {

Job parsed(const std::string& text) {
    auto job = parse_job(text, "job.yaml");
    INFO((job.has_error() ? job.error().text() : std::string{}));
    REQUIRE(job.has_value());
    return *std::move(job);
}

const std::string url_line = "    base_url: https://llm.example.com/v1\n";

std::string with_endpoint_lines(const std::string& lines) {
    return least_job_with(url_line, url_line + lines);
}

}  // namespace

TEST_CASE("The shortest job file has eleven lines, and defaults for the rest.", "[config]") {
    const auto job = parsed(least_job);
    const Settings defaults;
    CHECK(job.file == "job.yaml");
    REQUIRE(job.settings.endpoints.size() == 1);
    CHECK(job.settings.endpoints.front().name == "main");
    CHECK(job.settings.endpoints.front().url == "https://llm.example.com/v1");
    CHECK(job.settings.endpoints.front().api_key.empty());
    CHECK(job.settings.in_flight == defaults.in_flight);
    CHECK(job.settings.attempts == defaults.attempts);
    CHECK_FALSE(job.settings.timeouts.first_byte);
    CHECK(job.window == Job{}.window);
    CHECK(job.input.file == "prompts.jsonl");
    CHECK(job.input.format == Input::Format::automatic);
    CHECK(job.output.file == "replies.jsonl");
    CHECK(job.request == "{\"messages\":[{\"role\":\"user\",\"content\":\"{{ question }}\"}]}");
    CHECK(job.warnings.empty());
}

TEST_CASE("A key written in a header gives a warning that does not contain it.", "[config]") {
    const Variable key{"SKEIN_TEST_KEY", "CANARY-key"};
    const auto warnings = [](const std::string& header) {
        return parsed(with_endpoint_lines("    headers: {" + header + "}\n")).warnings;
    };
    const auto told = warnings("X-Api-Key: CANARY-key");
    REQUIRE(told.size() == 1);
    CHECK_THAT(
        told.front(), StartsWith("job.yaml:5:26: the header X-Api-Key seems to carry a key")
    );
    CHECK(told.front().find("CANARY") == std::string::npos);
    CHECK(warnings("x-api-key: '${SKEIN_TEST_KEY}'").empty());
    CHECK(warnings("x-project: demo").empty());
}

TEST_CASE("An endpoint without a price gives a warning if the cost is limited.", "[config]") {
    const auto warnings = [](const std::string& prices) {
        return parsed(
                   with_endpoint_lines(
                       "    output_price: 2\n    input_price: 1\n  - {name: b, base_url: 'mock:'" +
                       prices + "}\n"
                   ) +
                   "limits: {max_cost: 5}\n"
        )
            .warnings;
    };
    CHECK(warnings(", input_price: 1, output_price: 2").empty());
    REQUIRE(warnings("").size() == 1);
    CHECK(
        warnings("").front() ==
        "limits.max_cost: all of what endpoint b is asked counts as free, because its prices are "
        "not given"
    );
    CHECK_THAT(warnings(", input_price: 1").front(), Contains("a part of what endpoint b"));
}

TEST_CASE("A job stops by default at twenty equal refusals, and not at failures.", "[config]") {
    const auto job = parsed(least_job);
    CHECK(job.settings.same_refusals == 20);
    CHECK(Settings{}.same_refusals == 0);
    CHECK(job.settings.first_answer == 30s);
    CHECK(job.max_failures.count == 0);
    CHECK(job.max_failures.share == 0);
}

TEST_CASE("The limit of failures is a number of rows or a share of them.", "[config]") {
    const auto limit = [](const std::string& value) {
        return parsed(std::string{least_job} + "limits: {max_failures: " + value + "}\n")
            .max_failures;
    };
    CHECK(limit("100").count == 100);
    CHECK(limit("100").share == 0);
    CHECK(limit("5%").share == 0.05);
    CHECK(limit("100%").share == 1);
    CHECK(limit("0").count == 0);
}

TEST_CASE("Every key of a job file is stored in its setting.", "[config]") {
    const Variable key{"SKEIN_TEST_KEY", "CANARY-key"};
    const auto job = parsed(
        "version: 1\n"
        "endpoints:\n"
        "  - {name: eu, api: openai, base_url: 'https://llm.example.com/', model: m-1, "
        "api_key: '${SKEIN_TEST_KEY}', headers: {x-a: one, x-b: 2}, in_flight: 5, rpm: 60, tpm: "
        "1000.5, input_tpm: 800, output_tpm: 200.5, "
        "allow_plaintext: true}\n"
        "input: {file: '-', format: csv}\n"
        "request: {stream: true}\n"
        "output: {file: '-', order: completion, timings: false, overwrite: true, durability: "
        "each}\n"
        "limits: {in_flight: 7, window: 70, attempts: 2, max_retry_after: 2s, "
        "first_answer: 3s, same_refusals: 4, max_failures: 2.5%, wire_threads: 0}\n"
        "timeouts: {connect: 1ms, first_byte: 2ms, idle: 3ms, content: 4ms, attempt: 5ms, request: "
        "6ms, "
        "job: 7ms}\n"
        "grace: 8ms\n"
        "backoff: {base: 9ms, max: 10ms, throttled_base: 11ms, throttled_max: 12ms}\n"
        "read: {headers: 1kB, body: 2MB, line: 3KiB, event: 4, depth: 5}\n"
        "seed: 18446744073709551615\n"
    );
    const auto& endpoint = job.settings.endpoints.front();
    CHECK(endpoint.name == "eu");
    CHECK(endpoint.url == "https://llm.example.com");
    CHECK(endpoint.model == "m-1");
    CHECK(endpoint.api_key.reveal() == "CANARY-key");
    CHECK(
        endpoint.headers ==
        std::vector<std::pair<std::string, std::string>>{{"x-a", "one"}, {"x-b", "2"}}
    );
    CHECK(endpoint.in_flight == 5);
    CHECK(endpoint.rpm == 60);
    CHECK(endpoint.tpm == 1000.5);
    CHECK(endpoint.input_tpm == 800);
    CHECK(endpoint.output_tpm == 200.5);
    CHECK(endpoint.allow_plaintext);
    CHECK(job.input.file == "-");
    CHECK(job.input.format == Input::Format::csv);
    CHECK(job.request == "{\"stream\":true}");
    CHECK(job.output.file == "-");
    CHECK(job.output.order == Output::Order::completion);
    CHECK_FALSE(job.output.timings);
    CHECK(job.output.overwrite);
    CHECK(job.output.durability == Output::Durability::each);
    CHECK(job.settings.in_flight == 7);
    CHECK(job.window == 70);
    CHECK(job.settings.attempts == 2);
    CHECK(job.settings.max_retry_after == 2s);
    CHECK(job.settings.first_answer == 3s);
    CHECK(job.settings.same_refusals == 4);
    CHECK(job.max_failures.share == 0.025);
    CHECK(job.max_failures.count == 0);
    CHECK(job.settings.wire_threads == 0);
    CHECK(job.settings.timeouts.connect == 1ms);
    CHECK(job.settings.timeouts.first_byte == 2ms);
    CHECK(job.settings.timeouts.idle == 3ms);
    CHECK(job.settings.timeouts.content == 4ms);
    CHECK(job.settings.timeouts.attempt == 5ms);
    CHECK(job.settings.timeouts.request == 6ms);
    CHECK(job.timeout == 7ms);
    CHECK(job.grace == 8ms);
    CHECK(job.settings.backoff.base == 9ms);
    CHECK(job.settings.backoff.max == 10ms);
    CHECK(job.settings.backoff.throttled_base == 11ms);
    CHECK(job.settings.backoff.throttled_max == 12ms);
    CHECK(job.settings.read.headers == 1'000);
    CHECK(job.settings.read.body == 2'000'000);
    CHECK(job.settings.read.line == 3'072);
    CHECK(job.settings.read.event == 4);
    CHECK(job.settings.read.depth == 5);
    CHECK(job.settings.seed == 18446744073709551615u);
}

TEST_CASE("Paths in a job file are relative to the job file.", "[config]") {
    const test::Folder folder;
    folder.write("ca.pem", "x");
    ::chmod(folder.write("main.key", "CANARY-key\n").c_str(), 0600);
    auto text = with_endpoint_lines("    ca_file: ca.pem\n    api_key_file: main.key\n");
    auto job = load_job(folder.write("job.yaml", text));
    REQUIRE(job.has_value());
    CHECK(job->input.file == folder.path("prompts.jsonl"));
    CHECK(job->output.file == folder.path("replies.jsonl"));
    CHECK(job->settings.endpoints.front().ca_file == folder.path("ca.pem"));
    CHECK(job->settings.endpoints.front().api_key.reveal() == "CANARY-key");
    CHECK(job->warnings.empty());

    text = least_job_with("https://llm.example.com/v1", "mock:storm.yaml");
    text.replace(text.find("prompts.jsonl"), 13, "/data/prompts.jsonl");
    text.replace(text.find("replies.jsonl"), 13, "'-'");
    job = load_job(folder.write("job.yaml", text));
    REQUIRE(job.has_value());
    CHECK(job->settings.endpoints.front().url == "mock:" + folder.path("storm.yaml"));
    CHECK(job->input.file == "/data/prompts.jsonl");
    CHECK(job->output.file == "-");
}

TEST_CASE("A mock URL without a file stays unchanged.", "[config]") {
    const test::Folder folder;
    const auto job =
        load_job(folder.write("job.yaml", least_job_with("https://llm.example.com/v1", "'mock:'")));
    REQUIRE(job.has_value());
    CHECK(job->settings.endpoints.front().url == "mock:");
}

TEST_CASE("A key written in a job file is refused.", "[config]") {
    for (const auto* value :
         {"CANARY-key",
          "\"CANARY-key\"",
          "${SKEIN_TEST_KEY}CANARY",
          "[CANARY]",
          "",
          "{CANARY: 1}"}) {
        const auto text =
            complaint_about(with_endpoint_lines("    api_key: " + std::string{value} + "\n"));
        CHECK_THAT(text, Contains("api_key must be the name of an environment variable"));
        CHECK_THAT(text, Contains("and never the key itself") && !Contains("CANARY"));
    }
    CHECK_THAT(
        complaint_about(with_endpoint_lines("    api_key: x\n")), StartsWith("job.yaml:5:14: ")
    );
}

TEST_CASE("The variable of a key must be set, and hold a valid key.", "[config]") {
    const auto text = with_endpoint_lines("    api_key: ${SKEIN_TEST_KEY}\n");
    {
        const Variable missing{"SKEIN_TEST_KEY", std::nullopt};
        CHECK(
            complaint_about(text) ==
            "job.yaml:5:14: the environment variable SKEIN_TEST_KEY is not set, or is empty"
        );
    }
    for (const auto* empty : {"", "\n"}) {
        const Variable variable{"SKEIN_TEST_KEY", empty};
        CHECK_THAT(complaint_about(text), EndsWith("is not set, or is empty"));
    }
    {
        const Variable trailing{"SKEIN_TEST_KEY", "CANARY-key\n"};
        CHECK(parsed(text).settings.endpoints.front().api_key.reveal() == "CANARY-key");
    }
    for (const auto* evil : {"CANARY\r\nX-Evil: 1", "CANARY\n\n", "CANARY key\t"}) {
        const Variable variable{"SKEIN_TEST_KEY", evil};
        CHECK_THAT(
            complaint_about(text),
            StartsWith("job.yaml:5:14: the key cannot be sent") && !Contains("CANARY")
        );
    }
}

TEST_CASE("A world-readable key file adds a warning.", "[config]") {
    const test::Folder folder;
    const auto key = folder.write("main.key", "CANARY-key\n");
    const auto path = folder.write("job.yaml", with_endpoint_lines("    api_key_file: main.key\n"));
    ::chmod(key.c_str(), 0644);
    const auto job = load_job(path);
    REQUIRE(job.has_value());
    REQUIRE(job->warnings.size() == 1);
    CHECK(
        job->warnings.front() ==
        path + ":5:19: everybody on this machine may read the key file " + key + "; chmod 600 it"
    );
}

TEST_CASE("An invalid key file is an error at its place in the job file.", "[config]") {
    const test::Folder folder;
    const auto complaint = [&](const std::string& key) {
        ::chmod(folder.write("main.key", key).c_str(), 0600);
        const auto job =
            load_job(folder.write("job.yaml", with_endpoint_lines("    api_key_file: main.key\n")));
        return job ? std::string{} : job.error().text();
    };
    const auto where = folder.path("job.yaml") + ":5:19: ";
    CHECK_THAT(
        complaint("CANARY\nkey\n"),
        StartsWith(where) && Contains("more than one line") && !Contains("CANARY")
    );
    CHECK_THAT(complaint(""), StartsWith(where) && Contains("is empty"));
    CHECK_THAT(
        complaint("CANARY\x01key\n"),
        StartsWith(where) && Contains("the key cannot be sent") && !Contains("CANARY")
    );
}

TEST_CASE("Variables are expanded in values, and typed by their content.", "[config]") {
    const Variable host{"SKEIN_TEST_HOST", "eu.example.com"};
    const Variable rpm{"SKEIN_TEST_RPM", "90"};
    const Variable style{"SKEIN_TEST_STYLE", "terse: \"yes\"\\"};
    const auto text =
        least_job_with(
            url_line, "    base_url: https://${SKEIN_TEST_HOST}/v1\n    rpm: ${SKEIN_TEST_RPM}\n"
        ) +
        "  max_tokens: ${SKEIN_TEST_RPM}\n  stop: '${SKEIN_TEST_RPM}'\n  user: be "
        "${SKEIN_TEST_STYLE}\n"
        "  x: $${HOME}\n";
    const auto job = parsed(text);
    CHECK(job.settings.endpoints.front().url == "https://eu.example.com/v1");
    CHECK(job.settings.endpoints.front().rpm == 90);
    CHECK_THAT(
        job.request,
        EndsWith(",\"max_tokens\":90,\"stop\":\"90\",\"user\":\"be terse: "
                 "\\\"yes\\\"\\\\\",\"x\":\"${HOME}\"}")
    );
}

TEST_CASE("A secret in the wrong place does not appear in the error.", "[config]") {
    const Variable secret{"SKEIN_TEST_SECRET", "CANARY-key"};
    const auto rpm = complaint_about(with_endpoint_lines("    rpm: ${SKEIN_TEST_SECRET}\n"));
    CHECK_THAT(rpm, Contains("not the value of ${SKEIN_TEST_SECRET}") && !Contains("CANARY"));
    const auto url = complaint_about(
        least_job_with("https://llm.example.com/v1", "https://u:${SKEIN_TEST_SECRET}@host")
    );
    CHECK_THAT(url, Contains("no password") && !Contains("CANARY"));
    const auto order = complaint_about(least_job + "grace: ${SKEIN_TEST_SECRET}\n");
    CHECK_THAT(order, !Contains("CANARY"));
}

TEST_CASE("The output cannot be the input file, under any of its names.", "[config]") {
    const test::Folder folder;
    folder.write("prompts.jsonl", "{}\n");
    std::filesystem::create_hard_link(folder.path("prompts.jsonl"), folder.path("hard.jsonl"));
    std::filesystem::create_symlink("prompts.jsonl", folder.path("soft.jsonl"));
    for (const std::string name :
         {"prompts.jsonl", "./prompts.jsonl", "x/../prompts.jsonl", "hard.jsonl", "soft.jsonl"}) {
        CAPTURE(name);
        const auto job = load_job(folder.write("job.yaml", least_job_with("replies.jsonl", name)));
        REQUIRE(job.has_error());
        CHECK(
            job.error().text() ==
            folder.path("job.yaml") +
                ":8:9: output.file is the input file; the replies would destroy the questions"
        );
    }
    CHECK_THAT(
        complaint_about(least_job_with("replies.jsonl", "a/../prompts.jsonl")),
        Contains("is the input file")
    );
}

TEST_CASE("The error of an unreadable job file gives the reason.", "[config]") {
    const test::Folder folder;
    CHECK_THAT(
        load_job(folder.path("none.yaml")).error().text(),
        StartsWith(folder.path("none.yaml") + ": cannot be read: ")
    );
    CHECK_THAT(load_job(folder.path("")).error().text(), EndsWith("it is a folder"));
    CHECK_THAT(
        load_job(folder.write("empty.yaml", "")).error().text(),
        EndsWith(":1:1: there is nothing in it")
    );
    CHECK_THAT(
        load_job(folder.write("large.yaml", std::string(3'000'000, '#'))).error().text(),
        EndsWith("larger than 1 MB: that is no job file")
    );
    CHECK_THAT(load_job("/dev/zero").error().text(), StartsWith("/dev/zero: larger than 1 MB"));
}

TEST_CASE("The keys for the connection to an endpoint are stored in its settings.", "[config]") {
    const Variable proxy{"SKEIN_TEST_PROXY", "http://me:CANARY@proxy.example.com:3128"};
    const test::Folder folder;
    const auto pem = folder.write("own.pem", "x");
    const auto job = parsed(
        "version: 1\n"
        "endpoints:\n"
        "  - {name: a, url: 'https://llm.example.com/x/?v=1', api_key_command: [sh, -c, 'echo 1'], "
        "api_key_lifetime: 55m, proxy: '${SKEIN_TEST_PROXY}', client_cert: " +
        pem + ", client_key: " + pem +
        "}\n"
        "  - {name: b, base_url: 'unix:/run/llm.sock:/v1'}\n"
        "  - {name: c, base_url: 'https://llm.example.com/v1', proxy: none}\n"
        "proxy: socks5h://127.0.0.1:1080\n"
        "input: {file: '-', format: csv}\n"
        "request: {stream: true}\n"
        "output: {file: '-'}\n"
    );
    const auto& [a, b, c] =
        std::tie(job.settings.endpoints[0], job.settings.endpoints[1], job.settings.endpoints[2]);
    CHECK(a.exact_url);
    CHECK(a.url == "https://llm.example.com/x/?v=1");
    CHECK(a.api_key_command == std::vector<std::string>{"sh", "-c", "echo 1"});
    CHECK(a.key_from == "the command sh");
    CHECK(a.api_key_lifetime == 55min);
    CHECK(a.proxy == "http://proxy.example.com:3128");
    CHECK(a.proxy_login.reveal() == "me:CANARY");
    CHECK(a.client_cert == pem);
    CHECK(a.client_key == pem);
    CHECK_FALSE(b.exact_url);
    CHECK(b.url == "unix:/run/llm.sock:/v1");
    CHECK(b.proxy == "socks5h://127.0.0.1:1080");
    CHECK(c.proxy.empty());
}

TEST_CASE(
    "A key in the query of a URL gives a warning, unless it comes from a variable.", "[config]"
) {
    const Variable key{"SKEIN_TEST_KEY", "CANARY"};
    const auto warnings = [](const std::string& query) {
        return parsed(least_job_with(
                          "https://llm.example.com/v1", "'https://llm.example.com/v1?" + query + "'"
                      ))
            .warnings;
    };
    REQUIRE(warnings("a=1&subscription-key=CANARY").size() == 1);
    CHECK_THAT(
        warnings("a=1&subscription-key=CANARY").front(),
        StartsWith("job.yaml:4:15: subscription-key in the query seems to carry a key") &&
            !Contains("CANARY")
    );
    CHECK(warnings("key=${SKEIN_TEST_KEY}").empty());
    CHECK(warnings("api-version=2024-10-21").empty());
}
