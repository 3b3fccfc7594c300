// Reads a row that is a whole request: one line of a batch file for an OpenAI-compatible API.
//
// Recognises the batch formats of other APIs only to give advice. Pure functions, any thread.
#include "job/input/batch_row.hpp"

#include "base/ascii.hpp"
#include "dialect/request/paths.hpp"
#include "json/members.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace skein::job {
namespace {

// The first member in this order that a body has decides the path.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> paths_by_member{{
    {"messages", "/v1/chat/completions"},
    {"prompt", "/v1/completions"},
    {"input", "/v1/embeddings"},
    {"query", "/v1/rerank"},  // Voyage, Cohere, Jina, vLLM.
}};

// Batch formats of other APIs, recognised by their members. Each names the vendor's documentation.
struct OtherForm {
    std::array<std::string_view, 2> members;
    std::string_view advice;
};

constexpr std::array<OtherForm, 5> other_forms{{
    // Anthropic, "Message Batches".
    {{"custom_id", "params"},
     "these look like lines of Anthropic's Message Batches whose `params` have no list of "
     "`messages`; input.format: anthropic-batch takes them as they are"},
    // Google, "Batch API" of Gemini; Vertex AI has the same form without `key`.
    {{"request", ""},
     "these look like lines of Gemini's Batch API whose `request` has no list of `contents`; "
     "input.format: gemini-batch takes them as they are, if they are for generateContent"},
    // Amazon, "Batch inference" of Bedrock.
    {{"recordId", "modelInput"},
     "these look like records of Bedrock's batch inference, which are for another API than "
     "OpenAI's; "
     "write {\"custom_id\": …, \"body\": {\"messages\": […]}}"},
    // xAI, "Batch API".
    {{"batch_request_id", "batch_request"},
     "these look like lines of xAI's Batch API; write {\"custom_id\": …, \"body\": {\"messages\": "
     "[…]}}"},
    // A file for fine-tuning, or a file of bodies without an envelope.
    {{"messages", ""},
     "each row has messages of its own: write request: {messages: \"{{ messages | json }}\"}"},
}};

bool has(std::span<const std::string> members, std::string_view name) {
    return name.empty() || std::ranges::find(members, name) != members.end();
}

std::vector<std::string> members_of(std::string_view object) {
    std::vector<std::string> names;
    json::for_each_member(object, [&](std::string_view name, std::string_view) {
        names.emplace_back(name);
    });
    return names;
}

// The text of a member; nothing if it is missing or null, an error if it is no text.
Expected<std::optional<std::string>, ConfigError> text_of(
    const json::Object& row, std::string_view name
) {
    const auto value = row.find(name);
    if (!value || json::is_null(*value)) return std::optional<std::string>{};
    if (json::is_string(*value)) return std::optional{json::said(*value)};
    return ConfigError{
        .what = '`' + std::string{name} + "` must be a text, not `" + json::printable(*value, 80) +
                '`'};
}

// The API path of a row, by its `url` or else by the members of its body.
Expected<ApiPath, ConfigError> path_of(const json::Object& row, std::string_view body) {
    auto url = text_of(row, "url");
    if (!url) return url.error();
    if (*url) {
        auto path = read_path(**url);
        if (!path) return ConfigError{.what = "`url` " + path.error().what};
        return path;
    }
    const auto path = path_for(members_of(body));
    if (!path.empty()) return ApiPath{path};
    return ConfigError{
        .what =
            "it has no `url`, such as /v1/chat/completions, and its body has neither `messages` "
            "nor `prompt` nor `input`, by which the path would be known"};
}

}  // namespace

bool is_batch_row(const json::Object& row) {
    const auto body = row.find("body");
    return body && json::is_object(*body) &&
           (row.find("url") || row.find("custom_id") || row.find("method"));
}

std::string_view path_for(std::span<const std::string> members) {
    for (const auto& [name, path] : paths_by_member) {
        if (has(members, name)) return path;
    }
    return {};
}

Expected<Request, ConfigError> read_batch_row(const json::Object& row) {
    // The method may be missing, because the batch files of several vendors have none. Members
    // other than `method`, `url` and `body` are not looked at.
    if (auto method = text_of(row, "method"); !method) {
        return method.error();
    } else if (*method && !same_letters(**method, "POST")) {
        const auto shown = json::printable(**method, 80);
        return ConfigError{.what = "`method` must be POST, or left out, not `" + shown + '`'};
    }
    const auto body = row.find("body");
    if (!body || !json::is_object(*body)) {
        return ConfigError{.what = "`body` must be there and be an object"};
    }
    const auto path = path_of(row, *body);
    if (!path) return path.error();
    Request request;
    // Byte for byte, as the row has it.
    request.body = *body;
    request.path = path->view();
    return request;
}

std::string advice_on_row(std::span<const std::string> members) {
    const auto* form = std::ranges::find_if(other_forms, [&](const OtherForm& known) {
        return has(members, known.members[0]) && has(members, known.members[1]);
    });
    return form == other_forms.end() ? std::string{} : "; " + std::string{form->advice};
}

}  // namespace skein::job
