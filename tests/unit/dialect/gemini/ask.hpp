// Requests in the common form, and what Gemini's dialect makes of them.
#pragma once
#include "dialect/gemini/gemini.hpp"
#include "support/catch.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace skein::test {

inline Endpoint gemini_endpoint() { return {.api = Api::gemini, .url = "https://h", .model = "m"}; }

inline Prepared prepared_chat(std::string body) {
    Prepared request;
    request.path = "/v1/chat/completions";
    request.body = std::move(body);
    return request;
}

// A chat with one message and the members given: `"seed":7`.
inline Prepared chat_with(std::string_view members) {
    std::string body = R"({"model":"m","messages":[{"role":"user","content":"Hi"}])";
    if (!members.empty()) body.append(",").append(members);
    return prepared_chat(body += '}');
}

inline Prepared chat_of(std::string_view messages) {
    return prepared_chat(R"({"messages":[)" + std::string{messages} + "]}");
}

inline Prepared embedding_of(std::string body) {
    auto request = prepared_chat(std::move(body));
    request.path = "/v1/embeddings";
    request.operation = Operation::embedding;
    return request;
}

inline std::string refusal_of(
    const Prepared& request, const Endpoint& endpoint = gemini_endpoint()
) {
    return gemini.refusal(endpoint, request).value_or("");
}

// The body that is sent; the request must not be refused.
inline std::string body_sent(
    const Prepared& request, const Endpoint& endpoint = gemini_endpoint()
) {
    CHECK(refusal_of(request, endpoint).empty());
    return gemini.body(endpoint, request, 0).value_or("as it stands");
}

}  // namespace skein::test
