// Chats and answers, as the tests of the room need them.
#pragma once
#include "dialect/anthropic/anthropic.hpp"
#include "dialect/request/request_writer.hpp"
#include "unit/dialect/read_answer.hpp"

#include <string>
#include <utility>

namespace skein::test {

// A request with this body.
inline Prepared chat(std::string body, std::string path = "/v1/chat/completions") {
    auto prepared = prepare({.body = std::move(body), .path = std::move(path)});
    REQUIRE(prepared.has_value());
    return std::move(*prepared);
}

// The members of a request that can be asked, with more of them.
inline std::string with(const std::string& members) {
    return R"({"model":"m","max_tokens":64,"messages":[{"role":"user","content":"hi"}])" +
           (members.empty() ? "" : ',' + members) + '}';
}

inline const Endpoint anthropic_endpoint{.api = Api::anthropic};

inline std::string refusal(const std::string& body, const Endpoint& endpoint = {}) {
    return anthropic.refusal(endpoint, chat(body)).value_or("");
}

}  // namespace skein::test
