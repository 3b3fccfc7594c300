// What reading an answer comes to.
#pragma once
#include "dialect/http/error_body.hpp"
#include "dialect/openai/usage.hpp"
#include "json/json.hpp"

#include <skein/request.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace skein {

// We cannot make sense of it, or agree to hold it.
struct Complaint {
    FaultKind kind = FaultKind::bad_response;
    std::string what{};   // Our words.
    std::string quote{};  // The place where it went wrong; foreign text, may be empty.
};

// Of the quote as much as can matter.
Complaint complaint(FaultKind kind, std::string what, std::string_view quote = {});

// Why the parser refused what should have been an answer.
Complaint not_json(simdjson::error_code error, std::string_view what, std::string_view text);

// A completion, an error that the server reports, or a complaint of ours.
using Reading = std::variant<Completion, ErrorBody, Complaint>;

// What the request asked for, as far as an answer must show it.
struct Wanted {
    std::size_t choices = 1;  // In all. Servers that do not know `n` give fewer.
    std::size_t inputs = 1;   // Prompts or inputs: a whole answer has one part for each.
};

// The server broke the answer off, and this is the word that it has for it.
Complaint broken_off(std::string_view finish_reason);

// What is unusual about a completion that is kept all the same.
void add_note(Completion& completion, std::string_view note);
void note_choices(Completion& completion, std::size_t came, const Wanted& wanted);
void note_end(Completion& completion, std::string_view finish_reason);

// The text of `content`: a string, or a list of parts of which some hold text.
std::string text_of_content(json::Element content);

}  // namespace skein
