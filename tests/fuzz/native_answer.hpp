// An answer of an API that has a form of its own. Beside what holds of every answer:
//
// - A stream is a completion only if its end has come, as a plain reading of its events sees it.
// - However much comes, no more memory is held than the limits allow. For that the body comes a
// hundred
//   times over, with the number of the round in place of each `#`.
//
// The first line of an input begins as read_answer.hpp says; the first choice of all is whether the
// body comes once or over and over.
#pragma once
#include "base/ascii.hpp"
#include "dialect/http/event_stream.hpp"
#include "held_memory.hpp"
#include "read_answer.hpp"

namespace skein::fuzz {

// Keys and texts of all events, counted by words that tell an end.
struct Ends {
    std::size_t reasons = 0;  // Keys that hold the reason of an end.
    std::size_t marks = 0;    // Texts that mark the end.
    bool is_clear = true;     // Another parser could read all.
};

// `reason` and `mark` are the words of the API. An event may also be in the common form.
inline Ends ends_of(
    std::string_view text, const ReadLimits& limits, std::string_view reason, std::string_view mark
) {
    using Json = nlohmann::json;
    Ends ends;
    const auto look = [&](int, Json::parse_event_t kind, Json& value) {
        if (!value.is_string()) return true;
        const auto& word = value.get_ref<const std::string&>();
        const bool is_key = kind == Json::parse_event_t::key;
        if (is_key && (word == reason || word == "finish_reason")) ++ends.reasons;
        if (!is_key && word == mark) ++ends.marks;
        return true;
    };
    EventStream events{limits};
    events.feed(text, [&](const Event& event) {
        const auto root = Json::parse(event.data, look, false);
        if (root.is_discarded() && event.data != "[DONE]") ends.is_clear = false;
        if (event.data == "[DONE]") ++ends.marks;
    });
    return ends;
}

inline bool is_stream(std::string_view text) {
    while (!text.empty()) {
        if (text.starts_with("\xEF\xBB\xBF")) {
            text.remove_prefix(3);
        } else if (is_space(text.front())) {
            text.remove_prefix(1);
        } else {
            break;
        }
    }
    for (const std::string_view begin : {":", "data:", "event:", "id:", "retry:", "error:"}) {
        if (text.starts_with(begin)) return true;
    }
    return false;
}

inline std::string in_round(std::string_view text, int round) {
    std::string numbered;
    for (const char c : text) {
        if (c == '#') {
            numbered += std::to_string(round);
        } else {
            numbered += c;
        }
    }
    return numbered;
}

// The parser of a thread keeps what the largest text so far needed, so that a small text goes
// first.
inline void check_memory(const Given& given, const Asked& asked, const Endpoint& endpoint) {
    constexpr int rounds = 100;
    constexpr std::size_t least = 128 * 1024;
    constexpr std::size_t for_a_byte = 64;
    constexpr std::size_t of_an_error = 64 * 1024;  // Kept of one whatever the limits are.
    const auto longest = in_round(given.text(), rounds);
    const auto over_and_over = [&](auto&& take) {
        for (int round = 0; round < rounds; ++round) {
            if (!take(in_round(given.text(), round))) return;
        }
    };
    const auto while_hungry = [](ReadState state) { return state == ReadState::more; };
    const auto before = held;
    most_held = held;
    read(asked, endpoint, over_and_over, while_hungry);
    const auto& limits = asked.limits;
    const auto total = longest.size() * rounds;
    const bool is_error = asked.status < 200 || asked.status > 299;
    const auto allowed = (is_error ? std::min(of_an_error, total) : 0) +
                         std::min(limits.body, total) + std::min(limits.event, total) +
                         std::min(limits.line, total) + longest.size();
    SKEIN_ASSERT(most_held - before <= least + for_a_byte * allowed);
}

inline void check_native_answer(
    Given& given, const Endpoint& endpoint, std::string_view reason, std::string_view mark
) {
    const bool over_and_over = given.choice(2) == 1;
    const auto asked = fuzz::asked(given);
    if (over_and_over) return check_memory(given, asked, endpoint);
    const auto whole = check_answer(given, asked, endpoint);
    if (!std::holds_alternative<Completion>(whole.outcome) || !is_stream(given.text())) return;
    if (asked.request.operation == Operation::embedding) return;
    const auto ends = ends_of(given.text(), asked.limits, reason, mark);
    if (!ends.is_clear) return;
    SKEIN_ASSERT(ends.reasons > 0);
    SKEIN_ASSERT(mark.empty() || ends.marks > 0);
}

}  // namespace skein::fuzz
