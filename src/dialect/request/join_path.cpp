#include "dialect/request/join_path.hpp"

#include "dialect/request/paths.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

// First segments of the paths below the version in OpenAI's API ("API Reference").
constexpr std::array<std::string_view, 9> of_openai{
    "chat",
    "completions",
    "embeddings",
    "responses",
    "moderations",
    "images",
    "audio",
    "videos",
    "models",
};

// The path of a URL; empty if there is none.
std::string_view path_in(std::string_view url) {
    const auto scheme = url.find("://");
    const auto host = scheme == url.npos ? 0 : scheme + 3;
    const auto path = url.find('/', host);
    return path == url.npos ? std::string_view{} : url.substr(path);
}

// First segment of a path that begins with a slash, without the slash.
std::string_view leading_segment(std::string_view path) {
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    return path.substr(0, path.find_first_of("/?"));
}

std::string_view last_segment(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == path.npos ? std::string_view{} : path.substr(slash + 1);
}

// Length of the longest text of whole segments that ends `base` and begins `path`.
// Tries the longest end of the base first. Whole segments only: `/v1` must not overlap with `/v10`.
std::size_t overlap(std::string_view base, std::string_view path) {
    for (auto at = base.find('/'); at != base.npos; at = base.find('/', at + 1)) {
        const auto end = base.substr(at);
        const auto next = path.substr(std::min(end.size(), path.size()));
        if (path.starts_with(end) && (next.empty() || next[0] == '/' || next[0] == '?')) {
            return end.size();
        }
    }
    return 0;
}

bool is_of_openai(std::string_view segment) {
    return std::ranges::find(of_openai, segment) != of_openai.end();
}

bool names_method(std::string_view path) {
    return last_segment(path.substr(0, path.find('?'))).find(':') != path.npos;
}

}  // namespace

std::string join_path(std::string_view base, std::string_view path) {
    while (base.ends_with('/')) base.remove_suffix(1);
    const auto below = path_in(base);
    const auto same = overlap(below, path);
    const auto first = leading_segment(path);
    const auto rest = path.substr(std::min(first.size() + 1, path.size()));
    const auto last = last_segment(below);
    const bool is_known = operation_of(path) != Operation::other;
    // A base with a path determines the version, so the version of the path is dropped.
    const bool is_version_of_base = (first == "v1" && !below.empty() && !names_method(path)) ||
                                    (names_version(first) && has_version(below) && is_known);
    // A path with a version of its own, or one that is not below OpenAI's version (`/score` of
    // vLLM), stands beside the version of the base (decisions.md, "A path that no version begins").
    const bool is_own = has_version(path) || !(is_known || is_of_openai(first));
    if (same > 0) {
        path.remove_prefix(same);
    } else if (is_version_of_base) {
        path = rest;
    } else if (names_version(last) && is_own) {
        base.remove_suffix(last.size() + 1);
    }
    return std::string{base}.append(path);
}

}  // namespace skein
