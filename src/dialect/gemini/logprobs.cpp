#include "dialect/gemini/logprobs.hpp"

#include "dialect/gemini/members.hpp"

namespace skein::google {
namespace {

using json::Element;

void add_token(std::string& out, Element token) {
    add_text(out, "token", json::text_or_empty(token, "token"));
    if (const auto value = json::member(token, "logProbability")) add_value(out, "logprob", *value);
}

// The tokens that might have stood at one place.
void add_alternatives(std::string& out, Element place) {
    const auto tokens = json::list_member(place, "candidates");
    add_name(out, "top_logprobs");
    out += '[';
    if (tokens) {
        for (const auto token : *tokens) {
            add_comma(out);
            out += '{';
            add_token(out, token);
            out += '}';
        }
    }
    out += ']';
}

}  // namespace

// Gemini has two lists, of the tokens chosen and of the alternatives at each place; the common form
// has one.
void add_logprobs(std::string& out, Element candidate) {
    const auto result = json::member(candidate, "logprobsResult");
    const auto chosen = result ? json::list_member(*result, "chosenCandidates") : std::nullopt;
    if (!chosen) return;
    const auto alternatives = json::list_member(*result, "topCandidates");
    auto other = alternatives ? alternatives->begin() : simdjson::dom::array::iterator{};
    const auto end = alternatives ? alternatives->end() : other;
    add_name(out, "logprobs");
    out += R"({"content":[)";
    for (const auto token : *chosen) {
        add_comma(out);
        out += '{';
        add_token(out, token);
        if (alternatives && other != end) {
            add_alternatives(out, *other);
            ++other;
        }
        out += '}';
    }
    out += "]}";
}

}  // namespace skein::google
