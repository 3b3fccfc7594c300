#include "report/try_text.hpp"

#include "support/catch.hpp"

using namespace skein;
using namespace skein::report;
using Catch::Matchers::Contains;

namespace {

Trial answered(std::string request, std::string text) {
    Completion completion{
        .text = std::move(text), .finish_reason = "stop", .body = R"({"a":"\u001b"})"};
    completion.usage = Usage{.input_tokens = 9, .output_tokens = 1234};
    return {
        .line = 4,
        .custom_id = "mine",
        .url = "http://h/v1/chat/completions",
        .request = std::move(request),
        .reply = {.outcome = std::move(completion), .attempts = 1, .endpoint = "main"}};
}

}  // namespace

TEST_CASE("A tried row is shown with its prompt and its answer.", "[app]") {
    const auto text = trial_text(answered(
        R"({"model":"m","messages":[{"role":"system","content":"Be\nshort"},{"role":"user",)"
        R"("content":[{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"u"}}]}],"n":1})",
        "Nothing.\nAt all."
    ));
    CHECK(
        text ==
        "--- line 4 (mine) POST http://h/v1/chat/completions\n"
        "model \"m\", n 1\n"
        "system:\n    Be\n    short\n"
        "user:\n    What?\n    {\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}\n"
        "answer (main, 9 tokens in, 1 234 out, finish_reason stop):\n"
        "    Nothing.\n    At all.\n\n"
    );
}

TEST_CASE("Prompts of completions and embeddings are shown as well.", "[app]") {
    CHECK_THAT(trial_text(answered(R"({"prompt":"Once"})", "x")), Contains("prompt:\n    Once\n"));
    CHECK_THAT(
        trial_text(answered(R"({"input":["a","b"]})", "x")),
        Contains("input:\n    \"a\"\n    \"b\"\n")
    );
    CHECK_THAT(trial_text(answered(R"({"input":"a"})", "")), Contains(R"({"a":"\u001b"})"));
}

TEST_CASE("Foreign text can neither control a terminal nor look like skein's own lines.", "[app]") {
    for (const std::string bad :
         {"\x1b[2J", "\r\x1b]0;x\x07", "\xC2\x9B", "\xE2\x80\xAE", "\n--- line 5"}) {
        Trial trial = answered(R"({"messages":[{"role":"user","content":"x"}]})", bad);
        trial.custom_id = bad;
        for (const bool failed : {false, true}) {
            if (failed) trial.reply.outcome = Fault{.detail = bad, .remote_message = bad};
            const auto text = trial_text(trial);
            INFO(text);
            CHECK(text.find('\x1b') == text.npos);
            CHECK(text.find('\x07') == text.npos);
            CHECK(text.find('\r') == text.npos);
            CHECK(text.find("\xC2\x9B") == text.npos);
            CHECK(text.find("\n--- line 5") == text.npos);
        }
    }
}

TEST_CASE("A very long text is cut, and the number of missing bytes is shown.", "[app]") {
    const auto text = trial_text(answered("{}", std::string(20'000, 'x')));
    CHECK(text.size() < 17'000);
    CHECK_THAT(text, Contains("… (3 616 bytes more)"));
}

TEST_CASE("A failed row is shown with the fault and the server's message.", "[app]") {
    Trial trial{.line = 1, .custom_id = "line-1"};
    trial.reply = {
        .outcome =
            Fault{
                .kind = FaultKind::rejected,
                .detail = "HTTP 400",
                .remote_message = "no such field"},
        .attempts = 2,
        .endpoint = "main"};
    CHECK(
        trial_text(trial) ==
        "--- line 1 (line-1)\nFAILED (main, 2 attempts): rejected, HTTP 400\n    no such field\n\n"
    );
}
