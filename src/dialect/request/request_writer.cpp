// Prepares a Request: checks it, builds its body, and estimates its tokens. Invariant: the body is
// one JSON object with the model first, the caller's members in order, and the added members last
// (`address.cpp` relies on that). Pure; any thread.
#include "dialect/request/request_writer.hpp"

#include "dialect/request/body.hpp"
#include "dialect/request/media.hpp"
#include "dialect/request/native_request.hpp"
#include "dialect/request/paths.hpp"
#include "json/json.hpp"
#include "json/members.hpp"
#include "json/text.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace skein {
namespace {

constexpr std::int64_t max_choices = 10'000;
constexpr std::string_view include_usage = added_members[0].text;
static_assert(added_members[0].name == "stream_options" && adds_stream_options == 1);

Fault bad_input(std::string detail) {
    return Fault{.kind = FaultKind::bad_input, .detail = std::move(detail)};
}

// Writes the beginning of the body; the members follow.
void begin(Prepared& prepared, std::string_view usual_model) {
    const auto& model = usual_model.empty() ? prepared.model : usual_model;
    prepared.body.clear();
    begin_body(prepared.body, model);
    prepared.members_at = prepared.body.size() + (model.empty() ? 0 : 1);  // After the comma.
}

// Adds the comma unless the body is only its brace.
void begin_member(std::string& body) {
    if (body.size() > 1) body += ',';
}

// Estimates the tokens: a prompt has about four bytes a token, media a fixed number, and the answer
// its limit. Saturating, because the limit is any number. `prepared.body` must be complete.
void estimate_tokens(Prepared& prepared, std::int64_t max_answered) {
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    prepared.max_answered = std::max<std::int64_t>(max_answered, 0);
    const auto text = prepared.members().size() - media_bytes_in(prepared.members());
    prepared.prompt_tokens = static_cast<std::int64_t>((text + 3) / 4) + prepared.media_tokens;
    const auto left = max - prepared.prompt_tokens;
    const auto all_answered = prepared.max_answered <= left / prepared.choices
                                  ? prepared.max_answered * prepared.choices
                                  : left;
    prepared.tokens = prepared.prompt_tokens + all_answered;
}

// --- A whole request, given as JSON -------------------------------------------------------------

// The members of the body that skein needs to know; the others are passed through unread.
struct BodyFacts {
    int models = 0;
    bool stream_options = false;
    bool response_format = false;
    std::int64_t n = 1;
    std::int64_t prompts = 1;  // Prompts, or inputs of embeddings, in one request.
    std::int64_t max_answered = 0;
};

// A list of token numbers is one prompt; a list of texts, or of lists, is several.
std::int64_t count_prompts(json::Element value) {
    simdjson::dom::array list;
    if (value.get(list) || list.size() == 0 || list.at(0).is_int64()) return 1;
    return static_cast<std::int64_t>(list.size());
}

// The number, saturating at the largest int64. 0 for any other value: the server may reject it.
std::int64_t count_in(json::Element value) {
    std::int64_t number = 0;
    if (value.is_uint64() && !value.is_int64()) return std::numeric_limits<std::int64_t>::max();
    return value.get(number) ? 0 : number;
}

// Reads one member. Returns what is wrong with it; empty if it is valid.
std::string learn(
    std::string_view key,
    json::Element value,
    Operation operation,
    Prepared& prepared,
    BodyFacts& facts
) {
    if (key == "model") {
        if (!value.is_string()) return "`model` must be a string";
        if (++facts.models > 1) return "`model` is given twice";
    } else if (key == "stream" && !value.is_null()) {
        if (value.get(prepared.stream)) return "`stream` must be true or false";
    } else if (key == "stream_options") {
        facts.stream_options = true;
    } else if (key == "response_format") {
        facts.response_format = true;
    } else if (key == "n" && operation != Operation::embedding && operation != Operation::other && !value.is_null()) {
        facts.n = count_in(value);
        if (facts.n < 1 || facts.n > max_choices) return "`n` must be a number from 1 to 10000";
    } else if (key == (operation == Operation::completion ? "prompt" : "input") && operation != Operation::chat) {
        facts.prompts = count_prompts(value);
    } else if (key == "messages") {
        prepared.media_tokens = media_tokens_in(value);
    } else if (key == "max_tokens" || key == "max_completion_tokens" || key == "max_output_tokens") {
        facts.max_answered = std::max(facts.max_answered, count_in(value));
    }
    return {};
}

// The body of the row with the model in front. What skein does not read is copied byte for byte, so
// that numbers and escapes reach the server as they were written.
std::optional<Fault> fill_from_body(
    std::string_view given,
    Operation operation,
    std::string_view usual_model,
    std::string_view response_format,
    bool is_streamed,
    Prepared& prepared
) {
    json::Element root;
    simdjson::dom::object object;
    if (const auto error = json::parse(given).get(root)) {
        return bad_input("the body cannot be sent: " + json::why_not(error));
    }
    if (root.get(object)) return bad_input("the body must be a JSON object");

    // The parsed tree and the text are walked together: they hold the same members in the same
    // order. The tree gives the meaning, the text the bytes. A key may be escaped, so only the tree
    // knows its name.
    BodyFacts facts;
    std::string wrong;
    auto field = object.begin();
    prepared.body.reserve(given.size() + usual_model.size() + 16 + include_usage.size());
    if (const auto own = json::text_member(root, "model")) prepared.model = *own;
    begin(prepared, usual_model);
    json::for_each_member(given, [&](std::string_view key, std::string_view value) {
        if (wrong.empty()) wrong = learn(field.key(), field.value(), operation, prepared, facts);
        const bool is_left_out = (field.key() == "stream_options" && field.value().is_null()) ||
                                 (field.key() == "stream" && is_streamed);
        if (field.key() != "model" && !is_left_out) append_member(prepared.body, key, value);
        ++field;
    });
    if (!wrong.empty()) return bad_input("the body cannot be sent: " + wrong);

    const bool is_asked_for = operation == Operation::chat && !response_format.empty();
    if (is_asked_for && !facts.response_format)
        append_member(prepared.body, "response_format", response_format);

    if (is_streamed) {
        append_member(prepared.body, "stream", "true");
        prepared.stream = true;
    }
    // Without this member a stream has no usage, and neither rates nor costs could be corrected.
    if (prepared.stream && operation != Operation::embedding && !facts.stream_options) {
        prepared.body += include_usage;
        prepared.added = adds_stream_options;
    }
    prepared.body += '}';
    constexpr std::int64_t max = std::numeric_limits<int>::max();
    const auto choices = operation == Operation::embedding ? 1 : facts.n * facts.prompts;
    prepared.choices = static_cast<int>(std::min(choices, max));
    prepared.inputs = static_cast<int>(std::min(facts.prompts, max));
    estimate_tokens(prepared, facts.max_answered);
    return std::nullopt;
}

// --- A request given by its messages or prompt --------------------------------------------------

void append_message(std::string& out, std::string_view role, std::string_view content) {
    out += R"({"role":)";
    json::append_string(out, role);
    out += R"(,"content":)";
    json::append_string(out, content);
    out += '}';
}

void append_question(std::string& out, const Request& request, Operation operation) {
    if (operation != Operation::chat) {
        out += operation == Operation::completion ? R"("prompt":)" : R"("input":)";
        json::append_string(out, request.prompt);
        return;
    }
    out += R"("messages":[)";
    if (request.messages.empty()) append_message(out, "user", request.prompt);
    for (const auto& message : request.messages) {
        if (out.back() == '}') out += ',';
        append_message(out, message.role, message.content);
    }
    out += ']';
}

// The reason why the request cannot be sent; empty if it can.
// A mistake is reported before anything is written, in the words of a Request and not of JSON.
std::string wrong_with(const Request& request, Operation operation) {
    if (request.messages.empty() && request.prompt.empty()) {
        return "nothing is asked: fill in `prompt`, `messages` or `body`";
    }
    if (operation != Operation::chat && !request.messages.empty()) {
        return "`messages` are for /v1/chat/completions; " + request.path + " takes a `prompt`";
    }
    if (operation == Operation::embedding && (request.temperature || request.max_tokens)) {
        return "/v1/embeddings takes neither `temperature` nor `max_tokens`";
    }
    if (request.temperature && !std::isfinite(*request.temperature)) {
        return "`temperature` must be a number";
    }
    if (request.max_tokens && *request.max_tokens < 0) return "`max_tokens` must not be negative";
    return {};
}

// A guess of the size of the body, to allocate once. Escapes may make it larger.
std::size_t bytes_of(const Request& request) {
    auto bytes = request.prompt.size();
    for (const auto& message : request.messages) bytes += message.content.size() + 64;
    return bytes;
}

std::optional<Fault> fill_from_words(
    const Request& request,
    Operation operation,
    std::string_view usual_model,
    std::string_view response_format,
    bool is_streamed,
    Prepared& prepared
) {
    if (auto wrong = wrong_with(request, operation); !wrong.empty())
        return bad_input(std::move(wrong));
    auto& out = prepared.body;
    out.reserve(bytes_of(request) + bytes_of(request) / 8 + usual_model.size() + 256);
    begin(prepared, usual_model);
    begin_member(out);
    append_question(out, request, operation);
    if (request.temperature) {
        out += R"(,"temperature":)";
        json::append_number(out, *request.temperature);
    }
    if (request.max_tokens) {
        out += R"(,"max_tokens":)";
        json::append_number(out, *request.max_tokens);
    }
    if (operation == Operation::chat && !response_format.empty())
        append_member(out, "response_format", response_format);
    if (is_streamed) {
        out.append(R"(,"stream":true)").append(include_usage);
        prepared.added = adds_stream_options;
    }
    out += '}';
    prepared.stream = is_streamed;
    estimate_tokens(prepared, request.max_tokens.value_or(0));
    return std::nullopt;
}

// The same for an unknown operation.
std::string wrong_with_other(const Request& request) {
    if (answers_with_bytes(request.path)) {
        return "an answer of " + request.path + " is a file, which no line can hold";
    }
    if (!request.body.empty()) return {};
    return "fill in `body`: what " + request.path + " takes is not known here";
}

}  // namespace

