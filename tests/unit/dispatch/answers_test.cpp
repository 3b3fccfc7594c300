// Requests that are asked again, because an answer was not as it must be.
#include "support/catch.hpp"
#include "unit/dispatch/told.hpp"

#include <memory>

namespace skein {
namespace {

using namespace std::chrono_literals;
const TimePoint noon{12h};

RequestPtr request_of(std::string body) {
    auto made = std::make_shared<Prepared>();
    made->body = std::move(body);
    return made;
}

struct Told : test::Told {
    explicit Told(Dispatcher::Settings settings = {})
        : test::Told{settings, {EndpointSettings{.name = "main", .places = 8, .price = {1, 2}}}} {}

    void submit(RequestPtr request) { tell(noon, Dispatcher::Submitted{1, std::move(request)}); }
    void answer_unfit(std::size_t which, RequestPtr again, TimePoint now = noon) {
        AttemptResult result{
            Fault{.kind = FaultKind::invalid_output, .detail = "no fit", .http_status = 200},
            {now, now, now, now}};
        result.unfit = std::make_shared<const Unfit>(Unfit{
            .usage = Usage{.input_tokens = 10, .output_tokens = 5}, .again = std::move(again)});
        tell(now, Dispatcher::AttemptDone{started.at(which).id, std::move(result)});
    }
    void answer(std::size_t which) {
        Completion completion{.usage = Usage{.input_tokens = 20, .output_tokens = 7}};
        finish(noon, started.at(which).id, completion, {noon, noon, noon, noon});
    }
};

}  // namespace

TEST_CASE(
    "An unfit answer is followed by the corrected request, and the reply has the sum of all.",
    "[dispatch]"
) {
    Told told{{.retry = {.attempts = 1}}};
    told.submit(request_of("first"));
    told.answer_unfit(0, request_of("second"));
    told.answer_unfit(1, request_of("third"));
    REQUIRE(told.started.size() == 3);
    CHECK(told.started[1].request->body == "second");
    CHECK(told.started[2].request->body == "third");
    told.answer(2);
    REQUIRE(told.delivered.size() == 1);
    const auto& reply = told.delivered[0].reply;
    REQUIRE(reply.completion());
    CHECK(reply.completion()->answers == 3);
    CHECK(reply.completion()->usage->input_tokens == 40);
    CHECK(reply.completion()->usage->output_tokens == 17);
    CHECK(reply.cost == Approx(74e-6));
    CHECK(reply.attempts == 3);
    CHECK(reply.maybe_executed == 3);
    CHECK(told.dispatcher.tally().input_tokens == 40);
    CHECK(told.dispatcher.held() == 0);
    CHECK(told.dispatcher.has_room());
}

TEST_CASE(
    "A request ends as invalid_output once it was answered as often as allowed.", "[dispatch]"
) {
    Told told{{.answers = 2}};
    told.submit(request_of("a"));
    told.answer_unfit(0, request_of("b"));
    told.answer_unfit(1, request_of("c"));
    CHECK(told.started.size() == 2);
    REQUIRE(told.delivered.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::invalid_output);
    CHECK(told.last_fault().detail == "no fit");
}

TEST_CASE("An unfit answer that is not worth asking again ends its request.", "[dispatch]") {
    Told told;
    told.submit(request_of("a"));
    told.answer_unfit(0, nullptr);
    CHECK(told.started.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::invalid_output);
}

TEST_CASE("The very same question is asked once more only.", "[dispatch]") {
    Told told{{.answers = 10}};
    const auto same = request_of("a");
    told.submit(same);
    told.answer_unfit(0, same);
    CHECK(told.started.size() == 2);
    told.answer_unfit(1, same);
    CHECK(told.started.size() == 2);
    CHECK(told.last_fault().kind == FaultKind::invalid_output);
}

TEST_CASE("Faults between unfit answers are retried as ever and are no answers.", "[dispatch]") {
    Told told{{.retry = {.attempts = 2}, .answers = 2}};
    told.submit(request_of("a"));
    told.answer_unfit(0, request_of("b"));
    told.finish(
        noon,
        told.started.at(1).id,
        Fault{.kind = FaultKind::refused, .detail = "not processed"},
        {noon, noon, noon, noon}
    );
    REQUIRE(told.started.size() == 3);
    CHECK(told.started[2].request->body == "b");
    told.answer(2);
    CHECK(told.delivered.at(0).reply.completion()->answers == 2);
}

TEST_CASE("The bytes of a request are those of the one that is asked now.", "[dispatch]") {
    const auto large = request_of(std::string(5000, 'x'));
    Told told{{.window_bytes = 4000}};
    told.submit(request_of("a"));
    CHECK(told.dispatcher.has_room());
    told.answer_unfit(0, large);
    CHECK_FALSE(told.dispatcher.has_room());
    told.answer(1);
    CHECK(told.dispatcher.has_room());
}

TEST_CASE("What would be asked again while a run stops is left for the next run.", "[dispatch]") {
    Told told;
    told.submit(request_of("a"));
    told.tell(noon, Dispatcher::StopStarting{});
    told.answer_unfit(0, request_of("b"));
    CHECK(told.started.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::cancelled);
}

TEST_CASE(
    "An unfit answer that comes at the deadline is what the request ends with.", "[dispatch]"
) {
    Told told;
    auto request = std::make_shared<Prepared>();
    request->deadline = 10s;
    told.submit(request);
    told.answer_unfit(0, request_of("b"), noon + 9500ms);
    CHECK(told.started.size() == 1);
    CHECK(told.last_fault().kind == FaultKind::invalid_output);
}

}  // namespace skein
