// Formats one request and its reply for `skein try`.
//
// Invariant: the texts are foreign, so their control characters are made harmless and their lines
// are indented. Only our own lines begin in the first column. Pure functions, any thread.
#include "report/try_text.hpp"

#include "json/object.hpp"
#include "json/text.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace skein::report {
namespace {

constexpr std::size_t max_text = 16 * 1024;  // Of one message or answer.
constexpr std::size_t max_line = 4 * max_text;
constexpr std::size_t max_member = 120;

// Indents every line of a foreign text and makes it printable.
std::string indented(std::string_view text) {
    const auto shown = text.substr(0, max_text);
    std::string out;
    for (std::size_t at = 0; at <= shown.size();) {
        const auto end = std::min(shown.find('\n', at), shown.size());
        auto line = shown.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        out += "    " + json::printable(line, max_line) + "\n";
        at = end + 1;
    }
    if (shown.size() < text.size()) {
        out += "    … (" + count_text(text.size() - shown.size()) + " bytes more)\n";
    }
    return out;
}

// The text of a message content: a string, or a list of parts. A part that is no text is shown as
// JSON.
std::string content_text(const json::Object& body, const std::string& path) {
    const auto content = body.find_path(path);
    if (!content) return {};
    if (json::is_string(*content)) return json::said(*content);
    if (!json::is_list(*content)) return std::string{*content};
    std::string text;
    for (std::size_t i = 0;; ++i) {
        const auto part = path + "." + std::to_string(i);
        const auto whole = body.find_path(part);
        if (!whole) return text;
        const auto said = body.find_path(part + ".text");
        if (!text.empty()) text += "\n";
        text += said && json::is_string(*said) ? json::said(*said)
                                               : json::printable(*whole, max_member);
    }
}

// Each message under its role. The list ends at the first index that is not there.
std::string messages_text(const json::Object& body) {
    std::string text;
    for (std::size_t i = 0;; ++i) {
        const auto message = "messages." + std::to_string(i);
        if (!body.find_path(message)) return text;
        const auto role = body.find_path(message + ".role");
        text += role && json::is_string(*role) ? json::printable(json::said(*role), 40) : "message";
        text += ":\n" + indented(content_text(body, message + ".content"));
    }
}

bool is_prompt(std::string_view member) {
    return member == "messages" || member == "prompt" || member == "input";
}

// The short members on one line, then the prompts. A body that is no JSON object is shown as it is.
std::string request_text(const std::string& request) {
    json::Object body;
    if (body.parse(request)) return indented(request);
    std::string members;
    std::string prompts;
    for (const auto& member : body.members()) {
        if (member.name == "messages") {
            prompts += messages_text(body);
        } else if (is_prompt(member.name)) {
            prompts +=
                json::printable(member.name) + ":\n" + indented(content_text(body, member.name));
        } else {
            members += (members.empty() ? "" : ", ") + json::printable(member.name, 60) + " " +
                       json::printable(member.value, max_member);
        }
    }
    return (members.empty() ? "" : members + "\n") + prompts;
}

// What is known of the reply, in brackets; unknown facts are left out.
std::string facts_text(const Reply& reply) {
    std::string text;
    const auto add = [&](const std::string& fact) { text += (text.empty() ? "" : ", ") + fact; };
    if (!reply.endpoint.empty()) add(json::printable(reply.endpoint, 80));
    if (reply.attempts == 0) add("it was not sent");
    if (reply.attempts > 1) add(std::to_string(reply.attempts) + " attempts");
    if (reply.timing.attempt) add(duration_text(*reply.timing.attempt));
    const auto* answer = reply.completion();
    if (answer && answer->usage) {
        const auto part = [](std::int64_t count, const char* what) {
            return count > 0 ? " (" + count_text(static_cast<std::uint64_t>(count)) + what + ")"
                             : "";
        };
        const auto& usage = *answer->usage;
        add(count_text(static_cast<std::uint64_t>(usage.input_tokens)) + " tokens in" +
            part(usage.cached_tokens, " cached") + ", " +
            count_text(static_cast<std::uint64_t>(usage.output_tokens)) + " out" +
            part(usage.reasoning_tokens, " reasoning"));
    }
    if (reply.cost) add("cost " + money_text(*reply.cost));
    if (answer && !answer->finish_reason.empty()) {
        add("finish_reason " + json::printable(answer->finish_reason, 60));
    }
    return text.empty() ? text : " (" + text + ")";
}

// An answer without a text (an embedding, a tool call) is shown by its body.
std::string reply_text(const Reply& reply) {
    if (const auto* answer = reply.completion()) {
        const auto said = answer->text.empty() ? json::harmless(answer->body) : answer->text;
        return "answer" + facts_text(reply) + ":\n" + indented(said);
    }
    const auto& fault = *reply.fault();
    auto text = "FAILED" + facts_text(reply) + ": " + std::string{to_string(fault.kind)} + ", " +
                json::printable(fault.detail) + "\n";
    if (!fault.remote_message.empty()) text += indented(fault.remote_message);
    return text;
}

}  // namespace

std::string trial_text(const Trial& trial) {
    auto text = "--- line " + std::to_string(trial.line) + " (" +
                json::printable(trial.custom_id, 200) + ")";
    if (!trial.url.empty()) text += " POST " + json::printable(trial.url, 400);
    text += "\n";
    if (!trial.request.empty()) text += request_text(trial.request);
    return text + reply_text(trial.reply) + "\n";
}

}  // namespace skein::report
