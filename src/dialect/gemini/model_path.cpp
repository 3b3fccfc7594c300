#include "dialect/gemini/model_path.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace skein::google {
namespace {

// RFC 3986: the characters that never need an escape.
bool is_unreserved(char c) {
    constexpr std::string_view marks = "-._~";
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || marks.find(c) != marks.npos;
}

// Escapes everything but the slashes between the segments.
void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c) || c == '/') {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
}

// Without `alt=sse` a stream would be one JSON list.
std::string_view method_of(const Prepared& request) {
    if (request.operation == Operation::embedding) return ":batchEmbedContents";
    return request.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
}

}  // namespace

std::string_view model_of(const Endpoint& endpoint, const Prepared& request) {
    return endpoint.model.empty() ? request.model : endpoint.model;
}

std::string resource_of(std::string_view model) {
    const bool is_whole = model.starts_with("models/") || model.starts_with("tunedModels/");
    return (is_whole ? "" : "models/") + std::string{model};
}

// A row may name any model. `../..` would take the request, and the key, to another method.
Refusal refusal_of_model(std::string_view model) {
    if (model.empty()) return "gemini cannot be asked without a model";
    for (auto rest = resource_of(model) + '/'; !rest.empty();) {
        const auto segment = rest.substr(0, rest.find('/'));
        if (segment.empty() || segment == "." || segment == "..") {
            return "gemini has no model of the name `" + json::printable(model, 80) + '`';
        }
        rest.erase(0, segment.size() + 1);
    }
    return std::nullopt;
}

bool is_vertex(const Endpoint& endpoint) {
    auto base = std::string_view{endpoint.url}.substr(0, endpoint.url.find('?'));
    while (base.ends_with('/')) base.remove_suffix(1);
    return base.ends_with("/publishers/google");
}

std::string_view path_of_model(
    const Endpoint& endpoint, const Prepared& request, std::string& made
) {
    const bool is_known =
        request.operation == Operation::chat || request.operation == Operation::embedding;
    if (!is_known) return request.path.view();
    made.clear();
    if (!is_vertex(endpoint)) {
        made += '/';
        append_escaped(made, endpoint.api_version.empty() ? "v1beta" : endpoint.api_version);
    }
    made += '/';
    append_escaped(made, resource_of(model_of(endpoint, request)));
    return made += method_of(request);
}

}  // namespace skein::google
