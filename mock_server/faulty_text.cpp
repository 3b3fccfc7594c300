#include "mock_server/faulty_text.hpp"

namespace skein::mock {

Around around_text(Api api) {
    switch (api) {
        case Api::responses:
            return {
                R"({"object":"response","status":"completed","error":null,"output":[{"type":"message",)"
                R"("role":"assistant","content":[{"type":"output_text","text":")",
                R"(","annotations":[]}]}]})"};
        case Api::anthropic:
            return {
                R"({"type":"message","role":"assistant","content":[{"type":"text","text":")",
                R"("}],"stop_reason":"end_turn"})"};
        case Api::gemini:
            return {
                R"({"candidates":[{"content":{"role":"model","parts":[{"text":")",
                R"("}]},"finishReason":"STOP","index":0}]})"};
        case Api::openai:
            break;
    }
    return {R"({"choices":[{"index":0,"message":{"content":")", R"("}}]})"};
}

// OpenAI has one text for chat, stream and completion. A chunk of Gemini's is an answer as any.
std::string saying(Api api, bool stream, std::string_view text) {
    std::string data;
    if (api == Api::openai) {
        (data += R"({"id":"mock","choices":[{"index":0,"message":{"content":")") += text;
        ((data += R"("},"delta":{"content":")") += text) += R"("},"text":")";
        (data += text) += R"(","finish_reason":"stop"}]})";
    } else if (api == Api::anthropic && stream) {
        data += R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")";
        (data += text) += R"("}})";
    } else {
        const auto [before, after] = around_text(api);
        const bool is_last = api == Api::responses && stream;
        if (is_last) data += R"({"type":"response.completed","sequence_number":0,"response":)";
        ((data += before) += text) += after;
        if (is_last) data += '}';
    }
    return data;
}

std::string half_an_answer(Api api) {
    if (api == Api::responses) return R"({"object":"response","output":[{"ty)";
    if (api == Api::anthropic) return R"({"type":"message","content":[{"ty)";
    if (api == Api::gemini) return R"({"candidates":[{"con)";
    return R"({"id":"mock","choices":[{"ind)";
}

std::string nested_answer(Api api, std::size_t depth) {
    std::string text = api == Api::responses   ? R"({"output":)"
                       : api == Api::anthropic ? R"({"content":)"
                       : api == Api::gemini    ? R"({"candidates":)"
                                               : R"({"choices":)";
    text.append(depth, '[');
    text.append(depth, ']');
    return text += '}';
}

std::string event_of(Api api, std::string_view data) {
    std::string event = api == Api::responses   ? "event: response.completed\ndata: "
                        : api == Api::anthropic ? "event: content_block_delta\ndata: "
                                                : "data: ";
    return (event += data) += api == Api::gemini ? "\r\n\r\n" : "\n\n";
}

// Gemini has no mark at its end; the event of Responses is one.
std::string lone_event(Api api, std::string_view data) {
    auto events = event_of(api, data);
    if (api == Api::openai) events += "data: [DONE]\n\n";
    if (api == Api::anthropic) {
        events += "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    }
    return events;
}

}  // namespace skein::mock
