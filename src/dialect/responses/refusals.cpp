// Refuses by name what the API has no words for, so that nothing is left out silently. What would
// make an answer depend on the server's memory (`previous_response_id`) is no member of a chat, so
// that it is refused as any stranger is. Pure; any thread.
#include "dialect/responses/refusals.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>

namespace skein::response {
namespace {

using json::Element;
using Refusal = std::optional<std::string>;

bool is_anything(Element) { return true; }
bool is_text(Element value) { return value.is_string(); }
bool is_flag(Element value) { return value.is_bool(); }

bool is_number(Element value, double expected) {
    double number = 0;
    return !value.get(number) && number == expected;
}
bool is_zero(Element value) { return is_number(value, 0); }
bool is_one(Element value) { return is_number(value, 1); }

bool is_whole(Element value) {
    std::int64_t number = 0;
    return !value.get(number) && number >= 0;
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
    Sayable{"metadata", is_anything},
    Sayable{"service_tier", is_anything},
    Sayable{"prompt_cache_key", is_anything},
    Sayable{"prompt_cache_retention", is_anything},
    Sayable{"store", is_flag, " that is neither true nor false"},
    Sayable{"logprobs", is_flag, " that is neither true nor false"},
    Sayable{"top_logprobs", is_whole, " that is no number from 0 on"},
    Sayable{"user", is_text, " that is no text"},
    Sayable{"safety_identifier", is_text, " that is no text"},
    Sayable{"reasoning_effort", is_text, " that is no text"},
    Sayable{"verbosity", is_text, " that is no text"},
    Sayable{"n", is_one, " other than 1"},
    Sayable{"frequency_penalty", is_zero},
    Sayable{"presence_penalty", is_zero},
};

std::string cannot_say(std::string_view name, std::string_view more = {}) {
    return "responses cannot be asked for `" + json::printable(name, 80) + '`' + std::string{more} +
           "; take it out, or list it in drop";
}

Refusal refusal_of_member(const NamedMember& member) {
    const auto known = std::ranges::find(sayable, member.name, &Sayable::name);
    if (known == sayable.end()) return cannot_say(member.name);
    if (known->may_be(member.value)) return std::nullopt;
    return cannot_say(member.name, known->else_than);
}

bool is_web_address(std::string_view url) {
    return same_letters(url.substr(0, 8), "https://") || same_letters(url.substr(0, 7), "http://");
}

Refusal wrong_with_part(const Turn& turn, const Part& part) {
    if (part.kind == Part::Kind::text) return std::nullopt;
    if (part.kind == Part::Kind::audio) return "is audio, which responses does not take";
    if (turn.role == Turn::Role::system) return "is no text; a system message has only text";
    if (turn.role == Turn::Role::assistant)
        return "is no text; an assistant's message has only text";
    if (!part.data.empty() || !part.file_id.empty() || is_web_address(part.url)) {
        return std::nullopt;
    }
    return "has neither a data: address nor an https: address";
}

// What is wrong with a message, in words that follow its place.
Refusal wrong_with_turn(const Turn& turn) {
    for (std::size_t i = 0; i < turn.parts.size(); ++i) {
        if (auto wrong = wrong_with_part(turn, turn.parts[i])) {
            return ".content[" + std::to_string(i) + "] " + *wrong;
        }
    }
    return std::nullopt;
}

}  // namespace

Refusal refusal_of(const Question& question) {
    for (const auto& member : question.others) {
        if (auto refusal = refusal_of_member(member)) return refusal;
    }
    if (!question.stop.empty()) return cannot_say("stop");
    for (std::size_t i = 0; i < question.turns.size(); ++i) {
        if (auto wrong = wrong_with_turn(question.turns[i])) {
            return "messages[" + std::to_string(i) + "]" + *wrong;
        }
    }
    return std::nullopt;
}

}  // namespace skein::response
