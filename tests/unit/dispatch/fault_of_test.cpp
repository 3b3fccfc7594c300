// Attribution of failures: the dispatcher decides if the request is at fault, the endpoint, or
// something that all requests share.
#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

#include <algorithm>
#include <string>

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};
const Trail trail{noon, noon, noon, noon};

const Fault bad_template{
    .kind = FaultKind::rejected,
    .detail = "HTTP 400, invalid_request_error, unsupported_parameter (request r1)",
    .remote_message = "max_tokens is not supported",
    .http_status = 400};
const Fault wrong_path{.kind = FaultKind::not_found, .detail = "HTTP 404", .http_status = 404};

struct Job : test::Told {
    explicit Job(std::size_t endpoints = 1, std::size_t in_flight = 64)
        : test::Told{
              {.time = 60s, .same_refusals = 20, .spares = true},
              all(endpoints),
              {.in_flight = in_flight}} {}

    static std::vector<EndpointSettings> all(std::size_t count) {
        std::vector<EndpointSettings> endpoints;
        for (std::size_t i = 0; i < count; ++i) {
            endpoints.push_back({.name = "e" + std::to_string(i), .places = 64});
        }
        return endpoints;
    }

    void submit_all(Sequence count) {
        for (Sequence seq = 1; seq <= count; ++seq) submit(noon, seq);
    }
    void finish(std::size_t which, const Outcome& outcome, TimePoint now = noon) {
        test::Told::finish(now, started.at(which).id, outcome, trail);
    }
    std::size_t delivered_as(FaultKind kind) const {
        return static_cast<std::size_t>(std::ranges::count_if(delivered, [&](const auto& d) {
            return d.reply.fault() && d.reply.fault()->kind == kind;
        }));
    }
};

TEST_CASE(
    "Twenty equal refusals before the first answer end a job, and no row counts as failed.",
    "[dispatch]"
) {
    Job job;
    job.submit_all(100);
    for (std::size_t i = 0; i < 19; ++i) job.finish(i, bad_template);
    CHECK(job.delivered.empty());
    for (std::size_t i = 19; i < job.started.size(); ++i) job.finish(i, bad_template);
    CHECK(job.delivered_as(FaultKind::no_endpoint) == 100);
    CHECK(job.last_fault().remote_message == "max_tokens is not supported");
    CHECK(job.last_fault().detail.starts_with(
        "the first 83 requests that ended all got the same answer, rejected (HTTP 400"
    ));
}

TEST_CASE(
    "After twenty equal refusals no attempt starts while an answer may still come.", "[dispatch]"
) {
    Job job;
    job.submit_all(100);
    for (std::size_t i = 0; i < 20; ++i) job.finish(i, bad_template);
    CHECK(job.started.size() == 64 + 19);  // The place of the twentieth stays empty.
    CHECK(job.delivered.empty());
    job.finish(20, Completion{.text = "four"});  // Refusals end before answers.
    CHECK(job.delivered_as(FaultKind::rejected) == 20);
    CHECK(job.started.size() == 64 + 21);
}

TEST_CASE(
    "Held refusals are delivered as faults of their rows after the first answer.", "[dispatch]"
) {
    Job job;
    job.submit_all(50);
    for (std::size_t i = 0; i < 19; ++i) job.finish(i, bad_template);
    job.finish(19, Completion{.text = "four"});
    CHECK(job.delivered_as(FaultKind::rejected) == 19);
    job.finish(20, bad_template);  // And from then on they are told at once.
    CHECK(job.delivered_as(FaultKind::rejected) == 20);
}

TEST_CASE("Refusals in different words do not end the job.", "[dispatch]") {
    Job job;
    job.submit_all(30);
    auto other = bad_template;
    other.detail = "HTTP 400, invalid_request_error, string_too_long";
    for (std::size_t i = 0; i < 30; ++i) job.finish(i, i % 2 ? other : bad_template);
    CHECK(job.delivered_as(FaultKind::rejected) == 30);  // When nothing is left that could tell.
}

TEST_CASE("Refusals that differ only in request ids and numbers count as equal.", "[dispatch]") {
    Job job;
    job.submit_all(20);
    for (std::size_t i = 0; i < 20; ++i) {
        job.finish(
            i,
            Fault{
                .kind = FaultKind::rejected,
                .detail = "HTTP 400 (request r" + std::to_string(i) + ")",
                .remote_message = "no such parameter, line " + std::to_string(i),
                .http_status = 400}
        );
    }
    CHECK(job.delivered_as(FaultKind::no_endpoint) == 20);
}

TEST_CASE("A job with fewer refused rows than the limit has failed rows.", "[dispatch]") {
    Job job;
    job.submit_all(3);
    job.finish(0, bad_template);
    job.finish(1, bad_template);
    CHECK(job.delivered.empty());
    job.finish(2, bad_template);
    CHECK(job.delivered_as(FaultKind::rejected) == 3);
}

TEST_CASE(
    "Refusals typical of a wrong address leave the rows of a short job undone.", "[dispatch]"
) {
    Job job;
    job.submit_all(3);
    for (std::size_t i = 0; i < 3; ++i) job.finish(i, wrong_path);
    CHECK(job.delivered_as(FaultKind::no_endpoint) == 3);
}

