// Result types of the answer parsers.
#pragma once
#include "dialect/answer/usage.hpp"
#include "dialect/http/error_body.hpp"
#include "json/json.hpp"

#include <skein/request.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace skein {

// An answer that is unreadable, or larger than a limit.
struct Complaint {
    FaultKind kind = FaultKind::bad_response;
    std::string what{};   // Our description.
    std::string quote{};  // The wrong part of the answer; untrusted text, may be empty.
};

// Makes a complaint; a long quote is cut.
Complaint complaint(FaultKind kind, std::string what, std::string_view quote = {});

// The complaint for text that the JSON parser rejected.
Complaint not_json(simdjson::error_code error, std::string_view what, std::string_view text);

// A completion, an error reported by the server, or our complaint.
using Reading = std::variant<Completion, ErrorBody, Complaint>;

// The number of parts that a complete answer must have.
struct Wanted {
    std::size_t choices = 1;  // For all prompts. Servers without support for `n` send fewer.
    std::size_t inputs = 1;   // Prompts or inputs: a complete answer has one part for each.
    // False: `[DONE]` after a text ends an answer whose chunks have no reason but null.
    bool needs_reason = true;
};

// The complaint for an answer that the server aborted, by its finish reason.
Complaint broken_off(std::string_view finish_reason);

// Notes on a completion that is unusual, but accepted.
void add_note(Completion& completion, std::string_view note);
void note_choices(Completion& completion, std::size_t came, const Wanted& wanted);
void note_end(Completion& completion, std::string_view finish_reason);

}  // namespace skein
