// Makes the script of a reply: its bytes and waits. `cut` and `slow_down` change a finished script,
// so that they can break it at any byte, within the head or a chunk as well. Pure; any thread.
#include "mock_server/reply.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace skein::mock {
namespace {

// The head with its empty line. `announced` overrides the true length, for the fault
// `wrong_length`.
std::string head_of(const Reply& reply, std::size_t length, bool close) {
    const auto reason = boost::beast::http::obsolete_reason(
        boost::beast::http::int_to_status(static_cast<unsigned>(reply.status))
    );
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + ' ';
    (head += std::string_view{reason.data(), reason.size()}) += "\r\nserver: skein-mock\r\n";
    for (const auto& [name, value] : reply.headers) ((head += name) += ": ") += value + "\r\n";
    if (reply.chunked) {
        head += "transfer-encoding: chunked\r\n";
    } else {
        head += "content-length: " + std::to_string(reply.announced.value_or(length)) + "\r\n";
    }
    if (close) head += "connection: close\r\n";
    return head += "\r\n";
}

void append_chunk(std::string& out, const std::string& text) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), text.size(), 16).ptr;
    ((out.append(digits.data(), end) += "\r\n") += text) += "\r\n";
}

// Bytes without a wait join the step before, so that they are sent by one write.
void add(Script& script, Duration wait, std::string bytes) {
    if (wait > Duration{} || script.steps.empty()) {
        script.steps.push_back({wait, std::move(bytes)});
    } else {
        script.steps.back().bytes += bytes;
    }
}

}  // namespace

Reply plain_reply(int status, std::string body, std::string_view type) {
    Reply reply{.status = status};
    reply.headers.emplace_back("content-type", type);
    reply.pieces.push_back({{}, std::move(body)});
    return reply;
}

// The wait of the first piece is that of the whole reply, head included: a slow server sends no
// head.
Script script_of(Reply reply, bool close) {
    std::size_t length = 0;
    for (const auto& piece : reply.pieces) length += piece.text.size();
    auto head = head_of(reply, length, close);
    Script script{.ending = close ? Ending::close : Ending::keep, .head = head.size()};
    if (!reply.pieces.empty()) add(script, reply.pieces.front().wait, {});
    add(script, {}, std::move(head));
    bool first = true;
    for (auto& piece : reply.pieces) {
        const auto wait = first ? Duration{} : piece.wait;
        first = false;
        if (!reply.chunked) {
            add(script, wait, std::move(piece.text));
        } else if (!piece.text.empty()) {  // An empty chunk would be the last one.
            std::string chunk;
            append_chunk(chunk, piece.text);
            add(script, wait, std::move(chunk));
        }
    }
    if (reply.chunked) add(script, {}, "0\r\n\r\n");
    return script;
}

void cut(Script& script, std::size_t bytes) {
    std::vector<Step> steps;
    for (auto& step : script.steps) {
        if (bytes == 0) break;
        step.bytes.resize(std::min(step.bytes.size(), bytes));
        bytes -= step.bytes.size();
        steps.push_back(std::move(step));
    }
    script.steps = std::move(steps);
}

// Splits the steps at `from` and `to`, and the bytes between them into small steps, each with a
// wait.
void slow_down(
    Script& script, std::size_t from, std::size_t to, std::size_t bytes, Duration interval
) {
    std::vector<Step> steps;
    std::size_t sent = 0;
    for (auto& step : script.steps) {
        auto wait = step.wait;
        for (std::size_t at = 0; at < step.bytes.size();) {
            const auto rest = step.bytes.size() - at;
            const auto limit = sent < from ? from - sent
                               : sent < to ? std::min(bytes, to - sent)
                                           : rest;
            const auto size = std::min(rest, limit);
            const bool slow = sent >= from && sent < to;
            steps.push_back({wait + (slow ? interval : Duration{}), step.bytes.substr(at, size)});
            wait = {};
            at += size;
            sent += size;
        }
    }
    script.steps = std::move(steps);
}

}  // namespace skein::mock
