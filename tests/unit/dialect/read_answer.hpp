// Reads a whole answer, as the tests of the room need it.
#pragma once
#include "dialect/answer_reader.hpp"
#include "dialect/request/paths.hpp"
#include "support/catch.hpp"

#include <utility>

namespace skein::test {

inline const TimePoint noon{std::chrono::hours{12}};
inline const WallTime wall{std::chrono::seconds{1696004797}};

struct Answer {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers{};
};

inline Headers headers_of(const Answer& answer) {
    Headers headers;
    if (!answer.content_type.empty()) headers.add("Content-Type", answer.content_type);
    for (const auto& [name, value] : answer.headers) headers.add(name, value);
    return headers;
}

inline Prepared asked(std::string_view path = "/v1/chat/completions") {
    Prepared prepared;
    prepared.path = path;
    prepared.operation = operation_of(path);
    return prepared;
}

inline Prepared streamed(int choices = 1, std::string_view path = "/v1/chat/completions") {
    auto prepared = asked(path);
    prepared.stream = true;
    prepared.choices = choices;
    return prepared;
}

// Feeds until the reader has enough, as a transfer would.
inline Outcome read_in_pieces(
    const Prepared& prepared,
    const Answer& answer,
    std::string_view bytes,
    std::size_t piece,
    const ReadLimits& limits = {},
    const Endpoint& endpoint = {}
) {
    AnswerReader reader{prepared, endpoint, limits};
    reader.head(answer.status, headers_of(answer));
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (reader.body(bytes.substr(at, piece), noon) != ReadState::more) break;
    }
    return reader.finish(wall);
}

inline Outcome read_answer(
    const Prepared& prepared,
    const Answer& answer,
    std::string_view bytes,
    const ReadLimits& limits = {},
    const Endpoint& endpoint = {}
) {
    return read_in_pieces(prepared, answer, bytes, bytes.size() + 1, limits, endpoint);
}

inline Completion completion_of(const Outcome& outcome) {
    if (const auto* fault = std::get_if<Fault>(&outcome)) {
        FAIL(to_string(fault->kind) << ": " << fault->detail << ": " << fault->remote_message);
    }
    return std::get<Completion>(outcome);
}

inline Fault fault_of(const Outcome& outcome) {
    if (const auto* completion = std::get_if<Completion>(&outcome)) FAIL(completion->body);
    return std::get<Fault>(outcome);
}

// All that can be seen of an outcome, to be compared.
inline std::string seen(const Outcome& outcome) {
    if (const auto* fault = std::get_if<Fault>(&outcome)) {
        return std::string{to_string(fault->kind)} + '|' + fault->detail + '|' +
               fault->remote_message;
    }
    const auto& completion = std::get<Completion>(outcome);
    return completion.text + '|' + completion.finish_reason + '|' + completion.body;
}

}  // namespace skein::test
