// The check of an answer, once it is complete. Invariant: what is asked again is the conversation
// with the answer as it came; no value of an answer stands in a fault's words. Any thread.
#include "dialect/expectation.hpp"

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "dialect/answer/reading.hpp"
#include "dialect/http/redact.hpp"
#include "dialect/request/request_writer.hpp"
#include "json/members.hpp"
#include "json/object.hpp"
#include "json/text.hpp"
#include "schema/pattern.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

// Each row may name a schema of its own.
constexpr std::size_t max_schemas = 64;
constexpr std::string_view fence = "```";

constexpr std::string_view asks_for_value = " Reply with the corrected JSON value alone.";

// The inside of one pair of fences around the whole text: three back quotes, maybe with a word, on
// a line of their own. Nothing if there is none.
std::optional<std::string_view> unfenced(std::string_view text) {
    if (!text.starts_with(fence) || !text.ends_with(fence)) return std::nullopt;
    const auto end_of_line = text.find('\n');
    if (end_of_line == text.npos || end_of_line + fence.size() > text.size()) return std::nullopt;
    const auto word = text.substr(fence.size(), end_of_line - fence.size());
    const bool is_word = std::ranges::all_of(trimmed(word), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (!is_word) return std::nullopt;
    text.remove_prefix(end_of_line + 1);
    text.remove_suffix(fence.size());
    return trimmed(text);
}

bool is_call(const Completion& completion) {
    return completion.finish_reason == "tool_calls" || completion.finish_reason == "function_call";
}

std::string list_of(const std::vector<std::string>& words) {
    std::string all;
    for (const auto& word : words) all += (all.empty() ? "" : ", ") + json::printable(word, 40);
    return all;
}

}  // namespace

std::string response_format_of(const Expect& expect) {
    if (expect.schema.empty()) return {};
    return R"({"type":"json_schema","json_schema":{"name":"answer","schema":)" +
           json::compact(expect.schema) + R"(,"strict":false}})";
}

// What is wrong with an answer.
struct Expectation::Unfitness {
    enum class Then { nothing, same, corrected };
    std::string detail;   // For the fault.
    std::string words{};  // For the model, if it is told.
    Then then = Then::nothing;
};

Expectation::Expectation(Expect expect) : expect_{std::move(expect)} {
    if (expect_.match.empty()) return;
    auto match = schema::Pattern::of_re2(expect_.match);
    SKEIN_ASSERT(match);
    match_ = std::move(*match);
}

void Expectation::check(const RequestPtr& request, const Endpoint& endpoint, AttemptResult& result)
    const {
    if (auto* fault = std::get_if<Fault>(&result.outcome)) {
        // The server has checked the answer itself; another one may be well.
        if (fault->kind == FaultKind::invalid_output) {
            result.unfit = std::make_shared<const Unfit>(Unfit{.again = request});
        }
        return;
    }
    auto& completion = std::get<Completion>(result.outcome);
    auto wrong = find(*request, completion);
    if (!wrong) return;
    Unfit unfit{.usage = completion.usage, .service_tier = completion.service_tier};
    using Then = Unfitness::Then;
    if (wrong->then == Then::corrected)
        unfit.again = asked_again(*request, completion.text, wrong->words);
    if (wrong->then != Then::nothing && !unfit.again) unfit.again = request;
    Fault fault{.kind = FaultKind::invalid_output};
    fault.detail = std::move(wrong->detail);
    fault.body = kept_body(completion.body, endpoint);
    fault.http_status = completion.http_status;
    result.outcome = std::move(fault);
    result.unfit = std::make_shared<const Unfit>(std::move(unfit));
}

