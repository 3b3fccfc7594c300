#include "job/journal/spent.hpp"

#include "job/output/result_line.hpp"
#include "support/catch.hpp"

#include <string>

using namespace skein;
using namespace skein::job;

namespace {

std::string line_of(const Reply& reply) {
    std::string out;
    append_result_line(out, 17, "row-17", reply, false);
    return out;
}

Reply answered(std::optional<Usage> usage, std::optional<double> cost) {
    Reply reply;
    reply.outcome = Completion{
        .body = R"({"a":1,"usage":{"input_tokens":9,"output_tokens":9}})", .usage = usage};
    reply.cost = cost;
    return reply;
}

}  // namespace

TEST_CASE("Tokens and cost of answers are read from the end of their lines.", "[job]") {
    Spent spent;
    add_spent(spent, line_of(answered(Usage{12, 34}, 0.5)));
    add_spent(spent, line_of(answered(Usage{1, 2}, std::nullopt)));
    add_spent(spent, line_of(answered(std::nullopt, std::nullopt)));
    auto other = answered(Usage{100, 200}, 0.25);
    std::get<Completion>(other.outcome).model_mismatch = true;
    add_spent(spent, line_of(other));
    CHECK(spent.answers == 4);
    CHECK(spent.input_tokens == 113);
    CHECK(spent.output_tokens == 236);
    CHECK(spent.cost == 0.75);
}

TEST_CASE("The parts of the tokens are summed, from a usual line and from any other.", "[job]") {
    for (const std::string note : {"", "the finish_reason `odd` is not known"}) {
        Spent spent;
        for (const auto& usage :
             {Usage{12, 34, 5, 2, 1, 30}, Usage{12, 34, 5}, Usage{12, 34, 0, 0, 0, 3}}) {
            auto reply = answered(usage, 0.5);
            std::get<Completion>(reply.outcome).note = note;
            add_spent(spent, line_of(reply));
        }
        CHECK(spent.input_tokens == 36);
        CHECK(spent.cached_tokens == 10);
        CHECK(spent.reasoning_tokens == 33);
        CHECK(spent.cost == 1.5);
    }
}

TEST_CASE(
    "Tokens and cost are found before a note and kept fields, whatever these hold.", "[job]"
) {
    const std::string long_row = R"({"text":")" + std::string(1000, 'x') + "\"}";
    const std::string sly_row = R"({"a":1,"usage":{"input_tokens":7,"output_tokens":7},"cost":7})";
    for (const auto& kept : {long_row, sly_row}) {
        Spent spent;
        auto reply = answered(Usage{12, 34}, 0.5);
        std::get<Completion>(reply.outcome).note = "the finish_reason `odd` is not known";
        std::string out;
        append_result_line(out, 17, "row-17", reply, false, kept);
        add_spent(spent, out);
        CHECK(spent.input_tokens == 12);
        CHECK(spent.output_tokens == 34);
        CHECK(spent.cost == 0.5);

        std::string without;
        append_result_line(without, 18, "row-18", answered(std::nullopt, {}), false, kept);
        add_spent(spent, without);
        CHECK(spent.input_tokens == 12);
        CHECK(spent.answers == 2);
    }
}

TEST_CASE("A line in a foreign format adds no tokens and no cost.", "[job]") {
    Spent spent;
    add_spent(spent, "");
    add_spent(spent, R"({"a":1,"usage":{"input_tokens":x)");
    CHECK(spent.answers == 2);
    CHECK(spent.input_tokens == 0);
    CHECK(spent.cost == 0);
}

TEST_CASE("A failed line of an earlier run joins the same group as one of this run.", "[job]") {
    Reply reply;
    reply.outcome = Fault{
        .kind = FaultKind::rejected,
        .detail = "HTTP 400",
        .remote_message = "no \"x\"",
        .http_status = 400};
    FailureGroups groups;
    add_failed_line(groups, line_of(reply));
    add_failed_line(groups, "nothing");
    REQUIRE(groups.list().size() == 1);
    const auto group = groups.list().front();
    CHECK(group.code == "rejected");
    CHECK(group.words == "HTTP 400: no \"x\"");
    CHECK(group.ids == std::vector<std::string>{"row-17"});
    CHECK(groups.others() == 1);
}
