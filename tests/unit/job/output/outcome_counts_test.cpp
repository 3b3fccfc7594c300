#include "job/output/outcome_counts.hpp"

#include "support/catch.hpp"

#include <optional>
#include <string>

using namespace skein;
using namespace skein::job;
using Catch::Matchers::Contains;

namespace {

Reply answered(const std::string& reason = "stop") {
    Reply reply;
    reply.outcome = Completion{.finish_reason = reason};
    reply.attempts = 1;
    return reply;
}

Reply failed(FaultKind kind = FaultKind::rejected, const std::string& words = "no such field") {
    Reply reply;
    reply.outcome = Fault{.kind = kind, .detail = "HTTP 400", .remote_message = words};
    return reply;
}

Tally told_by(const OutcomeCounts& counts) {
    Tally tally;
    counts.fill(tally);
    return tally;
}

}  // namespace

TEST_CASE("Answers are counted by the finish reason that the server gave.", "[job]") {
    OutcomeCounts counts{{}};
    for (int i = 0; i < 4; ++i) counts.add("a", answered("length"));
    counts.add("b", answered());
    counts.add("c", answered(""));
    const auto reasons = told_by(counts).finish_reasons;
    REQUIRE(reasons.size() == 2);
    CHECK(reasons[0].name == "length");
    CHECK(reasons[0].answers == 4);
    CHECK(reasons[1].name == "stop");
    CHECK(reasons[1].answers == 1);
}

TEST_CASE("A server that gives every answer another finish reason uses bounded memory.", "[job]") {
    OutcomeCounts counts{{}};
    for (int i = 0; i < 100; ++i) counts.add("a", answered("reason" + std::to_string(i)));
    CHECK(told_by(counts).finish_reasons.size() == 8);
}

TEST_CASE("Failed rows are reported with the server's message and their ids.", "[job]") {
    OutcomeCounts counts{{}};
    FailureGroups earlier;
    earlier.add({.id = "old", .code = "rejected", .words = "HTTP 400: no such field"});
    counts.begin_with(earlier);
    CHECK_FALSE(counts.add("new", failed()));
    counts.add("bad", failed(FaultKind::bad_input, "input line 3: it is empty"));
    const auto tally = told_by(counts);
    REQUIRE(tally.failures.size() == 2);
    CHECK(tally.failures[0].rows == 2);
    CHECK(tally.failures[0].words == "HTTP 400: no such field");
    CHECK(tally.failures[0].ids == std::vector<std::string>{"old", "new"});
    CHECK(tally.not_asked == 1);
}

TEST_CASE("A run stops at its limit of failed rows and names the most frequent failure.", "[job]") {
    OutcomeCounts counts{{.count = 3}};
    for (int i = 0; i < 50; ++i) counts.add("ok", answered());
    CHECK_FALSE(counts.add("one", failed()));
    CHECK_FALSE(counts.add("two", failed(FaultKind::server_error, "oh")));
    const auto why = counts.add("three", failed());
    REQUIRE(why);
    CHECK(why->kind == RunError::Kind::policy);
    CHECK_THAT(why->what, Contains("3 of 53 rows failed, and limits.max_failures is 3"));
    CHECK_THAT(why->what, Contains("2, such as one) rejected: HTTP 400: no such field"));
    CHECK_THAT(why->what, Contains("--retry-failed"));
}

TEST_CASE("A limit by share counts once 100 rows are finished.", "[job]") {
    const FailureLimit limit{{.share = 0.05}};
    CHECK_FALSE(limit.is_passed(99, 99));
    CHECK_FALSE(limit.is_passed(5, 100));
    CHECK(limit.is_passed(6, 100));
    CHECK_FALSE(limit.is_passed(50, 1000));
    CHECK(limit.is_passed(51, 1000));
    CHECK(limit.text() == "5%");
    CHECK(FailureLimit{{.share = 0.025}}.text() == "2.5%");
}

TEST_CASE("A run without a limit of failed rows never stops because of them.", "[job]") {
    const FailureLimit none{{}};
    CHECK_FALSE(none.is_passed(1'000'000, 1'000'000));
    CHECK(FailureLimit{{.count = 1}}.is_passed(1, 1));
    CHECK(FailureLimit{{.count = 100}}.text() == "100");
}
