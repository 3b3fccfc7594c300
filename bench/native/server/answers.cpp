#include "answers.hpp"

#include <charconv>

namespace skein::bench {
namespace {

constexpr std::array<std::string_view, 8> phrases{
    " a skein of yarn",
    " is wound",
    " so that",
    " no thread",
    " crosses another",
    " and each",
    " comes off",
    " in order"};

// Text of so many bytes that needs no escapes.
std::string words(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) text += phrases[i % phrases.size()];
    text.resize(bytes);
    return text;
}

std::string completion(std::size_t bytes) {
    const std::string before =
        R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"m",)"
        R"("choices":[{"index":0,"message":{"role":"assistant","content":")";
    const std::string after =
        R"("},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":120,"completion_tokens":100,"total_tokens":220}})";
    const auto frame = before.size() + after.size();
    return before + words(bytes > frame ? bytes - frame : 0) + after;
}

std::string chunk(std::string_view delta, std::string_view finish, std::string_view more) {
    return R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,)"
           R"("model":"m","choices":[{"index":0,"delta":{)" +
           std::string{delta} + R"(},"finish_reason":)" + std::string{finish} + "}]" +
           std::string{more} + "}";
}

// An event of the stream, in the framing of a chunked body.
std::string framed(std::string_view data) {
    const std::string text = "data: " + std::string{data} + "\n\n";
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), text.size(), 16);
    return std::string{digits.data(), end.ptr} + "\r\n" + text + "\r\n";
}

std::string head(After after, std::string_view type, std::string_view length) {
    std::string text = "HTTP/1.1 200 OK\r\ncontent-type: ";
    text += type;
    text += "\r\nx-request-id: req-bench\r\n";
    text += length;
    if (after == After::closes) text += "connection: close\r\n";
    if (after == After::stays_and_says_so) text += "connection: keep-alive\r\n";
    return text + "\r\n";
}

}  // namespace

Answers::Answers(std::size_t body_bytes, std::size_t chunks) {
    const auto body = completion(body_bytes);
    const auto length = "content-length: " + std::to_string(body.size()) + "\r\n";
    for (const auto after : {After::stays, After::stays_and_says_so, After::closes}) {
        const auto index = static_cast<std::size_t>(after);
        plain_[index] = head(after, "application/json", length) + body;
        heads_[index] = head(after, "text/event-stream", "transfer-encoding: chunked\r\n");
    }
    for (std::size_t i = 0; i < chunks; ++i) {
        const std::string role = i == 0 ? R"("role":"assistant",)" : "";
        const std::string content{phrases[i % phrases.size()]};
        events_.push_back(framed(chunk(role + R"("content":")" + content + '"', "null", "")));
    }
    const auto tokens = std::to_string(chunks);
    events_.push_back(framed(chunk(
        "",
        R"("stop")",
        R"(,"usage":{"prompt_tokens":120,"completion_tokens":)" + tokens + R"(,"total_tokens":)" +
            std::to_string(chunks + 120) + "}"
    )));
    events_.push_back(framed("[DONE]") + "0\r\n\r\n");
}

}  // namespace skein::bench
