#include "question.hpp"

#include <charconv>

namespace skein::bench {
namespace {

constexpr std::size_t max_head = 64 * 1024;

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same(std::string_view text, std::string_view lowercase) {
    if (text.size() != lowercase.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != lowercase[i]) return false;
    }
    return true;
}

struct Head {
    std::size_t body_bytes = 0;
    bool fine = true;
};

void read_line(std::string_view line, Question& question, Head& head) {
    const auto colon = line.find(':');
    if (colon == line.npos) return;
    const auto name = line.substr(0, colon);
    auto value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    // Four names matter, and their lengths differ: most lines cost one comparison.
    switch (name.size()) {
        case 14:
            if (same(name, "content-length")) {
                const auto* end = value.data() + value.size();
                const auto [to, error] = std::from_chars(value.data(), end, head.body_bytes);
                head.fine = head.fine && error == std::errc{} && to == end;
            }
            break;
        case 10:
            if (!same(name, "connection")) break;
            if (same(value, "close")) question.keep_alive = false;
            if (same(value, "keep-alive")) question.keep_alive = true;
            break;
        case 6:
            if (same(name, "expect")) question.wants_continue = true;
            break;
        case 17:
            if (same(name, "transfer-encoding")) head.fine = false;  // Peers know their lengths.
            break;
        default:
            break;
    }
}

bool says_true(std::string_view after_name) {
    std::size_t at = 0;
    const auto skip = [&] {
        while (at < after_name.size() && after_name[at] == ' ') ++at;
    };
    skip();
    if (at == after_name.size() || after_name[at++] != ':') return false;
    skip();
    return after_name.substr(at).starts_with("true");
}

bool names_stream(std::string_view text) {
    constexpr std::string_view name = "\"stream\"";
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
        if (says_true(text.substr(at + name.size()))) return true;
    }
    return false;
}

}  // namespace

Question read_question(std::string_view bytes) {
    Question question;
    const auto head_end = bytes.find("\r\n\r\n");
    if (head_end == bytes.npos) {
        if (bytes.size() > max_head) question.state = Question::State::nonsense;
        return question;
    }
    Head head;
    const auto text = bytes.substr(0, head_end);
    auto line_end = text.find("\r\n");
    const auto first = text.substr(0, line_end);
    question.http_1_0 = first.ends_with("HTTP/1.0");
    question.keep_alive = !question.http_1_0;
    if (!question.http_1_0 && !first.ends_with("HTTP/1.1")) head.fine = false;
    while (line_end != text.npos) {
        const auto from = line_end + 2;
        line_end = text.find("\r\n", from);
        read_line(
            text.substr(from, line_end == text.npos ? line_end : line_end - from), question, head
        );
    }
    if (!head.fine) {
        question.state = Question::State::nonsense;
        return question;
    }
    const auto head_bytes = head_end + 4;
    if (bytes.size() - head_bytes < head.body_bytes) return question;
    question.state = Question::State::complete;
    question.bytes = head_bytes + head.body_bytes;
    question.body = bytes.substr(head_bytes, head.body_bytes);
    return question;
}

bool asks_for_stream(std::string_view body) {
    constexpr std::size_t end_bytes = 4096;
    if (body.size() <= 2 * end_bytes) return names_stream(body);
    return names_stream(body.substr(body.size() - end_bytes)) ||
           names_stream(body.substr(0, end_bytes));
}

}  // namespace skein::bench
