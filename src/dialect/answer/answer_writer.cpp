#include "dialect/answer/answer_writer.hpp"

#include "dialect/answer/plain_answer.hpp"
#include "json/text.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

namespace skein {
namespace {

Fault bad_answer(std::string what) {
    return {.kind = FaultKind::bad_response, .detail = "the local model: " + std::move(what)};
}

// What the model gave itself is kept; only what it left empty is filled in.
void fill_in(std::string& place, std::string&& with) {
    if (place.empty()) place = std::move(with);
}

// Checks the body that the model gave, and fills in the completion from it. Returns a fault if the
// body is invalid.
std::optional<Fault> read_body(Completion& given, Operation operation) {
    auto reading = read_plain_answer(given.body, operation, json::usual_depth);
    if (const auto* wrong = std::get_if<Complaint>(&reading)) return bad_answer(wrong->what);
    if (std::holds_alternative<ErrorBody>(reading)) {
        return bad_answer("its `body` is an error; give a Fault instead");
    }
    auto& read = std::get<Completion>(reading);
    given.body = std::move(read.body);
    fill_in(given.text, std::move(read.text));
    fill_in(given.finish_reason, std::move(read.finish_reason));
    fill_in(given.model, std::move(read.model));
    fill_in(given.service_tier, std::move(read.service_tier));
    fill_in(given.note, std::move(read.note));
    if (!given.usage) given.usage = read.usage;
    return std::nullopt;
}

// Appends the parts that are not zero as an object of their own, and nothing if all are.
void append_parts(
    std::string& text,
    std::string_view name,
    std::initializer_list<std::pair<std::string_view, std::int64_t>> parts
) {
    bool is_open = false;
    for (const auto& [part, count] : parts) {
        if (count == 0) continue;
        text.append(is_open ? ",\"" : std::string{name} + "{\"").append(part).append("\":");
        json::append_number(text, count);
        is_open = true;
    }
    if (is_open) text += '}';
}

std::string usage_text(const Usage& usage) {
    std::string text = R"({"prompt_tokens":)";
    json::append_number(text, usage.input_tokens);
    text += R"(,"completion_tokens":)";
    json::append_number(text, usage.output_tokens);
    text += R"(,"total_tokens":)";
    json::append_number(text, usage.input_tokens + usage.output_tokens);
    append_parts(
        text,
        R"(,"prompt_tokens_details":)",
        {{"cached_tokens", usage.cached_tokens},
         {"cache_write_tokens", usage.cache_write_tokens},
         {"cache_write_1h_tokens", usage.cache_write_1h_tokens}}
    );
    append_parts(
        text, R"(,"completion_tokens_details":)", {{"reasoning_tokens", usage.reasoning_tokens}}
    );
    return text += '}';
}

// Writes the body that a server would send for one choice.
std::string written_body(const Completion& completion, Operation operation, std::string_view id) {
    const bool is_chat = operation == Operation::chat;
    std::string body = "{";
    const auto member = [&](std::string_view name, std::string_view text) {
        body.append(name);
        json::append_string(body, text);
    };
    if (!id.empty()) {
        member(R"("id":)", id);
        body += ',';
    }
    member(R"("object":)", is_chat ? "chat.completion" : "text_completion");
    if (!completion.model.empty()) member(R"(,"model":)", completion.model);
    body += R"(,"choices":[{"index":0)";
    member(
        is_chat ? R"(,"message":{"role":"assistant","content":)" : R"(,"text":)", completion.text
    );
    if (is_chat) body += '}';
    member(R"(,"finish_reason":)", completion.finish_reason);
    body += "}]";
    if (completion.usage) body.append(R"(,"usage":)").append(usage_text(*completion.usage));
    return body += '}';
}

}  // namespace

// Completes what a model in this process returned, so that a row looks the same as from a server.
// `pieces`: the text that it streamed; used if it gave no text.
Outcome whole_answer(
    Completion given, std::string pieces, const Prepared& request, std::string_view id
) {
    const auto operation = request.operation;
    fill_in(given.text, std::move(pieces));
    given.text = json::valid_utf8(given.text);
    if (given.body.empty() && operation == Operation::other) {
        return bad_answer("its answer is in `Completion::body`, and it left that empty");
    }
    if (!given.body.empty()) {
        if (auto wrong = read_body(given, operation)) return std::move(*wrong);
    } else if (operation == Operation::embedding) {
        return bad_answer("embeddings are in `Completion::body`, and it left that empty");
    }
    // A model that returns has stopped. An empty finish reason would look like an answer that goes
    // on.
    if (operation == Operation::chat || operation == Operation::completion)
        fill_in(given.finish_reason, "stop");
    fill_in(given.model, std::string{request.model});
    if (given.usage) given.usage = with_parts_inside(*given.usage);
    if (given.body.empty()) given.body = written_body(given, operation, id);
    return given;
}

}  // namespace skein
