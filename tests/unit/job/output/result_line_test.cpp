#include "job/output/result_line.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace skein;
using namespace skein::job;
using Catch::Contains;
using namespace std::chrono_literals;

namespace {

std::string line_of(const Reply& reply, bool timings = true, std::string_view id = "a") {
    std::string out;
    append_result_line(out, 17, id, reply, timings);
    return out;
}

Reply completed(std::string body) {
    Reply reply;
    reply.outcome = Completion{
        .body = std::move(body), .usage = Usage{12, 34}, .request_id = "req-1", .http_status = 200};
    reply.attempts = 2;
    reply.maybe_executed = 1;
    reply.endpoint = "main";
    reply.served_by = ServedBy::remote;
    reply.timing = {.queued = 1500us, .total = 2s, .attempt = 750ms, .first_token = 12'345'678ns};
    return reply;
}

}  // namespace

TEST_CASE("A completion becomes one line of a batch result file.", "[job]") {
    CHECK(
        line_of(completed(R"({"choices":[]})")) ==
        R"({"id":"skein-17","custom_id":"a","response":{"status_code":200,"request_id":"req-1",)"
        R"("body":{"choices":[]}},"error":null,"skein":{"seq":17,"endpoint":"main",)"
        R"("served_by":"remote","attempts":2,"maybe_executed":1,"queue_ms":1.5,"ttft_ms":12.346,)"
        R"("attempt_ms":750,"total_ms":2000,"usage":{"input_tokens":12,"output_tokens":34},"cost":null}})"
    );
}

TEST_CASE("A line tells the parts of the tokens that are not zero.", "[job]") {
    auto reply = completed("{}");
    auto& usage = std::get<Completion>(reply.outcome).usage;
    usage = Usage{12, 34, 5, 4, 3, 30};
    CHECK_THAT(
        line_of(reply),
        Contains(
            R"("usage":{"input_tokens":12,"output_tokens":34,"cached_tokens":5,"cache_write_tokens":4,)"
            R"("cache_write_1h_tokens":3,"reasoning_tokens":30},"cost":null)"
        )
    );
    usage = Usage{.input_tokens = 12, .output_tokens = 34, .reasoning_tokens = 30};
    CHECK_THAT(line_of(reply), Contains(R"("output_tokens":34,"reasoning_tokens":30},"cost")"));
}

TEST_CASE("A line has a model_mismatch mark only for an answer by another model.", "[job]") {
    auto reply = completed("{}");
    CHECK(line_of(reply).find("model_mismatch") == std::string::npos);
    std::get<Completion>(reply.outcome).model_mismatch = true;
    const auto line = nlohmann::json::parse(line_of(reply));
    CHECK(line["skein"]["model_mismatch"] == true);
}

TEST_CASE("A line has the note of an answer and the body of a refused one.", "[job]") {
    auto reply = completed("{}");
    CHECK(line_of(reply).find("\"note\"") == std::string::npos);
    std::get<Completion>(reply.outcome).note = "1 of 2 choices came";
    CHECK(nlohmann::json::parse(line_of(reply))["skein"]["note"] == "1 of 2 choices came");

    reply.outcome = Fault{
        .kind = FaultKind::bad_response,
        .detail = "d",
        .body = "{\"a\":\n\"\u2028",
        .http_status = 200};
    const auto line = line_of(reply);
    CHECK(nlohmann::json::parse(line)["error"]["body"] == "{\"a\":\n\"\u2028");
    CHECK(line.find('\n') == std::string::npos);
    reply.outcome = Fault{.kind = FaultKind::rejected, .http_status = 400};
    CHECK_FALSE(nlohmann::json::parse(line_of(reply))["error"].contains("body"));
}

TEST_CASE("A line without timings has no times.", "[job]") {
    const auto line = line_of(completed("{}"), false);
    CHECK(line.find("_ms") == std::string::npos);
    CHECK(nlohmann::json::accept(line));
}

TEST_CASE("A fault becomes a line with skein's message and the server's.", "[job]") {
    Reply reply;
    reply.outcome = Fault{
        .kind = FaultKind::server_error,
        .detail = "500 from main",
        .remote_message = "oh\n\"no\"\x1b[31m\xFF",
        .http_status = 500,
    };
    reply.attempts = 4;
    reply.endpoint = "main";
    const auto line = line_of(reply);
    const auto json = nlohmann::json::parse(line);
    CHECK(json["response"]["status_code"] == 500);
    CHECK(json["response"]["body"].is_null());
    CHECK(json["error"]["code"] == "server_error");
    CHECK(json["error"]["message"] == "500 from main: oh\n\"no\"\x1b[31m\xEF\xBF\xBD");
    CHECK(json["skein"]["usage"].is_null());
    CHECK(json["skein"]["ttft_ms"].is_null());
    CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE(
    "A request that was never sent has no response, no endpoint and no server in its line.", "[job]"
) {
    Reply reply;
    reply.outcome = Fault{.kind = FaultKind::bad_input, .detail = "input line 17: it is empty"};
    const auto json = nlohmann::json::parse(line_of(reply, true, "q\"\xE2\x80\xA8"));
    CHECK(json["custom_id"] == "q\"\xE2\x80\xA8");
    CHECK(json["response"].is_null());
    CHECK(json["error"]["message"] == "input line 17: it is empty");
    CHECK(json["skein"]["endpoint"].is_null());
    CHECK(json["skein"]["served_by"].is_null());
    CHECK(json["skein"]["attempts"] == 0);
}

TEST_CASE("A reply is one line for every tool, whatever bytes the answer contains.", "[job]") {
    const std::string body =
        "{\"t\":\"a\xE2\x80\xA8z\xE2\x80\xA9\xE2\x80\xA7\xC2\x85é\xFF\",\r\n\"u\":\t1}";
    const auto line = line_of(completed(body), true, "id\n\xE2\x80\xA8");
    CHECK(line.find("\xE2\x80\xA8") == std::string::npos);
    CHECK(line.find("\xE2\x80\xA9") == std::string::npos);
    CHECK(line.find("\xC2\x85") == std::string::npos);
    CHECK(std::ranges::none_of(line, [](char c) { return c >= 0 && c < 0x20; }));
    const auto json = nlohmann::json::parse(line);
    CHECK(
        json["response"]["body"]["t"] ==
        "a\xE2\x80\xA8z\xE2\x80\xA9\xE2\x80\xA7\xC2\x85é\xEF\xBF\xBD"
    );
    CHECK(nlohmann::json::parse(line_of(completed("")))["response"]["body"].is_null());
}

TEST_CASE("Times in a line have at most three decimals.", "[job]") {
    auto reply = completed("{}");
    const auto total = [&](Duration time) {
        reply.timing.total = time;
        const auto line = line_of(reply);
        const auto at = line.find("total_ms") + 10;
        return line.substr(at, line.find(',', at) - at);
    };
    CHECK(total(0ns) == "0");
    CHECK(total(1us) == "0.001");
    CHECK(total(10us) == "0.01");
    CHECK(total(400ns) == "0");
    CHECK(total(1'234'567us) == "1234.567");
    CHECK(total(-5ms) == "0");
}
