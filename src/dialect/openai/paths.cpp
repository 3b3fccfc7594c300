// The paths of batch rows, as makers of services with OpenAI's API document them:
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
#include "dialect/openai/paths.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace skein {
namespace {

constexpr std::size_t longest_path = 512;

struct Operation {
    Ask ask;
    std::string_view path;  // The usual one.
    std::string_view tail;  // By which it is known.
};

constexpr std::array<Operation, 3> operations{{
    {Ask::chat, "/v1/chat/completions", "chat/completions"},
    {Ask::completion, "/v1/completions", "completions"},
    {Ask::embedding, "/v1/embeddings", "embeddings"},
}};

// Segments that gateways put before the API: api.groq.com/openai/v1, openrouter.ai/api/v1,
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

// Takes the first segment off.
void step(std::string_view& path) {
    path.remove_prefix(std::min(first_segment(path).size() + 1, path.size()));
}

// Without slashes around it and the query.
std::string_view bare(std::string_view path) {
    path = path.substr(0, path.find('?'));
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    return path;
}

// What is asked, without where: `chat/completions`.
std::string_view tail_of(std::string_view path) {
    for (path = bare(path); !path.empty(); step(path)) {
        const auto segment = first_segment(path);
        if (segment == "deployments") step(path);  // Its name is next.
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

// `.` and `..`, also as `%2e`: libcurl would take a segment of the endpoint's address away.
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

// Is it a constant, but for how it is written?
bool is_usual(std::string_view path, const Operation& operation) {
    if (path.find('?') != path.npos) return false;
    path = bare(path);
    return path == operation.tail || path == operation.path.substr(1);
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

Ask ask_of(std::string_view path) {
    for (const auto& operation : operations) {
        if (path == operation.path) return operation.ask;
    }
    const auto tail = tail_of(path);
    for (const auto& operation : operations) {
        if (tail == operation.tail) return operation.ask;
    }
    return Ask::other;
}

// OpenAI, "Create speech": the response is the audio file content.
bool answers_with_bytes(std::string_view path) { return tail_of(path) == "audio/speech"; }

std::string_view path_of(Ask ask) {
    for (const auto& operation : operations) {
        if (ask == operation.ask) return operation.path;
    }
    return {};
}

Expected<ApiPath, ConfigError> read_path(std::string_view given) {
    for (const auto& operation : operations) {
        if (given == operation.path || is_usual(given, operation)) return ApiPath{operation.path};
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
    if (given.size() > longest_path) return wrong("; it is too long");
    if (leads_upwards(given)) return wrong("; it leads out of the endpoint's address");
    if (!std::ranges::all_of(given, is_of_a_path)) {
        return wrong("; other characters than those of a URL are written as %20");
    }
    return ApiPath::owned((given.starts_with('/') ? "" : "/") + std::string{given});
}

}  // namespace skein
