// Invariant: of any line each part is found or not found, and nothing fails: a row without a text
// has no text. Bodies have the common form here. Pure; any thread.
#include "job/output/result_facts.hpp"

#include "base/ascii.hpp"
#include "dialect/http/content_text.hpp"
#include "json/json.hpp"

#include <array>

namespace skein::job {
namespace {

using json::Element;

// As deep as `read.depth` may allow an answer to be, which is checked when the answer comes.
constexpr std::size_t depth = 1024;

std::optional<std::string> text_at(Element holder, std::string_view name) {
    const auto text = json::text_member(holder, name);
    return text ? std::optional{std::string{*text}} : std::nullopt;
}

// An answer to a chat has a message, to a completion a text.
std::optional<std::string> text_of_choice(Element choice) {
    const auto message = json::member(choice, "message");
    if (!message) return text_at(choice, "text");
    const auto content = json::member(*message, "content");
    return content ? std::optional{text_of_content(*content)} : std::nullopt;
}

// A fence begins a line: ``` or ~~~, and maybe the name of a language.
constexpr std::array<std::string_view, 2> fences{"```", "~~~"};

}  // namespace

void ResultFacts::read(std::string_view line) {
    text_.reset();
    finish_reason_.reset();
    model_.reset();
    line_.take(line);
    if (const auto answer = body()) read_body(*answer);
}

void ResultFacts::read_body(std::string_view body) {
    Element root;
    if (json::parse(body, depth).get(root)) return;
    model_ = text_at(root, "model");
    const auto choices = json::list_member(root, "choices");
    if (!choices || choices->size() == 0) return;
    const auto first = *choices->begin();
    text_ = text_of_choice(first);
    finish_reason_ = text_at(first, "finish_reason");
}

ResultFacts::Part ResultFacts::part(std::string_view path) const {
    const auto value = line_.find_path(path);
    return value && !json::is_null(*value) ? value : std::nullopt;
}

std::optional<std::string> ResultFacts::failure() const {
    const auto code = part("error.code");
    if (!code || !json::is_string(*code)) return std::nullopt;
    auto words = json::said(*code);
    const auto message = part("error.message");
    if (message && json::is_string(*message) && *message != R"("")") {
        words += ": " + json::said(*message);
    }
    return words;
}

std::string_view without_fences(std::string_view text) {
    const auto bare = trimmed(text);
    for (const auto fence : fences) {
        const auto first_end = bare.find('\n');
        if (!bare.starts_with(fence) || first_end == bare.npos) continue;
        const auto inside = bare.substr(first_end + 1);
        // The closing fence stands alone in the last line.
        if (!inside.ends_with(fence)) continue;
        const auto rest = inside.substr(0, inside.size() - fence.size());
        if (rest.empty() || rest.ends_with('\n')) return trimmed(rest);
    }
    return bare;
}

std::optional<std::string> value_in_text(std::string_view text, std::string_view path) {
    const auto bare = without_fences(text);
    Element root;
    if (json::parse(bare, depth).get(root)) return std::nullopt;
    if (path.empty()) {
        return root.is_null() ? std::nullopt : std::optional{json::compact(bare)};
    }
    // A list is put into an object, because paths begin in one. The text is valid by now.
    json::Object object;
    std::string holder;
    std::optional<std::string_view> value;
    if (root.is_object()) {
        object.take(bare);
        value = object.find_path(path);
    } else {
        holder.append(R"({"json":)").append(bare).append("}");
        object.take(holder);
        value = object.find_path("json." + std::string{path});
    }
    if (!value || json::is_null(*value)) return std::nullopt;
    return json::compact(*value);
}

}  // namespace skein::job
