#include "support/mock_bench.hpp"
#include "unit/job/file/scratch.hpp"

#include <skein/run.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

namespace skein {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using job::Scratch;
using mock::Mishap;

// A job with this number of rows in a temporary folder.
class Bench {
public:
    explicit Bench(int rows, const std::string& url = "mock:") : url_{url} {
        std::string lines;
        for (int i = 1; i <= rows; ++i) {
            const auto number = std::to_string(i);
            lines += R"({"custom_id":"row-)" + number + R"(","question":")" + number + "\"}\n";
        }
        questions.put("rows.jsonl", lines);
    }

    Job job(const std::string& more = "") const {
        auto parsed = parse_job(
            "version: 1\n"
            "endpoints: [{name: main, base_url: \"" +
                url_ +
                "\", model: small}]\n"
                "input: {file: \"" +
                questions.path("rows.jsonl") +
                "\"}\n"
                "request: {messages: [{role: user, content: \"echo:{{ question }}\"}]}\n"
                "output: {file: \"" +
                answers.path("out.jsonl") +
                "\", timings: false}\n"
                "backoff: {base: 1us, max: 1ms, throttled_base: 1us, throttled_max: 1ms}\n" +
                more,
            "job.yaml"
        );
        if (parsed.has_error()) FAIL(parsed.error().text());
        return *parsed;
    }

