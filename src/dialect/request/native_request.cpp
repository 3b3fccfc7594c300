// Invariant: what a maker's body says is read for the counts alone; but for `model` no byte of a
// member changes. Pure; any thread.
#include "dialect/request/native_request.hpp"

#include "dialect/request/body.hpp"
#include "dialect/request/media.hpp"
#include "dialect/request/request_writer.hpp"
#include "json/json.hpp"
#include "json/members.hpp"

#include <skein/settings.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace skein {
namespace {

using json::Element;

constexpr std::int64_t max_candidates = 10'000;
constexpr std::int64_t tokens_of_media = 1100;

Fault bad_body(std::string why) {
    return Fault{
        .kind = FaultKind::bad_input, .detail = "the body cannot be sent: " + std::move(why)};
}

// Google takes each name also with underscores.
std::optional<Element> either(Element holder, std::string_view name, std::string_view other) {
    const auto found = json::member(holder, name);
    return found ? found : json::member(holder, other);
}

std::int64_t count_of(const std::optional<Element>& value) {
    std::int64_t number = 0;
    return value && !value->get(number) ? std::max<std::int64_t>(number, 0) : 0;
}

std::int64_t media_tokens_of_contents(Element root) {
    std::int64_t tokens = 0;
    const auto contents = json::list_member(root, "contents");
    if (!contents) return tokens;
    for (const auto content : *contents) {
        const auto parts = json::list_member(content, "parts");
        if (!parts) continue;
        for (const auto part : *parts) {
            const bool is_media =
                either(part, "inlineData", "inline_data") || either(part, "fileData", "file_data");
            if (is_media) tokens += tokens_of_media;
        }
    }
    return tokens;
}

// Returns what is wrong; empty if nothing is.
std::string learn_of_messages(Element root, Prepared& prepared) {
    const auto stream = json::member(root, "stream");
    if (stream && stream->get(prepared.stream)) return "`stream` must be true or false";
    prepared.max_answered = count_of(json::member(root, "max_tokens"));
    if (const auto messages = json::member(root, "messages")) {
        prepared.media_tokens = media_tokens_in(*messages);
    }
    return {};
}

std::string learn_of_contents(Element root, Prepared& prepared) {
    prepared.media_tokens = media_tokens_of_contents(root);
    const auto config = either(root, "generationConfig", "generation_config");
    if (!config) return {};
    prepared.max_answered = count_of(either(*config, "maxOutputTokens", "max_output_tokens"));
    const auto count = either(*config, "candidateCount", "candidate_count");
    if (!count) return {};
    const auto choices = count_of(count);
    if (choices < 1 || choices > max_candidates) {
        return "`candidateCount` must be a number from 1 to 10000";
    }
    prepared.choices = static_cast<int>(choices);
    return {};
}

// The model comes first, as in every prepared body. Gemini has it in the path alone.
std::string body_without_model(
    std::string_view given,
    std::string_view model,
    bool is_made_streamed,
    std::size_t& members_at,
    int& models
) {
    std::string body;
    body.reserve(given.size() + model.size() + 16);
    begin_body(body, model);
    members_at = body.size() + (model.empty() ? 0 : 1);
    json::for_each_member(given, [&](std::string_view key, std::string_view value) {
        if (key == "model") {
            ++models;
        } else if (key != "stream" || !is_made_streamed) {
            append_member(body, key, value);
        }
    });
    if (is_made_streamed) append_member(body, "stream", "true");
    return body += '}';
}

// The model is a part of it, because rows that differ in their models alone are different rows.
std::string gemini_path(const Prepared& prepared) {
    std::string text = "/v1beta/models";
    if (!prepared.model.empty()) text += '/' + prepared.model;
    return text + (prepared.stream ? ":streamGenerateContent" : ":generateContent");
}

}  // namespace

std::optional<NativePath> native_path(std::string_view path) {
    if (path == path_of_messages) return NativePath{.api = Api::anthropic};
    path = path.substr(0, path.find('?'));
    const auto colon = std::min(path.rfind(':'), path.size());
    const auto method = path.substr(colon);
    const bool is_stream = method == ":streamGenerateContent";
    if (!is_stream && method != ":generateContent") return std::nullopt;
    path = path.substr(0, colon);
    NativePath native{.api = Api::gemini, .stream = is_stream};
    if (path.ends_with("/models")) return native;
    constexpr std::string_view usual = "/models/";
    constexpr std::string_view tuned = "/tunedModels/";
    if (const auto at = path.rfind(usual); at != path.npos) {
        native.model = path.substr(at + usual.size());
    } else if (const auto at_tuned = path.rfind(tuned); at_tuned != path.npos) {
        native.model = path.substr(at_tuned + 1);
    } else {
        return std::nullopt;
    }
    return native;
}

Expected<Prepared, Fault> prepare_native(
    const Request& request, const NativePath& path, std::string_view usual_model, bool is_streamed
) {
    Element root;
    if (request.body.empty()) {
        return bad_body("fill in `body`: " + request.path + " takes no other form");
    }
    if (const auto error = json::parse(request.body).get(root)) {
        return bad_body(json::why_not(error));
    }
    if (!root.is_object()) return bad_body("it must be a JSON object");
    const auto model = json::member(root, "model");
    if (model && !model->is_string()) return bad_body("`model` must be a string");
    const bool is_gemini = path.api == Api::gemini;

    Prepared prepared;
    prepared.native = path.api;
    prepared.deadline = request.deadline;
    prepared.stream = path.stream || (is_gemini && (request.stream || is_streamed));
    const auto own = json::text_or_empty(root, "model");
    // The path of Gemini names the model that is asked, whatever the body says.
    prepared.model = !path.model.empty() ? path.model
                     : own.empty()       ? request.model
                                         : std::string{own};
    auto wrong = is_gemini ? learn_of_contents(root, prepared) : learn_of_messages(root, prepared);
    if (!wrong.empty()) return bad_body(std::move(wrong));
    // Gemini has no member for it: its path says so.
    const bool has_member = is_streamed && !is_gemini;
    prepared.stream = prepared.stream || has_member;
    const auto first = is_gemini             ? std::string_view{}
                       : usual_model.empty() ? std::string_view{prepared.model}
                                             : usual_model;
    int models = 0;
    auto body = body_without_model(request.body, first, has_member, prepared.members_at, models);
    if (models > 1) return bad_body("`model` is given twice");
    prepared.path = is_gemini ? ApiPath::owned(gemini_path(prepared)) : ApiPath{path_of_messages};
    return prepared_like(prepared, std::move(body));
}

}  // namespace skein
