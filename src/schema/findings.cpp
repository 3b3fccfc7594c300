// What is wrong with a value, in words that fit into a question to a model and into one line.
#include "schema/findings.hpp"

#include "json/text.hpp"
#include "schema/compiler.hpp"

#include <algorithm>

namespace skein::schema {
namespace {

constexpr std::size_t max_shown = 10;
constexpr std::size_t max_words = 1024;
constexpr std::size_t max_name = 48;
constexpr std::size_t max_path = 200;

std::string pointer(const std::vector<Step>& path) {
    std::string text;
    for (const auto& step : path) {
        text += '/';
        text +=
            step.name.data() ? pointer_token(shown_name(step.name)) : std::to_string(step.index);
    }
    if (text.empty()) return "/";
    if (text.size() <= max_path) return text;
    // The end of a long path tells more than its beginning.
    return "…" + json::valid_utf8(std::string_view{text}.substr(text.size() - max_path));
}

}  // namespace

std::string shown_text(std::string_view text, std::size_t max) {
    auto shown = json::printable(text, max);
    std::ranges::replace(shown, '\t', ' ');
    return shown;
}

std::string shown_name(std::string_view name) {
    auto shown = shown_text(name, max_name);
    std::ranges::replace(shown, '`', '\'');
    return shown;
}

void Findings::add(const std::vector<Step>& path, std::string words) {
    if (is_full()) return;
    auto text = "`" + pointer(path) + "`: " + std::move(words);
    const auto same = std::ranges::find(found_, text, &Finding::words);
    if (same == found_.end()) found_.push_back({path.size(), std::move(text)});
}

std::string Findings::text() const {
    auto sorted = found_;
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &Finding::depth);
    std::string all;
    std::size_t shown = 0;
    for (const auto& [depth, words] : sorted) {
        if (shown == max_shown || all.size() + words.size() + 2 > max_words) break;
        all += (all.empty() ? "" : " ") + words + '.';
        ++shown;
    }
    return all;
}

}  // namespace skein::schema
