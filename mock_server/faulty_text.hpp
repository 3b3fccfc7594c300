// What a fault sends in place of an answer, in the form of each API.
#pragma once
#include "mock_server/api.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace skein::mock {

// The JSON before and after the text of a whole answer.
struct Around {
    std::string_view before{};
    std::string_view after{};
};
Around around_text(Api api);

// The data of an answer or of an event, with `text` unescaped where each of them may hold it.
std::string saying(Api api, bool stream, std::string_view text);

// Gemini's answer to a prompt that its filter refuses.
inline constexpr std::string_view blocked_prompt =
    R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":1,)"
    R"("totalTokenCount":1},"modelVersion":"mock","responseId":"blocked"})";

// An answer whose bytes end within its JSON.
std::string half_an_answer(Api api);

// An answer with so many lists within each other.
std::string nested_answer(Api api, std::size_t depth);

// An event with this data. Anthropic's is one that holds text.
std::string event_of(Api api, std::string_view data);

// A stream of this data and nothing else, that ends as a good one does.
std::string lone_event(Api api, std::string_view data);

}  // namespace skein::mock