std::optional<Expectation::Unfitness> Expectation::find(
    const Prepared& request, Completion& completion
) const {
    const bool is_text =
        request.operation == Operation::chat || request.operation == Operation::completion;
    if (!is_text && (request.operation == Operation::embedding || completion.text.empty()))
        return std::nullopt;
    const auto& reason = completion.finish_reason;
    if (!expect_.finish.empty() &&
        std::ranges::find(expect_.finish, reason) == expect_.finish.end()) {
        return Unfitness{
            .detail = "the answer ended with `" + json::printable(reason, 40) +
                      "`, expected: " + list_of(expect_.finish)};
    }
    auto schema = schema_in(request);
    if (schema.empty()) schema = expect_.schema;
    const bool wants_json = !schema.empty() || expect_.json;
    // A call is no answer yet.
    if (wants_json && !is_call(completion)) {
        if (reason == "length") return Unfitness{.detail = "cut off at max_tokens"};
        if (reason == "content_filter")
            return Unfitness{.detail = "a filter of the server ended the answer"};
        if (trimmed(completion.text).empty()) {
            if (completion.refused) return Unfitness{.detail = "the model refused to answer"};
            return Unfitness{.detail = "the answer is empty", .then = Unfitness::Then::same};
        }
        if (auto wrong = find_in_text(schema, completion)) return wrong;
    }
    if (match_ && !is_call(completion) && !match_->is_in(completion.text)) {
        return Unfitness{
            .detail = "the answer does not match the regular expression `" +
                      json::printable(expect_.match, 100) + '`'};
    }
    return std::nullopt;
}

std::optional<Expectation::Unfitness> Expectation::find_in_text(
    std::string_view schema_text, Completion& completion
) const {
    using Then = Unfitness::Then;
    auto text = trimmed(completion.text);
    const auto inside = unfenced(text);
    if (inside) text = *inside;
    std::string storage;
    json::Element root;
    const auto error = json::parse(schema::with_readable_numbers(text, storage)).get(root);
    if (error) {
        const auto why = "is not one JSON value (" + json::why_not(error) + ')';
        return Unfitness{
            "the answer " + why,
            "The reply " + why + ". Reply with the JSON value alone, without any other text.",
            Then::corrected};
    }
    if (!schema_text.empty()) {
        const auto schema = compiled(schema_text);
        if (!schema->schema) {
            add_note(completion, "its schema was not checked: " + schema->why);
        } else if (auto verdict = schema->schema->check(root, text.size()); !verdict.fits) {
            return Unfitness{
                "the answer does not fit the schema: " + verdict.words,
                "The reply does not fit the schema. " + verdict.words + std::string{asks_for_value},
                Then::corrected};
        }
    }
    if (inside) {
        completion.unfenced = true;
        completion.text = std::string{text};
    }
    return std::nullopt;
}

// Compiled outside the lock. Two threads may do so at once; one of the two results is kept.
Expectation::CompiledPtr Expectation::compiled(std::string_view text) const {
    {
        const std::lock_guard lock{mutex_};
        if (const auto at = schemas_.find(text); at != schemas_.end()) return at->second;
    }
    Compiled made;
    auto schema = schema::Schema::compile(text);
    if (schema) {
        made.schema = std::move(*schema);
    } else {
        made.why = schema.error().text();
    }
    auto shared = std::make_shared<const Compiled>(std::move(made));
    const std::lock_guard lock{mutex_};
    if (schemas_.size() >= max_schemas) schemas_.clear();
    schemas_.emplace(std::string{text}, shared);
    return shared;
}

std::string_view schema_in(const Prepared& request) {
    const std::string_view body = request.body;
    if (!request.may_have_schema) return {};
    std::string_view at = body;
    for (const std::string_view name : {"response_format", "json_schema", "schema"}) {
        std::string_view found;
        json::for_each_member(at, [&](std::string_view key, std::string_view value) {
            if (key == name) found = value;
        });
        if (!json::is_object(found)) return {};
        at = found;
    }
    return at;
}

RequestPtr asked_again(const Prepared& request, std::string_view answer, std::string_view words) {
    const std::string_view body = request.body;
    std::size_t end = 0;  // Of the list of messages, before its bracket.
    bool is_empty = true;
    json::for_each_member(body, [&](std::string_view key, std::string_view value) {
        if (key != "messages" || !json::is_list(value)) return;
        end = static_cast<std::size_t>(value.data() - body.data()) + value.size() - 1;
        is_empty = trimmed(value.substr(1, value.size() - 2)).empty();
    });
    if (end == 0) return nullptr;
    std::string longer;
    longer.reserve(body.size() + answer.size() + words.size() + 128);
    longer.append(body.substr(0, end)).append(is_empty ? "" : ",");
    longer += R"({"role":"assistant","content":)";
    json::append_string(longer, answer);
    longer += R"(},{"role":"user","content":)";
    json::append_string(longer, words);
    longer.append("}").append(body.substr(end));
    return std::make_shared<const Prepared>(prepared_like(request, std::move(longer)));
}

}  // namespace skein