Expected<Prepared, Fault> prepare(
    const Request& request,
    std::string_view usual_model,
    std::string_view response_format,
    bool is_streamed
) {
    auto path = read_path(request.path);
    if (!path) return bad_input("`path` " + path.error().what);
    if (const auto native = native_path(*path)) {
        return prepare_native(request, *native, usual_model, is_streamed);
    }
    const auto operation = operation_of(*path);
    if (auto wrong = operation == Operation::other ? wrong_with_other(request) : std::string{};
        !wrong.empty()) {
        return bad_input(std::move(wrong));
    }
    Prepared prepared;
    prepared.path = std::move(*path);
    prepared.operation = operation;
    prepared.model = request.model;
    prepared.deadline = request.deadline;
    const bool is_text = operation == Operation::chat || operation == Operation::completion;
    is_streamed = is_streamed && is_text;
    // A body wins over messages and prompt.
    auto fault =
        request.body.empty()
            ? fill_from_words(
                  request,
                  operation,
                  usual_model,
                  response_format,
                  is_streamed || request.stream,
                  prepared
              )
            : fill_from_body(
                  request.body, operation, usual_model, response_format, is_streamed, prepared
              );
    if (fault) return std::move(*fault);
    if (prepared.stream && operation == Operation::embedding)
        return bad_input("embeddings cannot be streamed");
    if (prepared.stream && operation == Operation::other) {
        return bad_input(
            "leave `stream` out: an answer of " + request.path +
            " cannot be put together from a stream"
        );
    }
    // Looked for once, for all rows of a template.
    prepared.may_have_schema = operation == Operation::chat &&
                               prepared.body.find(R"("response_format")") != std::string::npos;
    return prepared;
}

// For templates: one row is prepared in full, and the others differ in their texts only. So model,
// path and members are taken from the pattern, and only the tokens are counted anew.
Prepared prepared_like(const Prepared& pattern, std::string body) {
    Prepared prepared = pattern;
    prepared.body = std::move(body);
    estimate_tokens(prepared, pattern.max_answered);
    return prepared;
}

}  // namespace skein
