// Fault injection: one function for each kind of fault, which turns a good reply into a script that
// is wrong in one way. Pure; any thread.
#include "mock_server/spoil.hpp"

#include "mock_server/bomb.hpp"
#include "mock_server/faulty_text.hpp"
#include "mock_server/problem.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace skein::mock {
namespace {

constexpr std::size_t filler_size = 65536;
constexpr std::size_t depth = 100'000;

std::size_t or_else(std::size_t said, std::size_t usual) { return said == 0 ? usual : said; }

std::string_view type_of_error(int status) {
    if (status == 401 || status == 403) return "authentication_error";
    if (status == 429) return "rate_limit_error";
    return status < 500 ? "invalid_request_error" : "server_error";
}

const std::string* pause_told(const Rule& rule) {
    for (const auto& [name, value] : rule.headers) {
        if (boost::beast::iequals(name, "retry-after")) return &value;
    }
    return nullptr;
}

// The pause of a 429 that Anthropic and Gemini always ask for: what the rule has in `retry-after`,
// or else a second. Anthropic's is a header, so that of the rule is enough.
Duration pause_of(const Rule& rule, Api api) {
    if (rule.status != 429) return {};
    const auto* told = pause_told(rule);
    if (told && api == Api::anthropic) return {};
    unsigned seconds = 1;
    if (told) std::from_chars(told->data(), told->data() + told->size(), seconds);
    return std::chrono::seconds{seconds};
}

Reply error_reply(const Rule& rule, Api api) {
    auto reply = problem_reply(
        api,
        {
            .status = rule.status,
            .message = "the weather wants it so",
            .type = std::string{type_of_error(rule.status)},
            .wait = pause_of(rule, api),
        }
    );
    if (!rule.body.empty()) reply.pieces.front().text = rule.body;
    for (const auto& header : rule.headers) reply.headers.push_back(header);
    return reply;
}

Reply redirect(const Rule& rule) {
    auto reply = plain_reply(rule.status >= 300 && rule.status < 400 ? rule.status : 307, "{}");
    reply.headers.emplace_back("location", rule.location);
    for (const auto& header : rule.headers) reply.headers.push_back(header);
    return reply;
}

// A reply with another body, and the same head and wait before the first byte.
Reply with_body(Reply reply, const std::string& body) {
    reply.pieces.resize(1);
    reply.pieces.front().text = reply.chunked ? lone_event(reply.api, body) : body;
    return reply;
}

// The login page of a network, which answers every request with 200 (captive portal).
Reply portal(Reply reply) {
    auto page = plain_reply(
        200,
        "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>"
        "<body><h1>Please accept the terms of this network</h1></body></html>\n",
        "text/html; charset=utf-8"
    );
    page.pieces.front().wait = reply.pieces.front().wait;
    return page;
}

Reply empty(Reply reply) {
    reply.pieces.resize(1);
    reply.pieces.front().text.clear();
    return reply;
}

// A prompt that a filter refuses. Gemini answers with status 200 and without a candidate, also in a
// stream; the others refuse as they refuse a bad request.
Reply blocked(Reply reply) {
    if (reply.api == Api::gemini) return with_body(std::move(reply), std::string{blocked_prompt});
    const auto wait = reply.pieces.front().wait;
    auto refusal = problem_reply(
        reply.api,
        {
            .status = 400,
            .message = reply.api == Api::anthropic ? "Output blocked by content filtering policy"
                                                   : "The prompt was filtered",
            .type = "invalid_request_error",
            .code = "content_filter",
        }
    );
    refusal.pieces.front().wait = wait;
    return refusal;
}

// In a stream of Anthropic's the bytes replace the tokens alone: no single event could be a whole
// answer there.
Reply bad_utf8(Reply reply) {
    const auto text = saying(reply.api, reply.chunked, "\xC3\x28\xFF");
    if (reply.api != Api::anthropic || !reply.chunked) return with_body(std::move(reply), text);
    auto event = event_of(reply.api, text);
    for (auto& piece : reply.pieces) {
        if (piece.kind == Frame::Kind::token) piece.text = std::exchange(event, {});
    }
    return reply;
}

// Keeps the opening and the first tokens of a stream, and drops all after them.
void keep_tokens(Reply& reply, std::size_t tokens) {
    std::erase_if(reply.pieces, [&](const Piece& piece) {
        if (piece.kind == Frame::Kind::opening) return false;
        if (piece.kind != Frame::Kind::token || tokens == 0) return true;
        --tokens;
        return false;
    });
}

Script error_in_stream(const Rule& rule, Reply reply, bool close) {
    keep_tokens(reply, rule.after_tokens);
    const auto before = reply.pieces.size() - 1;  // The first piece is the head.
    const Problem problem{
        .status = 500, .message = "the weather wants it so", .type = "server_error"};
    auto event = rule.fault == Mishap::bare_error_in_stream
                     ? bare_problem(reply.api, problem, before)
                     : problem_event(reply.api, problem, before);
    reply.pieces.push_back({{}, std::move(event), Frame::Kind::token});
    return script_of(std::move(reply), close);
}

// Anthropic's stream keeps its `message_stop`. Gemini's has no mark at its end, and that of
// Responses is what tells the finish: they just end after all that was said.
Script done_without_finish(Reply reply, bool close) {
    std::erase_if(reply.pieces, [](const Piece& piece) {
        return piece.kind == Frame::Kind::finish;
    });
    return script_of(std::move(reply), close);
}

// Stops after some bytes or tokens, and keeps the connection open. Of a stream the last chunk must
// go as well, or the client would see a regular end.
Script stall(const Rule& rule, Reply reply, bool close) {
    if (!reply.chunked) {
        auto script = script_of(std::move(reply), close);
        cut(script, script.head + rule.after_bytes);
        script.ending = Ending::stall;
        return script;
    }
    const auto head = script_of(empty(reply), close).head;
    keep_tokens(reply, rule.after_tokens);
    auto script = script_of(std::move(reply), close);
    constexpr std::size_t last_chunk = 5;
    std::size_t size = 0;
    for (const auto& step : script.steps) size += step.bytes.size();
    cut(script, rule.after_tokens == 0 ? head : size - last_chunk);
    script.ending = Ending::stall;
    return script;
}

// Announces fewer bytes than it sends.
Script wrong_length(const Rule& rule, Reply reply, bool close) {
    std::size_t length = 0;
    for (const auto& piece : reply.pieces) length += piece.text.size();
    reply.chunked = false;
    reply.announced = length - std::min(length, or_else(rule.bytes, 10));
    return script_of(std::move(reply), close);
}

// A body of the asked size. One block is sent many times, so the server does not hold it.
Script huge(const Rule& rule, Reply reply, bool close) {
    const auto size = or_else(rule.bytes, 70'000'000);
    const auto [before, after] = around_text(reply.api);
    const auto filler = size - std::min(size, before.size() + after.size());
    reply.chunked = false;
    reply.announced = before.size() + filler + after.size();
    reply.pieces.resize(1);
    reply.pieces.front().text = before;
    auto script = script_of(std::move(reply), close);
    script.steps.push_back({{}, std::string(filler_size, 'x'), filler / filler_size});
    script.steps.push_back({{}, std::string(filler % filler_size, 'x').append(after)});
    return script;
}

// A compressed body that unpacks to the asked size (decompression bomb).
Script bomb(const Rule& rule, Reply reply, bool close) {
    const auto bomb = bomb_of(or_else(rule.bytes, 512'000'000));
    reply.chunked = false;
    reply.announced = bomb.size();
    reply.headers.emplace_back("content-encoding", "deflate");
    reply.pieces.resize(1);
    reply.pieces.front().text = bomb.start;
    auto script = script_of(std::move(reply), close);
    constexpr std::size_t together = 4096;  // Blocks in one write.
    std::string blocks;
    for (std::size_t i = 0; i < together; ++i) blocks += bomb.block;
    auto rest = blocks.substr(0, bomb.times % together * bomb.block.size());
    script.steps.push_back({{}, std::move(blocks), bomb.times / together});
    script.steps.push_back({{}, std::move(rest) + bomb.end});
    return script;
}

Script broken_off(const Rule& rule, Reply reply, Ending ending, bool close) {
    auto script = script_of(std::move(reply), close);
    cut(script, script.head + rule.after_bytes);
    script.ending = ending;
    return script;
}

Script slow(const Rule& rule, Reply reply, bool close) {
    auto script = script_of(std::move(reply), close);
    const auto bytes = or_else(rule.bytes, 1);
    if (rule.fault == Mishap::slow_headers) {
        slow_down(script, 0, script.head, bytes, rule.interval);
    } else {
        slow_down(script, script.head, static_cast<std::size_t>(-1), bytes, rule.interval);
    }
    return script;
}

// The script of each fault; `spoil` adds the wait of the rule.
Script without_delay(const Rule& rule, Reply reply, bool close) {
    switch (rule.fault) {
        case Mishap::status:
            return script_of(error_reply(rule, reply.api), close);
        case Mishap::redirect:
            return script_of(redirect(rule), close);
        case Mishap::hang_up:
        case Mishap::hang_up_reused:
            return {.ending = Ending::close};
        case Mishap::silence:
            return {.ending = Ending::stall};
        case Mishap::raw:
            return {.steps = {{{}, rule.body}}, .ending = Ending::close};
        case Mishap::reset:
            if (rule.after_bytes == 0) return {.ending = Ending::reset};
            return broken_off(rule, std::move(reply), Ending::reset, close);
        case Mishap::truncate:
            return broken_off(rule, std::move(reply), Ending::close, close);
        case Mishap::cut_stream:
            keep_tokens(reply, rule.after_tokens);
            return script_of(std::move(reply), close);
        case Mishap::done_without_finish:
            return done_without_finish(std::move(reply), close);
        case Mishap::error_in_stream:
        case Mishap::bare_error_in_stream:
            return error_in_stream(rule, std::move(reply), close);
        case Mishap::blocked_prompt:
            return script_of(blocked(std::move(reply)), close);
        case Mishap::no_text:  // The reply was made for it.
            return script_of(std::move(reply), close);
        case Mishap::stall:
            return stall(rule, std::move(reply), close);
        case Mishap::trickle:
        case Mishap::slow_headers:
            return slow(rule, std::move(reply), close);
        case Mishap::bad_json: {
            const auto half = half_an_answer(reply.api);
            return script_of(with_body(std::move(reply), half), close);
        }
        case Mishap::deep_json: {
            const auto nest = nested_answer(reply.api, depth);
            return script_of(with_body(std::move(reply), nest), close);
        }
        case Mishap::bad_utf8:
            return script_of(bad_utf8(std::move(reply)), close);
        case Mishap::html:
            return script_of(portal(std::move(reply)), close);
        case Mishap::empty:
            return script_of(empty(std::move(reply)), close);
        case Mishap::huge:
            return huge(rule, std::move(reply), close);
        case Mishap::deflate_bomb:
            return bomb(rule, std::move(reply), close);
        case Mishap::wrong_length:
            return wrong_length(rule, std::move(reply), close);
    }
    return {.ending = Ending::close};
}

}  // namespace

bool applies(Mishap mishap, bool stream, std::size_t index) {
    switch (mishap) {
        case Mishap::hang_up_reused:
            return index > 0;
        case Mishap::cut_stream:
        case Mishap::done_without_finish:
        case Mishap::error_in_stream:
        case Mishap::bare_error_in_stream:
            return stream;
        default:
            return true;
    }
}

Script spoil(const Rule& rule, Reply reply, bool close) {
    auto script = without_delay(rule, std::move(reply), close);
    if (script.steps.empty()) script.steps.emplace_back();
    script.steps.front().wait += rule.after;
    return script;
}

std::string answered_as(const Rule& rule) {
    if (rule.fault == Mishap::status) return std::to_string(rule.status);
    return std::string{name_of(rule.fault)};
}

}  // namespace skein::mock