    std::size_t lines() const {
        const auto text = answers.get("out.jsonl");
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    Scratch questions;
    Scratch answers;

private:
    std::string url_;
};

RunError error_of(const Expected<Tally, RunError>& result) {
    REQUIRE(result.has_error());
    return result.error();
}

// Runs the job while another thread watches its progress and acts once, when a condition holds.
Expected<Tally, RunError> run_watched(
    Run& run,
    const std::function<bool(const Progress&)>& enough,
    const std::function<void()>& act = [] {}
) {
    std::atomic<bool> over = false;
    std::thread watching{[&] {
        while (!over && !enough(run.progress())) std::this_thread::yield();
        act();
    }};
    auto result = run.run();
    over = true;
    watching.join();
    return result;
}

TEST_CASE("A job runs to its end, and every row has its line in input order.", "[client][run]") {
    Bench bench{50};
    Run run{bench.job()};
    const auto result = run.run();
    REQUIRE(result.has_value());
    CHECK(result->is_consistent());
    CHECK(result->admitted == 50);
    CHECK(result->completed == 50);
    CHECK(result->written == 50);
    CHECK(result->resumed == 0);
    CHECK(result->failed_lines == 0);
    CHECK(bench.lines() == 50);
    const auto text = bench.answers.get("out.jsonl");
    std::size_t at = 0;
    for (int i = 1; i <= 50; ++i) {
        const auto found = text.find("\"row-" + std::to_string(i) + "\"", at);
        REQUIRE(found != std::string::npos);
        at = found;
    }
    const auto progress = run.progress();
    CHECK(progress.rows == 50);
    CHECK(progress.done == 50);
    CHECK(progress.written == 50);
    CHECK_FALSE(progress.oldest);
}

TEST_CASE("A job file is loaded from the disk and changed by its overrides.", "[client][run]") {
    Scratch folder;
    folder.put("rows.txt", "one\ntwo\n");
    const auto file = folder.put(
        "job.yaml",
        "version: 1\n"
        "endpoints: [{name: main, base_url: \"http://127.0.0.1:1/v1\", model: small}]\n"
        "input: {file: rows.txt}\n"
        "request: {messages: [{role: user, content: \"echo:{{ text }}\"}]}\n"
        "output: {file: out.jsonl}\n"
    );
    const auto job = load_job(file, {{"endpoints.main.base_url", "mock:", "--set"}});
    REQUIRE(job.has_value());
    const auto result = run_job(*job);
    if (result.has_error()) FAIL(result.error().what);
    CHECK(result->written == 2);
    CHECK(folder.has("out.jsonl"));
}

TEST_CASE("A plan sends nothing and creates nothing.", "[client][run]") {
    mock::Server server;
    Bench bench{3, server.base_url()};
    Run run{bench.job()};
    const auto plan = run.plan();
    REQUIRE(plan.has_value());
    CHECK(plan->find("3 rows") != std::string::npos);
    CHECK(plan->find("nothing was sent") != std::string::npos);
    CHECK(server.sums().requests == 0);
    CHECK(std::filesystem::is_empty(bench.answers.path("")));
}

TEST_CASE("Progress never decreases, and a written row was done before.", "[client][run]") {
    mock::Server server{{.latency = mock::Uniform{0ms, 3ms}}};
    Bench bench{300, server.base_url()};
    Run run{bench.job()};
    std::atomic<bool> right = true;
    Progress last;
    const auto result = run_watched(run, [&](const Progress& now) {
        if (now.done < last.done || now.written < last.written || now.rows > 300) right = false;
        if (now.written > now.done || now.done > 300) right = false;
        last = now;
        return false;
    });
    REQUIRE(result.has_value());
    CHECK(right);
}

TEST_CASE("A stopped run lets requests in flight finish and can be resumed.", "[client][run]") {
    mock::Server server{{.latency = mock::Constant{2ms}}};
    Bench bench{200, server.base_url()};
    const std::string few = "limits: {in_flight: 2}\n";
    Run run{bench.job(few)};
    const auto first = run_watched(
        run, [](const Progress& now) { return now.done >= 10; }, [&] { run.stop(); }
    );
    const auto error = error_of(first);
    CHECK(error.kind == RunError::Kind::stopped);
    CHECK(run.progress().done >= 10);
    CHECK_FALSE(bench.answers.has("out.jsonl"));
    CHECK(bench.answers.has("out.jsonl.journal"));

    const auto second = run_job(bench.job(few));
    REQUIRE(second.has_value());
    CHECK(second->resumed >= 10);
    CHECK(second->written == 200);
    CHECK(bench.lines() == 200);
    CHECK(server.sums().requests == 200);  // No row was asked twice.
}

TEST_CASE("A cancelled run ends at once even if the server is silent.", "[client][run]") {
    mock::Server server{silent()};
    Bench bench{20, server.base_url()};
    Run run{bench.job()};
    const auto result = run_watched(
        run,
        [&](const Progress&) { return server.sums().in_flight >= 20; },
        [&] {
            run.cancel();
            run.cancel();
        }
    );
    CHECK(error_of(result).kind == RunError::Kind::stopped);
    CHECK(run.progress().done == 0);
}

TEST_CASE("A stopped run waits for requests in flight no longer than its grace.", "[client][run]") {
    mock::Server server{silent()};
    Bench bench{5, server.base_url()};
    Run run{bench.job("grace: 20ms\n")};
    const auto result = run_watched(
        run, [&](const Progress&) { return server.sums().in_flight >= 5; }, [&] { run.stop(); }
    );
    CHECK(error_of(result).kind == RunError::Kind::stopped);
}

TEST_CASE("A run that is stopped before it begins sends nothing.", "[client][run]") {
    mock::Server server;
    Bench bench{5, server.base_url()};
    Run run{bench.job()};
    run.stop();
    CHECK(error_of(run.run()).kind == RunError::Kind::stopped);
    CHECK(server.sums().requests == 0);
}

TEST_CASE(
    "A row that fails for good has its line, and the other rows have theirs.", "[client][run]"
) {
    mock::Server server{weather_of({.fault = Mishap::status, .status = 400, .contains = "echo:7"})};
    Bench bench{9, server.base_url()};
    const auto result = run_job(bench.job());
    REQUIRE(result.has_value());
    CHECK(result->written == 9);
    CHECK(result->failed_lines == 1);
    CHECK(result->failed == 1);
    CHECK(bench.lines() == 9);
}

TEST_CASE(
    "A refused key stops the run, and no row is recorded as failed for it.", "[client][run]"
) {
    mock::Server server{weather_of({.fault = Mishap::status, .status = 401})};
    Bench bench{20, server.base_url()};
    const auto error = error_of(run_job(bench.job("limits: {in_flight: 2}\n")));
    CHECK(error.kind == RunError::Kind::policy);
    CHECK(error.what.find("auth") != std::string::npos);
    CHECK(server.sums().requests <= 2);

    server.set_weather({});
    const auto second = run_job(bench.job());
    REQUIRE(second.has_value());
    CHECK(second->completed == 20);
    CHECK(second->resumed == 0);
}

TEST_CASE("A missing input is reported before anything is created.", "[client][run]") {
    Bench bench{1};
    auto job = bench.job();
    job.input.file = bench.questions.path("nowhere.jsonl");
    CHECK(error_of(run_job(job)).kind == RunError::Kind::config);
    CHECK(std::filesystem::is_empty(bench.answers.path("")));
}

TEST_CASE("A missing output folder is created by a run, but not by a plan.", "[client][run]") {
    Bench bench{3};
    auto job = bench.job();
    job.output.file = bench.answers.path("nowhere/deep/out.jsonl");
    const auto plan = Run{job}.plan();
    REQUIRE(plan.has_value());
    CHECK_THAT(*plan, Contains("its folder will be made"));
    CHECK_FALSE(bench.answers.has("nowhere"));
    CHECK(run_job(job).has_value());
    CHECK(bench.answers.has("nowhere/deep/out.jsonl"));
}

TEST_CASE("An impossible output folder is reported before anything is sent.", "[client][run]") {
    mock::Server server;
    Bench bench{3, server.base_url()};
    auto job = bench.job();
    job.output.file = bench.answers.put("file", "") + "/out.jsonl";
    CHECK(error_of(run_job(job)).kind == RunError::Kind::config);
    CHECK(server.sums().requests == 0);
}

TEST_CASE(
    "Only failed rows are asked again with --retry-failed, even if overwriting is allowed.",
    "[client][run]"
) {
    mock::Server server{weather_of({.fault = Mishap::status, .status = 400, .contains = "echo:7"})};
    Bench bench{9, server.base_url()};
    const auto first = run_job(bench.job());
    REQUIRE(first.has_value());
    REQUIRE(first->failures.size() == 1);
    CHECK(first->failures[0].code == "rejected");
    CHECK(first->failures[0].ids == std::vector<std::string>{"row-7"});

    auto job = bench.job();
    const auto known = run_job(job);
    REQUIRE(known.has_value());
    CHECK(known->failures.size() == 1);  // Read from the journal.
    CHECK(known->earlier.answers == 8);

    job.retry_failed = true;
    job.output.overwrite = true;
    const auto plan = Run{job}.plan();
    REQUIRE(plan.has_value());
    CHECK_THAT(*plan, Contains("resumed: 9 rows are done, 1 of them failed; 1 is left to ask"));
    server.set_weather({});
    const auto again = run_job(job);
    REQUIRE(again.has_value());
    CHECK(again->admitted == 1);
    CHECK(again->failed_lines == 0);
    CHECK(again->failures.empty());
    CHECK(server.sums().requests == 10);
    CHECK(bench.lines() == 9);

    CHECK(run_job(job)->admitted == 0);  // There is nothing left to ask.
    CHECK(server.sums().requests == 10);
}

TEST_CASE("A stopped run that replaces a result resumes where it stopped.", "[client][run]") {
    mock::Server server{{.latency = mock::Constant{2ms}}};
    Bench bench{50, server.base_url()};
    auto job = bench.job("limits: {in_flight: 2}\n");
    REQUIRE(run_job(job).has_value());
    job.output.overwrite = true;
    Run run{job};
    const auto stopped = run_watched(
        run, [](const Progress& now) { return now.done >= 10; }, [&] { run.stop(); }
    );
    CHECK(error_of(stopped).kind == RunError::Kind::stopped);
    const auto again = run_job(job);
    REQUIRE(again.has_value());
    CHECK(again->resumed >= 10);
    CHECK(server.sums().requests == 100);  // Each row once for each of the two results.
    CHECK(run_job(job)->resumed == 0);
}

TEST_CASE("A retry is refused if the result has no journal.", "[client][run]") {
    mock::Server server;
    Bench bench{3, server.base_url()};
    auto job = bench.job();
    bench.answers.put("out.jsonl", "precious");
    job.retry_failed = job.output.overwrite = true;
    CHECK_THAT(error_of(run_job(job)).what, Contains("has no journal beside it"));
    CHECK(bench.answers.get("out.jsonl") == "precious");
    CHECK(server.sums().requests == 0);
}

TEST_CASE("A plan and a run report the same state of an earlier run.", "[client][run]") {
    Bench bench{4};
    const auto told = [&](Job job, const std::string& plan_says) {
        const auto plan = Run{job}.plan();
        REQUIRE(plan.has_value());
        CHECK_THAT(*plan, Contains("  earlier   " + plan_says + "\n"));
        std::string log;
        job.settings.log = [&](LogLevel, std::string_view text) { log += text; };
        CHECK(run_job(job).has_value());
        if (plan_says != "none") CHECK_THAT(log, Contains(plan_says));
    };
    told(bench.job(), "none");
    told(bench.job(), "complete already: 4 rows are done; nothing is left to ask");
    auto job = bench.job();
    job.output.overwrite = true;
    told(job, "replaced because of overwrite: the result of an earlier run");
}

TEST_CASE(
    "A run stops after too many failed rows and names the most frequent failure.", "[client][run]"
) {
    mock::Server server{weather_of({.fault = Mishap::status, .status = 400})};
    Bench bench{200, server.base_url()};
    const auto error =
        error_of(run_job(bench.job("limits: {in_flight: 2, max_failures: 5, same_refusals: 0}\n")));
    CHECK(error.kind == RunError::Kind::policy);
    CHECK_THAT(error.what, Contains("5 of 5 rows failed, and limits.max_failures is 5"));
    CHECK_THAT(error.what, Contains("such as row-1) rejected: HTTP 400"));
    CHECK(server.sums().requests < 200);
}

TEST_CASE(
    "A template with a field that no row has is refused before anything is sent.", "[client][run]"
) {
    const Bench bench{3};
    auto job = bench.job();
    job.request = R"({"messages":[{"role":"user","content":"{{ qestion }}"}]})";
    Run run{job};
    const auto error = error_of(run.run());
    CHECK(error.kind == RunError::Kind::config);
    CHECK_THAT(error.what, Contains("no row of the input has the field `qestion`"));
    CHECK_THAT(error.what, Contains("the first has: custom_id, question"));
    CHECK_THAT(error.what, Contains("`question`?"));
    CHECK(std::filesystem::is_empty(bench.answers.path("")));

    job.request = R"({"messages":[{"role":"user","content":"{{ qestion | default('x') }}"}]})";
    CHECK(Run{job}.run().value().failed_lines == 0);
}

TEST_CASE("A template with a field that only the last row has is accepted.", "[client][run]") {
    Bench bench{2};
    bench.questions.put(
        "rows.jsonl",
        R"({"id":1})"
        "\n"
        R"({"id":2})"
        "\n"
        R"({"question":"3"})"
        "\n"
    );
    const auto tally = run_job(bench.job());
    CHECK(tally.value().failed_lines == 2);
    CHECK(tally.value().rows == 3);
}

TEST_CASE("A valid template with a probable mistake gives a warning.", "[client][run]") {
    Bench bench{4};
    auto job = bench.job();
    job.request = R"({"messages":[{"role":"user","content":"{question}"}]})";
    std::string log;
    job.settings.log = [&](LogLevel, std::string_view text) { log += text; };
    REQUIRE(Run{job}.plan().has_value());
    CHECK_THAT(log, Contains("job.yaml:4:44: `{question}` is sent as it stands"));
    CHECK_THAT(log, Contains("so all 4 requests are the same; the input has: custom_id, question"));
    CHECK_THAT(log, Contains("write {{ question }} where it is to go"));
}

TEST_CASE(
    "An output folder that disappears while a job runs is a local failure.", "[client][run]"
) {
    mock::Server server{{.latency = mock::Constant{2ms}}};
    Bench bench{50, server.base_url()};
    Run run{bench.job("limits: {in_flight: 1}\n")};
    const auto result = run_watched(
        run,
        [](const Progress& now) { return now.done >= 1; },
        [&] { std::filesystem::remove_all(bench.answers.path("")); }
    );
    const auto error = error_of(result);
    CHECK(error.kind == RunError::Kind::local);
    CHECK_FALSE(error.what.empty());
}

TEST_CASE("An output that appears while a job runs is not overwritten.", "[client][run]") {
    mock::Server server{{.latency = mock::Constant{2ms}}};
    Bench bench{50, server.base_url()};
    Run run{bench.job("limits: {in_flight: 1}\n")};
    const auto result = run_watched(
        run,
        [](const Progress& now) { return now.done >= 1; },
        [&] { bench.answers.put("out.jsonl", "somebody else's"); }
    );
    CHECK(error_of(result).kind == RunError::Kind::local);
    CHECK(bench.answers.get("out.jsonl") == "somebody else's");
}

}  // namespace
}  // namespace skein