TEST_CASE(
    "A refusal that is held until its row's deadline is delivered as a refusal.", "[dispatch]"
) {
    Job job;
    job.submit_all(2);
    job.finish(0, bad_template);
    CHECK(job.delivered.empty());  // The other one may be answered yet.
    job.tell(noon + 60s, Dispatcher::TimePassed{});
    CHECK(job.delivered_as(FaultKind::rejected) == 1);
    CHECK(job.delivered_as(FaultKind::deadline) == 0);
}

TEST_CASE("The refusal of a request of the library is delivered at once.", "[dispatch]") {
    test::Told client{{}, Job::all(1)};
    client.submit(noon, 1);
    client.submit(noon, 2);
    client.finish(noon, client.started[0].id, bad_template, trail);
    REQUIRE(client.delivered.size() == 1);
    CHECK(client.last_fault().kind == FaultKind::rejected);
}

TEST_CASE(
    "A row refused by an endpoint with a wrong path goes to another endpoint.", "[dispatch]"
) {
    Job job{2};
    job.submit(noon, 1);
    const auto first = job.started[0].endpoint;
    job.finish(0, wrong_path);
    REQUIRE(job.started.size() == 2);
    CHECK(job.started[1].endpoint != first);
    job.finish(1, Completion{});
    CHECK(job.delivered[0].reply.completion());
}

TEST_CASE("The time limit of a request begins with its first attempt.", "[dispatch]") {
    Job job{1, 1};
    job.submit(noon, 1);
    job.submit(noon, 2);
    job.finish(0, Completion{}, noon + 59s);
    REQUIRE(job.started.size() == 2);
    job.finish(1, Completion{}, noon + 110s);
    CHECK(job.delivered_as(FaultKind::deadline) == 0);
    REQUIRE(job.delivered.size() == 2);
    CHECK(job.delivered[1].reply.completion());
}

TEST_CASE("A retry has only the time that the attempts before have left.", "[dispatch]") {
    Job job;
    job.submit(noon, 1);
    job.finish(0, Fault{.kind = FaultKind::server_error}, noon + 30s);
    job.tell(noon + 31s, Dispatcher::TimePassed{});
    REQUIRE(job.started.size() == 2);
    job.tell(noon + 60s, Dispatcher::TimePassed{});
    CHECK(job.stopped.size() == 1);
}

TEST_CASE(
    "A request that was told to wait until its deadline does not count as failed.", "[dispatch]"
) {
    Job job;
    job.submit(noon, 1);
    const Fault wait{.kind = FaultKind::throttled, .retry_after = 40s};
    job.finish(0, wait);
    job.tell(noon + 50s, Dispatcher::TimePassed{});
    REQUIRE(job.started.size() == 2);
    job.finish(1, wait, noon + 50s);
    REQUIRE(job.delivered.size() == 1);
    CHECK(job.last_fault().kind == FaultKind::deadline);
    CHECK(job.delivered[0].reply.maybe_executed == 0);
}

TEST_CASE("A row whose deadline passes in an outage is left to the next run.", "[dispatch]") {
    Job job;
    job.submit_all(5);
    for (std::size_t i = 0; i < 5; ++i) job.finish(i, Fault{.kind = FaultKind::connection_lost});
    for (auto now = noon; now <= noon + 70s; now = std::max(now + 1s, now)) {
        job.tell(now, Dispatcher::TimePassed{});
        while (job.dispatcher.desk().in_flight() > 0) {
            job.finish(job.started.size() - 1, Fault{.kind = FaultKind::connection_lost}, now);
        }
    }
    CHECK(job.delivered_as(FaultKind::deadline) == 0);
    CHECK(job.delivered_as(FaultKind::no_endpoint) >= 1);
}

TEST_CASE(
    "A row that used up its attempts counts as failed unless the circuit is open.", "[dispatch]"
) {
    const Fault refused{.kind = FaultKind::connect, .detail = "refused"};
    test::Told job{{.spares = true, .retry = {.attempts = 1}}, Job::all(1)};
    for (Sequence seq = 1; seq <= 5; ++seq) job.submit(noon, seq);
    for (const auto& attempt : job.started) job.finish(noon, attempt.id, refused, trail);
    REQUIRE(job.delivered.size() == 5);
    const auto kind = [&](std::size_t i) { return job.delivered[i].reply.fault()->kind; };
    for (std::size_t i = 0; i < 4; ++i) CHECK(kind(i) == FaultKind::connect);
    CHECK(kind(4) == FaultKind::no_endpoint);  // The fifth failure opens it.
}

TEST_CASE("An answer that a server of another kind may give is no sign of life.", "[dispatch]") {
    const auto shows_life = [](FaultKind kind, int status) {
        return feedback_of(AttemptResult{Fault{.kind = kind, .http_status = status}, {}}
        ).is_sign_of_life;
    };
    for (const auto kind :
         {FaultKind::bad_response,
          FaultKind::protocol,
          FaultKind::redirect_refused,
          FaultKind::server_error}) {
        CAPTURE(to_string(kind));
        CHECK(!shows_life(kind, 502));
    }
    CHECK(!shows_life(FaultKind::connect, 0));
    CHECK(shows_life(FaultKind::throttled, 429));
    CHECK(feedback_of(AttemptResult{Completion{}, {}}).is_sign_of_life);
}

TEST_CASE("The retry after a lost keep-alive race opens a new connection.", "[dispatch]") {
    Job job;
    job.submit(noon, 1);
    CHECK(!job.started[0].on_new_connection);
    job.finish(0, Fault{.kind = FaultKind::keepalive_race});
    REQUIRE(job.started.size() == 2);
    CHECK(job.started[1].on_new_connection);
}

}  // namespace
}  // namespace skein
