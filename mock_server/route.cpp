// Finds the route of a request. The paths of OpenAI and of Anthropic are fixed; those of Gemini
// hold the model and a method. Pure; any thread.
#include "mock_server/route.hpp"

#include <charconv>

namespace skein::mock {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A segment that names a version of the API: `v1`, `v1beta`, `v2alpha1`.
bool is_version(std::string_view segment) {
    if (segment.size() < 2 || segment[0] != 'v') return false;
    if (segment[1] < '0' || segment[1] > '9') return false;
    for (const char c : segment) {
        if (!is_letter_or_digit(c)) return false;
    }
    return true;
}

// What comes after the version, without the slash; empty if the path begins with no version.
std::string_view after_version(std::string_view path) {
    if (!path.starts_with('/')) return {};
    const auto slash = path.find('/', 1);
    if (slash == path.npos || !is_version(path.substr(1, slash - 1))) return {};
    return path.substr(slash + 1);
}

// Clients write the characters of a model's name as `%3A` where a path would misread them. What is
// no such escape stays as it is.
std::string without_percent(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned byte = 0;
        const auto* digits = text.data() + at + 1;
        if (text[at] == '%' && text.size() - at > 2 &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            plain += static_cast<char>(byte);
            at += 2;
        } else {
            plain += text[at];
        }
    }
    return plain;
}

bool asks_for_events(std::string_view query) {
    while (!query.empty()) {
        const auto end = query.find('&');
        if (query.substr(0, end) == "alt=sse") return true;
        query.remove_prefix(end == query.npos ? query.size() : end + 1);
    }
    return false;
}

// `models/M:method`, with any folders before it, as Vertex has them. A stream without `alt=sse`
// would be one JSON list at Google. No client should want that, so it is refused here.
Route gemini_route(std::string_view rest, std::string_view query) {
    constexpr std::string_view folder = "models/";
    Route route{.api = Api::gemini};
    const auto start = rest.find(folder);
    const auto colon = rest.rfind(':');
    if (start == rest.npos || (start > 0 && rest[start - 1] != '/')) return route;
    if (colon == rest.npos || colon <= start + folder.size()) return route;
    const auto name = start + folder.size();
    route.model = without_percent(rest.substr(name, colon - name));
    const auto method = rest.substr(colon + 1);
    route.stream = method == "streamGenerateContent";
    if (method == "batchEmbedContents") route.task = Task::embedding;
    if (method == "countTokens") route.task = Task::count;
    if (method == "generateContent" || route.task != Task::chat ||
        (route.stream && asks_for_events(query))) {
        route.kind = Route::Kind::question;
    }
    return route;
}

// OpenAI, Anthropic and Gemini all have a list of models at `/v1/models`. A header that only one of
// them knows tells which is meant.
Api api_of_models(const Incoming& incoming) {
    if (!incoming.version.empty()) return Api::anthropic;
    return incoming.has_goog_key ? Api::gemini : Api::openai;
}

}  // namespace

Route route_of(const Incoming& incoming) {
    using Kind = Route::Kind;
    const std::string_view path = incoming.path;
    if (path == "/v1/chat/completions") return {.kind = Kind::question, .task = Task::chat};
    if (path == "/v1/completions") return {.kind = Kind::question, .task = Task::completion};
    if (path == "/v1/embeddings") return {.kind = Kind::question, .task = Task::embedding};
    if (path == "/v1/responses") return {.kind = Kind::question, .api = Api::responses};
    if (path == "/v1/models") return {.kind = Kind::models, .api = api_of_models(incoming)};
    if (path == "/v1/messages") return {.kind = Kind::question, .api = Api::anthropic};
    if (path == "/v1/messages/count_tokens") {
        return {.kind = Kind::question, .api = Api::anthropic, .task = Task::count};
    }
    const auto rest = after_version(path);
    if (rest == "models") return {.kind = Kind::models, .api = Api::gemini};
    if (rest.find("models/") != rest.npos) {
        auto route = gemini_route(rest, incoming.query);
        // OpenAI has `/v1/models/M`, without a method.
        if (!path.starts_with("/v1/") || !route.model.empty()) return route;
    }
    const bool anthropic = !incoming.version.empty() || path.starts_with("/v1/messages/");
    return {.api = anthropic ? Api::anthropic : Api::openai};
}

bool has_key(const Incoming& incoming, Api api) {
    if (api == Api::anthropic && incoming.has_x_api_key) return true;
    if (api == Api::gemini && incoming.has_goog_key) return true;
    return incoming.has_key;
}

}  // namespace skein::mock
