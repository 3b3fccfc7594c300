// Refuses by name what the API has no words for, so that nothing is left out silently. The server
// would answer 400 to any member that it does not know. Pure; any thread.
#include "dialect/anthropic/refusals.hpp"

#include "base/ascii.hpp"
#include "dialect/anthropic/base64_text.hpp"
#include "dialect/anthropic/media_types.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

using json::Element;
using Refusal = std::optional<std::string>;

// From this version on, sampling members are an error even at their defaults.
constexpr std::string_view version_without_sampling = "2026-10-21";
constexpr std::array<std::string_view, 3> sampling{"temperature", "top_p", "top_k"};

constexpr std::array<std::string_view, 6> efforts{"none", "low", "medium", "high", "xhigh", "max"};

bool is_anything(Element) { return true; }
bool is_text(Element value) { return value.is_string(); }

bool is_false(Element value) {
    bool flag = true;
    return !value.get(flag) && !flag;
}

bool is_number(Element value, double expected) {
    double number = 0;
    return !value.get(number) && number == expected;
}
bool is_zero(Element value) { return is_number(value, 0); }
bool is_one(Element value) { return is_number(value, 1); }

bool is_effort(Element value) {
    std::string_view word;
    return !value.get(word) && std::ranges::find(efforts, word) != efforts.end();
}

bool is_tier(Element value) {
    std::string_view word;
    return !value.get(word) && (word == "auto" || word == "default");
}

// A member that the API has a word for, or that says nothing if it has a certain value.
struct Sayable {
    std::string_view name;
    bool (*may_be)(Element value);
    std::string_view else_than{};  // Follows the name in the refusal of another value.
};

constexpr std::array sayable{
    Sayable{"temperature", is_anything},
    Sayable{"top_p", is_anything},
    Sayable{"top_k", is_anything},
    Sayable{"store", is_anything},
    Sayable{"user", is_text, " that is no text"},
    Sayable{"safety_identifier", is_text, " that is no text"},
    Sayable{"service_tier", is_tier, " other than auto and default"},
    Sayable{"reasoning_effort", is_effort, " other than none, low, medium, high, xhigh and max"},
    Sayable{"n", is_one, " other than 1"},
    Sayable{"logprobs", is_false},
    Sayable{"top_logprobs", is_zero},
    Sayable{"frequency_penalty", is_zero},
    Sayable{"presence_penalty", is_zero},
};

std::string cannot_say(std::string_view name, std::string_view more = {}) {
    return "anthropic cannot be asked for `" + json::printable(name, 80) + '`' + std::string{more} +
           "; take it out, or list it in drop";
}

Refusal refusal_of_member(const Endpoint& endpoint, const NamedMember& member) {
    const bool is_sampling = std::ranges::find(sampling, member.name) != sampling.end();
    // A version is a date, so that texts are compared as dates are.
    if (is_sampling && endpoint.api_version >= version_without_sampling) {
        return cannot_say(member.name, " in its version " + endpoint.api_version);
    }
    const auto known = std::ranges::find(sayable, member.name, &Sayable::name);
    if (known == sayable.end()) return cannot_say(member.name);
    if (known->may_be(member.value)) return std::nullopt;
    return cannot_say(member.name, known->else_than);
}

bool is_web_address(std::string_view url) {
    return same_letters(url.substr(0, 8), "https://") || same_letters(url.substr(0, 7), "http://");
}

// What is wrong with an image or a file, in words that follow its place.
Refusal wrong_with_media(const Part& part) {
    const bool is_image = part.kind == Part::Kind::image;
    if (part.data.empty() && !part.url.empty()) {
        if (is_web_address(part.url)) return std::nullopt;
        return "has neither a data: address nor an https: address";
    }
    if (part.data.empty() && !part.file_id.empty()) return std::nullopt;
    const auto type = json::printable(part.media_type, 80);
    if (is_image) {
        if (is_image_type(type)) return std::nullopt;
        return "is an image of type `" + type + "`; anthropic takes jpeg, png, gif and webp";
    }
    if (is_pdf_type(type)) return std::nullopt;
    if (!is_text_type(type)) {
        return "is a file of type `" + type + "`; anthropic takes application/pdf and text";
    }
    if (text_of_base64(part.data)) return std::nullopt;
    return "is a file whose data is not text in base64";
}

Refusal wrong_with_part(const Turn& turn, const Part& part) {
    if (part.kind == Part::Kind::text) return std::nullopt;
    if (part.kind == Part::Kind::audio) return "is audio, which anthropic does not take";
    if (turn.role == Turn::Role::system) return "is no text; a system message has only text";
    return wrong_with_media(part);
}

// The depth limit of our own parser, because the arguments come from a file of the user.
bool is_object_text(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    const auto room = std::max<std::size_t>(text.size(), 64);
    if (parser.allocate(room, json::usual_depth)) return false;
    return !parser.parse(text.data(), text.size()).get(object);
}

// What is wrong with a message, in words that follow its place.
Refusal wrong_with_turn(const Turn& turn) {
    bool is_empty = turn.calls.empty() && turn.role != Turn::Role::tool;
    for (std::size_t i = 0; i < turn.parts.size(); ++i) {
        const auto& part = turn.parts[i];
        if (auto wrong = wrong_with_part(turn, part)) {
            return ".content[" + std::to_string(i) + "] " + *wrong;
        }
        is_empty = is_empty && part.kind == Part::Kind::text && part.text.empty();
    }
    for (std::size_t i = 0; i < turn.calls.size(); ++i) {
        if (is_object_text(turn.calls[i].arguments)) continue;
        return ".tool_calls[" + std::to_string(i) +
               "] has arguments that are no JSON object, which anthropic demands";
    }
    if (is_empty) return " is empty, which anthropic does not take";
    return std::nullopt;
}

}  // namespace

Refusal refusal_of(const Endpoint& endpoint, const Question& question) {
    for (const auto& member : question.others) {
        if (auto refusal = refusal_of_member(endpoint, member)) return refusal;
    }
    if (question.format && question.format->kind == AnswerFormat::Kind::json_object) {
        return cannot_say("response_format", " of type json_object");
    }
    for (std::size_t i = 0; i < question.turns.size(); ++i) {
        if (auto wrong = wrong_with_turn(question.turns[i])) {
            return "messages[" + std::to_string(i) + "]" + *wrong;
        }
    }
    if (question.max_tokens || endpoint.max_tokens > 0) return std::nullopt;
    return "anthropic needs max_tokens: set it in the request, or max_tokens of the endpoint";
}

}  // namespace skein
