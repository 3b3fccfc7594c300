#include "mock_server/incoming.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

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

bool has_key(boost::beast::string_view authorization) {
    constexpr boost::beast::string_view bearer = "Bearer ";
    return authorization.starts_with(bearer) && authorization.size() > bearer.size();
}

}  // namespace

Incoming incoming_of(const http::request_header<>& head, std::size_t index) {
    const auto target = text_of(head.target());
    auto id = head["x-skein-request"];
    if (id.empty()) id = head["x-request-id"];
    return {
        .method = text_of(head.method_string()),
        .path = target.substr(0, target.find('?')),
        .request = text_of(id),
        .attempt = attempt_of(head["x-attempt"]),
        .token = text_of(head["x-mock-token"]),
        .has_key = has_key(head[http::field::authorization]),
        .index = index,
    };
}

}  // namespace skein::mock
