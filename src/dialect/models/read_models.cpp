// Reads a list of models. Servers differ: `{"data":[{"id"}]}`, `{"models":[{"name"}]}`, and a bare
// list (Together). Invariant: whatever the answer is, the result is small, printable text is left
// to the caller, and no name holds a key.
#include "dialect/http/redact.hpp"
#include "dialect/models/model_list.hpp"
#include "json/json.hpp"
#include "json/text.hpp"

#include <array>
#include <optional>
#include <span>

namespace skein {
namespace {

// Members with the length of the prompt that a model takes: Anthropic, Gemini, OpenRouter and
// Together, Groq, vLLM, Mistral.
constexpr std::array<std::string_view, 6> contexts{
    "max_input_tokens",
    "inputTokenLimit",
    "context_length",
    "context_window",
    "max_model_len",
    "max_context_length"};

std::int64_t first_number(json::Element item, std::span<const std::string_view> names) {
    for (const auto name : names) {
        const auto number = json::whole_member(item, name);
        if (number && *number > 0) return *number;
    }
    return 0;
}

std::int64_t context_of(json::Element item) {
    if (const auto told = first_number(item, contexts); told > 0) return told;
    // llama-server has it below `meta`.
    constexpr std::array<std::string_view, 1> trained{"n_ctx_train"};
    const auto meta = json::member(item, "meta");
    return meta ? first_number(*meta, trained) : 0;
}

// `max_tokens` is read of Anthropic alone: other servers mean the context by it.
std::int64_t output_of(json::Element item, Api api) {
    constexpr std::array<std::string_view, 2> usual{"outputTokenLimit", "max_completion_tokens"};
    constexpr std::array<std::string_view, 1> anthropic{"max_tokens"};
    return api == Api::anthropic ? first_number(item, anthropic) : first_number(item, usual);
}

std::optional<OfferedModel> model_in(json::Element item, const Endpoint& endpoint) {
    auto name = json::text_or_empty(item, "id");
    if (name.empty()) name = json::text_or_empty(item, "name");
    if (endpoint.api == Api::gemini && name.starts_with(gemini_folder))
        name.remove_prefix(gemini_folder.size());
    if (name.empty() || name.size() > max_model_name) return std::nullopt;
    return OfferedModel{
        redacted(std::string{name}, endpoint), context_of(item), output_of(item, endpoint.api)};
}

std::optional<simdjson::dom::array> list_in(json::Element root) {
    simdjson::dom::array bare;
    if (root.get(bare) == simdjson::SUCCESS) return bare;
    if (auto data = json::list_member(root, "data")) return data;
    return json::list_member(root, "models");
}

// Anthropic says that there is more, Gemini gives the mark alone.
std::string next_of(json::Element root, Api api) {
    std::string_view mark;
    if (api == Api::gemini) mark = json::text_or_empty(root, "nextPageToken");
    if (api == Api::anthropic) {
        const auto more = json::member(root, "has_more");
        bool has_more = false;
        if (more && more->get(has_more) == simdjson::SUCCESS && has_more) {
            mark = json::text_or_empty(root, "last_id");
        }
    }
    constexpr std::size_t max_mark = 4096;
    return mark.size() > max_mark ? std::string{} : std::string{mark};
}

}  // namespace

ModelPage read_models(const Endpoint& endpoint, std::string_view body) {
    std::string storage;
    const auto parsed = json::parse(json::mended(body, storage));
    if (parsed.error() != simdjson::SUCCESS) {
        return {.wrong = "the answer is no JSON, because " + json::why_not(parsed.error())};
    }
    const auto root = parsed.value_unsafe();
    const auto list = list_in(root);
    if (!list) return {.wrong = "the answer holds no list of models"};
    ModelPage page;
    for (const auto item : *list) {
        if (auto model = model_in(item, endpoint)) page.models.push_back(std::move(*model));
    }
    page.next = next_of(root, endpoint.api);
    return page;
}

}  // namespace skein
