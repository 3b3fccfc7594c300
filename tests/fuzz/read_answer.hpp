// An answer as the fuzzer gives it, read by AnswerReader, and what must hold of every outcome. For
// the targets that differ in the API that the endpoint speaks.
//
//     first line: what was asked, a stream?, the choices, the status, its type, the limits of a
//     body, a
//                 line and an event, the depth, broken off?, the lengths
//     header lines, an empty line, the body
#pragma once
#include "dialect/answer_reader.hpp"
#include "dialect/request/paths.hpp"
#include "given.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <array>
#include <map>
#include <string>

namespace skein::fuzz {

inline constexpr TimePoint noon{std::chrono::hours{12}};
inline constexpr WallTime wall{std::chrono::seconds{1696004797}};
inline constexpr std::string_view key = "key-that-nobody-may-see";

struct Asked {
    Prepared request{};
    int status = 200;
    Headers headers{};
    ReadLimits limits{};
    bool broken = false;
};

struct Read {
    Outcome outcome;
    std::optional<Usage> usage;
    TimePoint first_chunk;
    TimePoint last_content;
    std::map<std::size_t, std::string> told;  // The pieces of each choice, put together.
};

inline Asked asked(Given& given) {
    Asked asked;
    constexpr std::array operations{Operation::chat, Operation::completion, Operation::embedding};
    asked.request.operation = operations[given.choice(operations.size())];
    asked.request.path = usual_path_of(asked.request.operation);
    asked.request.stream = given.choice(2) == 1;
    asked.request.choices = static_cast<int>(1 + given.choice(3));
    asked.status = given.one_of({200, 200, 201, 302, 400, 401, 404, 429, 500, 503, 529, 100});
    const char* types[] = {"application/json", "text/event-stream", "text/html", ""};
    asked.headers.add("content-type", given.one_of(types));
    const std::size_t sizes[] = {1 << 20, 16, 64, 256};
    asked.limits = {
        .body = given.one_of(sizes),
        .line = given.one_of(sizes),
        .event = given.one_of(sizes),
        .depth = given.one_of<std::size_t>({64, 1, 3}),
    };
    asked.broken = given.choice(2) == 1;
    for (auto line = given.next_line(); !line.empty(); line = given.next_line()) {
        const auto colon = std::min(line.find(": "), line.size());
        asked.headers.add(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
    }
    return asked;
}

inline bool is_text(std::string_view text) {
    return simdjson::validate_utf8(text.data(), text.size());
}

// For as long as `goes_on` says, of what the reader said last.
template <class Cut, class GoesOn>
Read read(const Asked& asked, const Endpoint& endpoint, Cut&& cut, GoesOn&& goes_on) {
    AnswerReader reader{asked.request, endpoint, asked.limits};
    reader.keep_chunks();
    reader.head(asked.status, asked.headers);
    std::map<std::size_t, std::string> told;
    const auto take = [&] {
        for (const auto& chunk : reader.take_chunks()) {
            SKEIN_ASSERT(is_text(chunk.text) && is_text(chunk.reasoning));
            SKEIN_ASSERT(!chunk.text.empty() || !chunk.reasoning.empty() || !chunk.calls.empty());
            auto& all = told[chunk.choice];
            all += chunk.text + chunk.reasoning;
            for (const auto& call : chunk.calls) all += call.id + call.name + call.arguments;
        }
    };
    cut([&](std::string_view piece) {
        const auto state = reader.body(piece, noon);
        take();
        return goes_on(state);
    });
    auto outcome = asked.broken ? Outcome{reader.broken(FaultKind::truncated, "it broke off")}
                                : reader.finish(wall);
    take();
    return {
        std::move(outcome),
        reader.usage(),
        reader.first_chunk(),
        reader.last_content(),
        std::move(told)};
}

inline bool is_one_line(std::string_view text) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t';
    };
    return std::ranges::none_of(text, is_control) && text.find("\u2028") == text.npos &&
           text.find("\u2029") == text.npos;
}

inline void check(const Completion& completion) {
    for (const auto& text :
         {completion.text,
          completion.finish_reason,
          completion.model,
          completion.request_id,
          completion.note}) {
        SKEIN_ASSERT(is_text(text));
    }
    SKEIN_ASSERT(is_text(completion.body) && is_one_line(completion.body));
    SKEIN_ASSERT(nlohmann::json::accept(completion.body));
}

inline void check(const Fault& fault) {
    SKEIN_ASSERT(!fault.detail.empty() && fault.detail.size() <= 2200);
    SKEIN_ASSERT(is_text(fault.detail) && is_one_line(fault.detail));
    SKEIN_ASSERT(fault.remote_message.size() <= 2048 && is_text(fault.remote_message));
    SKEIN_ASSERT(fault.detail.find(key) == std::string::npos);
    SKEIN_ASSERT(fault.remote_message.find(key) == std::string::npos);
    SKEIN_ASSERT(fault.body.size() <= 64 * 1024 && is_text(fault.body));
    SKEIN_ASSERT(fault.body.find(key) == std::string::npos);
    SKEIN_ASSERT(fault.body.empty() || (fault.http_status >= 200 && fault.http_status <= 299));
    const auto pause = fault.retry_after.value_or(Duration{1});
    SKEIN_ASSERT(pause > Duration::zero() && pause <= std::chrono::seconds{1'000'000'000});
}

// All that can be seen of it.
inline std::string seen(const Read& read) {
    std::string seen;
    const auto add = [&](const std::string& text) { seen += text + '|'; };
    const auto count = [&](std::int64_t number) { add(std::to_string(number)); };
    if (const auto* fault = std::get_if<Fault>(&read.outcome)) {
        for (const auto& text : {fault->detail, fault->remote_message, fault->body}) add(text);
        count(fault->http_status);
        count(fault->retry_after.value_or(Duration{-1}).count());
        count(fault->should_retry ? *fault->should_retry : -1);
        add(std::string{to_string(fault->kind)});
    } else {
        const auto& c = std::get<Completion>(read.outcome);
        for (const auto& text : {c.text, c.finish_reason, c.body, c.model, c.request_id, c.note})
            add(text);
        count(c.http_status);
        SKEIN_ASSERT(c.usage == read.usage);
    }
    count(read.usage ? read.usage->input_tokens : -1);
    count(read.usage ? read.usage->output_tokens : -1);
    count(read.usage ? read.usage->cached_tokens : -1);
    count(read.usage ? read.usage->reasoning_tokens : -1);
    count(read.first_chunk.time_since_epoch().count());
    count(read.last_content.time_since_epoch().count());
    for (const auto& [choice, text] : read.told) add(std::to_string(choice) + text);
    return seen;
}

// What every answer must hold: an outcome that is fit to be shown, the same however it is cut.
// Returns it.
inline Read check_answer(const Given& given, const Asked& asked, const Endpoint& endpoint) {
    const auto in_one = [&](auto&& take) { given.text().empty() || take(given.text()); };
    const auto in_pieces = [&](auto&& take) { given.cut(take); };
    const auto while_allowed = [](ReadState state) { return state != ReadState::too_much; };
    const auto while_hungry = [](ReadState state) { return state == ReadState::more; };

    auto whole = read(asked, endpoint, in_one, while_hungry);
    std::visit([](const auto& outcome) { check(outcome); }, whole.outcome);
    SKEIN_ASSERT(seen(read(asked, endpoint, in_pieces, while_hungry)) == seen(whole));
    SKEIN_ASSERT(seen(read(asked, endpoint, in_pieces, while_allowed)) == seen(whole));
    return whole;
}

}  // namespace skein::fuzz
