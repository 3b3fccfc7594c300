// Paths of batch rows, as documented by vendors with OpenAI's API. Pure; any thread.
//
//   - /v1/chat/completions: OpenAI, Groq, Together, Nebius, Moonshot, DashScope, vLLM run-batch.
//
//   - /chat/completions: Azure OpenAI, "Getting started with batch deployments".
//
//   - /v4/chat/completions: Zhipu BigModel, "Batch API".
//
//   - v1/chat/completions: Mistral and Voyage, as the endpoint of a batch, without a slash.
//
//   - /openai/deployments/x/chat/completions: Azure OpenAI, REST reference.
#include "dialect/request/paths.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace skein {
namespace {

constexpr std::size_t max_path = 512;

struct KnownPath {
    Operation operation;
    std::string_view path;  // The usual path.
    std::string_view tail;  // The end by which it is recognised.
};

constexpr std::array<KnownPath, 3> known_paths{{
    {Operation::chat, "/v1/chat/completions", "chat/completions"},
    {Operation::completion, "/v1/completions", "completions"},
    {Operation::embedding, "/v1/embeddings", "embeddings"},
}};

// Segments that gateways put before the API path: api.groq.com/openai/v1, openrouter.ai/api/v1,
// open.bigmodel.cn/api/paas/v4, dashscope.aliyuncs.com/compatible-mode/v1,
// api.fireworks.ai/inference/v1.
constexpr std::array<std::string_view, 5> of_gateways{
    "openai",
    "api",
    "paas",
    "compatible-mode",
    "inference",
};

std::string_view first_segment(std::string_view path) { return path.substr(0, path.find('/')); }

// Removes the first segment.
void step(std::string_view& path) {
    path.remove_prefix(std::min(first_segment(path).size() + 1, path.size()));
}

// The path without its query and without slashes around it.
std::string_view bare(std::string_view path) {
    path = path.substr(0, path.find('?'));
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    return path;
}

// The operation part of a path, without gateway, deployment and version: `chat/completions`.
std::string_view tail_of(std::string_view path) {
    for (path = bare(path); !path.empty(); step(path)) {
        const auto segment = first_segment(path);
        if (segment == "deployments") step(path);  // The deployment's name follows.
        const bool is_before = segment == "deployments" || names_version(segment) ||
                               std::ranges::find(of_gateways, segment) != of_gateways.end();
        if (!is_before) break;
    }
    return path;
}

bool is_of_a_path(char c) {
    constexpr std::string_view marks = "-._~!$&'()*+,;=:@/%?";
    const char small = lower(c);
    return is_digit(c) || (small >= 'a' && small <= 'z') || marks.find(c) != marks.npos;
}

// Does the path contain `.` or `..`, also written as `%2e`? libcurl would remove a segment of the
// endpoint's URL (path traversal).
bool leads_upwards(std::string_view path) {
    for (path = path.substr(0, path.find('?')); !path.empty(); step(path)) {
        auto segment = lowered(first_segment(path));
        for (auto at = segment.find("%2e"); at != segment.npos; at = segment.find("%2e")) {
            segment.replace(at, 3, ".");
        }
        if (segment == "." || segment == "..") return true;
    }
    return false;
}

// Is the path the usual path of the operation, apart from its spelling?
bool is_usual(std::string_view path, const KnownPath& known) {
    if (path.find('?') != path.npos) return false;
    path = bare(path);
    return path == known.tail || path == known.path.substr(1);
}

}  // namespace

bool names_version(std::string_view segment) {
    return segment.size() >= 2 && segment[0] == 'v' && is_digit(segment[1]);
}

bool has_version(std::string_view path) {
    path = path.substr(0, path.find('?'));
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto end = std::min(path.find('/'), path.size());
        if (names_version(path.substr(0, end))) return true;
        path.remove_prefix(end);
    }
    return false;
}

Operation operation_of(std::string_view path) {
    for (const auto& known : known_paths) {
        if (path == known.path) return known.operation;
    }
    const auto tail = tail_of(path);
    for (const auto& known : known_paths) {
        if (tail == known.tail) return known.operation;
    }
    return Operation::other;
}

// OpenAI, "Create speech": the response is the audio file content.
bool answers_with_bytes(std::string_view path) { return tail_of(path) == "audio/speech"; }

std::string_view usual_path_of(Operation operation) {
    for (const auto& known : known_paths) {
        if (operation == known.operation) return known.path;
    }
    return {};
}

Expected<ApiPath, ConfigError> read_path(std::string_view given) {
    for (const auto& known : known_paths) {
        if (given == known.path || is_usual(given, known)) return ApiPath{known.path};
    }
    const auto wrong = [&](std::string_view why) {
        return ConfigError{
            .what = "must be a path such as /v1/chat/completions, not `" +
                    json::printable(given, 80) + '`' + std::string{why}};
    };
    if (given.find("://") != given.npos || given.starts_with("//")) {
        return wrong("; the job file says which host");
    }
    if (bare(given).empty()) return wrong("");
    if (given.size() > max_path) return wrong("; it is too long");
    if (leads_upwards(given)) return wrong("; it leads out of the endpoint's address");
    if (!std::ranges::all_of(given, is_of_a_path)) {
        return wrong("; other characters than those of a URL are written as %20");
    }
    return ApiPath::owned((given.starts_with('/') ? "" : "/") + std::string{given});
}

}  // namespace skein
