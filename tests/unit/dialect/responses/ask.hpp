// Chats and answers, as the tests of the room need them.
#pragma once
#include "dialect/request/request_writer.hpp"
#include "dialect/responses/responses.hpp"
#include "unit/dialect/read_answer.hpp"

#include <string>
#include <utility>

namespace skein::responses_test {

using namespace skein::test;

// A request with this body.
inline Prepared ask(std::string body, std::string path = "/v1/chat/completions") {
    auto prepared = prepare({.body = std::move(body), .path = std::move(path)});
    REQUIRE(prepared.has_value());
    return std::move(*prepared);
}

// A request that can be asked, with more members.
inline std::string with(const std::string& members) {
    return R"({"model":"m","messages":[{"role":"user","content":"hi"}])" +
           (members.empty() ? "" : ',' + members) + '}';
}

inline const Endpoint responses_endpoint{.api = Api::responses};

inline std::string refusal(const std::string& body, const Endpoint& endpoint = {}) {
    return responses.refusal(endpoint, ask(body)).value_or("");
}

}  // namespace skein::responses_test
