#include "mock_server/incoming.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <charconv>

namespace skein::mock {
namespace {

namespace http = boost::beast::http;

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::uint32_t attempt_of(boost::beast::string_view text) {
    std::uint32_t attempt = 1;
    const auto end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, attempt);
    return error == std::errc{} && rest == end ? attempt : 1;
}

bool is_bearer(boost::beast::string_view authorization) {
    constexpr boost::beast::string_view bearer = "Bearer ";
    return authorization.starts_with(bearer) && authorization.size() > bearer.size();
}

std::string key_of(const http::request_header<>& head) {
    for (const auto* name : {"x-api-key", "x-goog-api-key"}) {
        if (const auto key = head[name]; !key.empty()) return text_of(key);
    }
    auto key = text_of(head[http::field::authorization]);
    return key.substr(std::min(key.find(' ') + 1, key.size()));
}

}  // namespace

Incoming incoming_of(const http::request_header<>& head, std::size_t index) {
    const auto target = text_of(head.target());
    const auto mark = target.find('?');
    auto id = head["x-skein-request"];
    if (id.empty()) id = head["x-request-id"];
    return {
        .method = text_of(head.method_string()),
        .path = target.substr(0, mark),
        .query = mark == target.npos ? std::string{} : target.substr(mark + 1),
        .request = text_of(id),
        .attempt = attempt_of(head["x-attempt"]),
        .token = text_of(head["x-mock-token"]),
        .version = text_of(head["anthropic-version"]),
        .key = key_of(head),
        .has_key = is_bearer(head[http::field::authorization]),
        .has_x_api_key = !head["x-api-key"].empty(),
        .has_goog_key = !head["x-goog-api-key"].empty(),
        .index = index,
    };
}

}  // namespace skein::mock
