// What reading an answer comes to.
#pragma once
#include "dialect/error_body.hpp"
#include "dialect/json.hpp"

#include <skein/request.hpp>

#include <optional>
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

// The count of tokens in the `usage` of an answer or a chunk; nothing unless it is one.
std::optional<Usage> usage_in(json::Element root);

// The text of `content`: a string, or a list of parts of which some hold text.
std::string text_of_content(json::Element content);

}  // namespace skein
