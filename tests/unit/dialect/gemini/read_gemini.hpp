// Reads answers of Gemini as an attempt does, by the reader of all dialects.
#pragma once
#include "unit/dialect/read_answer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skein::test {

inline Endpoint asked_of_gemini() { return {.api = Api::gemini, .model = "m"}; }

inline Outcome gemini_said(std::string_view body, std::string_view path = "/v1/chat/completions") {
    return read_answer(asked(path), {}, body, {}, asked_of_gemini());
}

// The events as Google writes them, with `\r\n`.
inline std::string stream_of(const std::vector<std::string>& events) {
    std::string bytes;
    for (const auto& event : events) bytes += "data: " + event + "\r\n\r\n";
    return bytes;
}

inline Outcome gemini_streamed(const std::vector<std::string>& events, int choices = 1) {
    const Answer answer{.content_type = "text/event-stream"};
    return read_answer(streamed(choices), answer, stream_of(events), {}, asked_of_gemini());
}

// An answer or a piece with one candidate.
inline std::string candidate_of(std::string_view parts, std::string_view reason = "") {
    std::string root = R"({"candidates":[{"content":{"role":"model","parts":[)";
    root.append(parts).append("]}");
    if (!reason.empty()) root.append(R"(,"finishReason":")").append(reason).append("\"");
    return root += "}]}";
}

}  // namespace skein::test
