// Parser for the error bodies of many servers. Every shape is tried on every server, because
// gateways pass on the shapes of the servers behind them. Invariant: a good answer is never taken
// for an error (`says_something`, `has_answer`). Pure functions; any thread.
#include "dialect/http/error_body.hpp"

#include "base/ascii.hpp"
#include "dialect/http/minimax_codes.hpp"
#include "dialect/http/rate_headers.hpp"

#include <array>

namespace skein {
namespace {

using json::Element;
using json::text_or_empty;

// The code: a word, a number, or a number in quotes. Member names of OpenAI; Baidu and Tencent;
// Azure's API gateway; proxies.
std::string code_of(Element error) {
    for (const auto name : {"code", "error_code", "statusCode", "status_code", "status", "errno"}) {
        if (const auto number = json::whole_member(error, name)) return std::to_string(*number);
        if (name == std::string_view{"status"}) continue;  // A textual `status` is the type.
        if (const auto word = text_or_empty(error, name); !word.empty()) return std::string{word};
    }
    return {};
}

// The human-readable message: OpenAI; Chinese gateways; Baidu; ASP.NET.
std::string message_of(Element error) {
    for (const auto name : {"message", "msg", "error_msg", "errorMessage", "Message"}) {
        if (const auto words = text_or_empty(error, name); !words.empty()) {
            return std::string{words};
        }
    }
    return {};
}

// One entry of Google's `details`: a reason, a retry delay, or the violated quotas.
void read_google_detail(Element detail, ErrorBody& body) {
    if (const auto reason = json::text_member(detail, "reason")) body.reason = *reason;
    if (const auto delay = json::text_member(detail, "retryDelay")) body.delay = *delay;
    const auto violations = json::list_member(detail, "violations");
    if (!violations) return;
    for (const auto violation : *violations) {
        const auto quota = text_or_empty(violation, "quotaId");
        body.per_day = body.per_day || quota.find("PerDay") != std::string_view::npos;
    }
}

// `details` is an object with a more exact code (Anthropic), or a list (Google).
void read_details(Element error, ErrorBody& body) {
    if (const auto details = json::member(error, "details")) {
        const auto code = text_or_empty(*details, "error_code");
        if (!code.empty()) body.code = code;
    }
    if (const auto details = json::list_member(error, "details")) {
        for (const auto detail : *details) read_google_detail(detail, body);
    }
}

// FastAPI's `"loc": ["body", "stream_options", 0]` as `stream_options.0: `; empty if there is none.
std::string field_of(Element entry) {
    std::string field;
    const auto way = json::list_member(entry, "loc");
    if (!way) return field;
    for (const auto step : *way) {
        std::string_view name;
        std::int64_t number = 0;
        if (!step.get(number)) {
            field += std::to_string(number) + '.';
        } else if (!step.get(name) && !(name == "body" && field.empty())) {
            field.append(name) += '.';
        }
    }
    if (!field.empty()) field.replace(field.size() - 1, 1, ": ");
    return field;
}

// FastAPI's `detail`: a text, a list of validation errors by field, or an object with a message.
std::string words_of_detail(Element root) {
    if (const auto text = json::text_member(root, "detail")) return std::string{*text};
    if (const auto detail = json::member(root, "detail"); detail && detail->is_object()) {
        return message_of(*detail);
    }
    std::string words;
    const auto list = json::list_member(root, "detail");
    if (!list) return words;
    for (const auto entry : *list) {
        const auto message = text_or_empty(entry, "msg");
        if (message.empty()) continue;
        if (!words.empty()) words += "; ";
        words += field_of(entry);
        words += message;
    }
    return words;
}

// OpenRouter repeats headers in `metadata.headers`: the rate headers, whose reset is in
// milliseconds, and Retry-After. `limit_source` says which of its limits was reached.
void read_metadata(Element error, ErrorBody& body) {
    constexpr std::size_t max_lines = 16;
    const auto metadata = json::member(error, "metadata");
    if (!metadata) return;
    if (body.reason.empty()) body.reason = text_or_empty(*metadata, "limit_source");
    const auto given = json::member(*metadata, "headers");
    simdjson::dom::object lines;
    if (!given || given->get(lines)) return;
    for (const auto [name, value] : lines) {
        std::string_view text;
        // The members are foreign and may be many.
        if (body.headers.size() == max_lines) return;
        const bool is_pause = same_letters(name, "retry-after");
        std::int64_t seconds = 0;
        if ((is_pause || is_rate_header(name)) && !value.get(text)) body.headers.add(name, text);
        if (is_pause && !value.get(seconds)) body.headers.add(name, std::to_string(seconds));
    }
}

// `error` itself: a text, or an object with these members.
ErrorBody body_of(Element error) {
    ErrorBody body;
    std::string_view words;
    if (!error.get(words)) {
        body.message = words;
        return body;
    }
    body.code = code_of(error);
    body.type = text_or_empty(error, "type");
    if (body.type.empty()) body.type = text_or_empty(error, "status");
    body.message = message_of(error);
    if (const auto message = json::member(error, "message"); message && body.message.empty()) {
        body.message = words_of_detail(*message);  // Mistral wraps FastAPI's `detail`.
    }
    // OpenAI's `param` names the wrong member; mostly the message names it, too.
    const auto param = text_or_empty(error, "param");
    if (!body.message.empty() && body.message.find(param) == std::string::npos) {
        body.message.append(" (").append(param).append(")");
    }
    read_details(error, body);
    if (const auto inner = json::member(error, "innererror"); inner && body.reason.empty()) {
        body.reason = text_or_empty(*inner, "code");  // Azure.
    }
    read_metadata(error, body);
    return body;
}

// Does the answer hold choices or data?
bool has_answer(Element root) {
    for (const auto name : {"choices", "data"}) {
        const auto list = json::list_member(root, name);
        if (list && list->size() > 0) return true;
    }
    return false;
}

// MiniMax sends `base_resp` in every answer, with the code 0 for success.
std::optional<ErrorBody> error_of_minimax(const std::optional<Element>& given, Element root) {
    const auto code = given ? json::whole_member(*given, "status_code") : std::nullopt;
    if (code.value_or(0) == 0 || has_answer(root)) return std::nullopt;
    return ErrorBody{
        .code = std::to_string(*code),
        .message = std::string{text_or_empty(*given, "status_msg")},
        .status = status_of_minimax_code(*code),
    };
}

bool is_text(const std::optional<Element>& member, std::string_view expected) {
    std::string_view text;
    return member && !member->get(text) && text == expected;
}

// Is this `error` member an actual error: a text, an object with members, or `true` beside a
// message?
bool says_something(Element error, Element root) {
    std::string_view words;
    simdjson::dom::object object;
    bool is_error = false;
    if (!error.get(object)) return object.size() > 0;
    if (!error.get(is_error)) return is_error && !message_of(root).empty();
    return !error.get(words) && !words.empty();
}

// `error` with its sibling members: xAI has the code there, TGI the type, gateways the message.
ErrorBody error_beside(Element error, Element root) {
    auto body = error.is_bool() ? body_of(root) : body_of(error);
    if (!error.is_object() && body.code.empty()) body.code = code_of(root);
    if (body.type.empty()) body.type = text_or_empty(root, "error_type");
    return body;
}

// `errors`: a list whose first entry counts (Cloudflare, JSON:API, GraphQL).
std::optional<ErrorBody> first_of_errors(Element root) {
    const auto errors = json::list_member(root, "errors");
    Element first;
    if (!errors || errors->at(0).get(first) || !says_something(first, root)) return std::nullopt;
    return body_of(first);
}

}  // namespace

// Only shapes that no good answer has. `error_in_place_of_answer` looks further, and is for answers
// without choices or data.
std::optional<ErrorBody> error_in(Element root) {
    simdjson::dom::array list;
    if (!root.get(list)) {  // Google wraps the error of a stream in a list.
        Element first;
        if (list.at(0).get(first) || !first.is_object()) return std::nullopt;
        return error_in(first);
    }
    static constexpr std::array<std::string_view, 4> names{"error", "object", "type", "base_resp"};
    const auto [error, object, type, base_resp] = json::members(root, names);
    if (error && says_something(*error, root)) return error_beside(*error, root);
    if (is_text(object, "error") || is_text(type, "error")) return body_of(root);
    return error_of_minimax(base_resp, root);
}

std::optional<ErrorBody> error_in_choice(Element choice) {
    const auto error = json::member(choice, "error");
    if (!error || !says_something(*error, choice)) return std::nullopt;
    return error_beside(*error, choice);
}

std::optional<ErrorBody> error_in_place_of_answer(Element root) {
    if (!root.is_object() || has_answer(root)) return std::nullopt;
    if (auto first = first_of_errors(root)) return first;
    const auto detail = json::member(root, "detail");
    auto body = body_of(detail && detail->is_object() ? *detail : root);
    if (detail && detail->is_object()) {
        if (auto inner = error_in(*detail)) return inner;
    }
    if (body.message.empty()) body.message = words_of_detail(root);
    if (body.message.empty()) body.message = text_or_empty(root, "title");  // RFC 9457.
    if (body.message.empty()) return std::nullopt;
    return body;
}

// For an error status, where anything is better than nothing: text that is not JSON becomes the
// message as it is.
ErrorBody read_error_body(std::string_view text) {
    std::string storage;
    Element root;
    ErrorBody body;
    text = json::mended(text, storage);
    if (!json::parse(text).get(root)) {
        if (auto error = error_in(root)) return std::move(*error);
        if (auto error = error_in_place_of_answer(root)) return std::move(*error);
        if (root.is_object()) body = body_of(root);
    }
    if (body.message.empty()) body.message = text;
    return body;
}

}  // namespace skein
