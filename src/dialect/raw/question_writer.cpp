// Writes a chat by a map. Invariant: a member is written at its place, or says nothing, or is
// refused by its name; nothing is left out in silence. Pure; any thread.
#include "dialect/raw/question_writer.hpp"

#include "dialect/raw_map/raw_map.hpp"
#include "dialect/request/question.hpp"
#include "json/members.hpp"
#include "json/text.hpp"

#include <algorithm>

namespace skein::mapped {
namespace {

using Refusal = std::optional<std::string>;

bool says_nothing(std::string_view name, std::string_view value) {
    if (name == "model" || name == "stream" || name == "stream_options") return true;
    return value == "null" || (name == "n" && value == "1");
}

std::string_view name_of(Turn::Role role) {
    switch (role) {
        case Turn::Role::system:
            return "system";
        case Turn::Role::user:
            return "user";
        case Turn::Role::assistant:
            return "assistant";
        case Turn::Role::tool:
            return "tool";
    }
    return "user";
}

// A prompt is text alone.
Refusal wrong_with(const Turn& turn, std::size_t index) {
    const auto where = "messages[" + std::to_string(index) + "]";
    const bool is_text = std::ranges::all_of(turn.parts, [](const Part& part) {
        return part.kind == Part::Kind::text;
    });
    if (!is_text) return where + " holds more than text, which raw cannot put into a prompt";
    if (!turn.calls.empty() || turn.role == Turn::Role::tool) {
        return where + " is of a call of a tool, which raw cannot put into a prompt";
    }
    return std::nullopt;
}

std::string prompt_of(const Question& question, const RequestPlaces& places) {
    std::string prompt;
    for (const auto& turn : question.turns) {
        const auto content = text_of(turn);
        if (places.prompt_template.empty()) {
            if (&turn != &question.turns.front()) prompt += "\n\n";
            prompt += content;
        }
        for (const auto& piece : places.prompt_template) {
            switch (piece.kind) {
                case TemplatePiece::Kind::text:
                    prompt += piece.text;
                    break;
                case TemplatePiece::Kind::role:
                    prompt += name_of(turn.role);
                    break;
                case TemplatePiece::Kind::content:
                    prompt += content;
                    break;
            }
        }
    }
    return prompt;
}

// Written into the body: a value that is no object may be fixed on the way, which the check of the
// settings refuses.
Refusal write_prompt(
    const Prepared& request, const Endpoint& endpoint, const RequestPlaces& places, BodyTree& body
) {
    const auto question = take_apart(request.body, endpoint.drop);
    if (!question) return question.error();
    for (std::size_t i = 0; i < question->turns.size(); ++i) {
        if (auto wrong = wrong_with(question->turns[i], i)) return wrong;
    }
    std::string text;
    json::append_string(text, prompt_of(*question, places));
    body.set(*places.prompt, std::move(text));
    return std::nullopt;
}

// A single word to stop at is written as a list, which all servers take.
std::string as_list(std::string_view value) {
    return value.starts_with('[') ? std::string{value} : '[' + std::string{value} + ']';
}

Refusal write_member(
    std::string_view name, std::string_view value, const RequestPlaces& places, BodyTree& body
) {
    if (name == "messages") {
        if (places.messages) body.set(*places.messages, std::string{value});
        return std::nullopt;
    }
    const bool is_limit = name == "max_completion_tokens";
    const auto* place = places.place_of(is_limit ? "max_tokens" : name);
    if (place) {
        body.set(*place, name == "stop" ? as_list(value) : std::string{value});
        return std::nullopt;
    }
    return "raw cannot be asked for `" + json::printable(name, 80) +
           "`; name its place in raw.request, or list it in drop";
}

Refusal write_model(
    const Prepared& request, const Endpoint& endpoint, const RequestPlaces& places, BodyTree& body
) {
    const auto& model = endpoint.model.empty() ? request.model : endpoint.model;
    if (places.model && !model.empty()) {
        std::string text;
        json::append_string(text, model);
        body.set(*places.model, std::move(text));
    } else if (endpoint.model.empty() && !model.empty()) {
        return "raw cannot be asked for a `model` of the request; name its place in raw.request, "
               "or "
               "set the endpoint's model";
    }
    return std::nullopt;
}

Refusal write_members(
    const Prepared& request, const Endpoint& endpoint, const RequestPlaces& places, BodyTree& body
) {
    Refusal wrong;
    bool has_messages = false;
    json::for_each_member(request.body, [&](std::string_view name, std::string_view value) {
        const bool is_dropped = std::ranges::find(endpoint.drop, name) != endpoint.drop.end();
        if (wrong || is_dropped || says_nothing(name, value)) return;
        has_messages = has_messages || name == "messages";
        wrong = write_member(name, value, places, body);
    });
    if (!wrong && !has_messages) return "raw needs messages";
    return wrong;
}

}  // namespace

Refusal write_question(const Endpoint& endpoint, const Prepared& request, std::string& body) {
    if (request.operation != Operation::chat) return "raw can only be asked for chats";
    const auto map = map_of(endpoint.raw);
    const auto& places = map->request;
    if (!places.prompt && !places.messages) return "raw.request does not say where messages go";
    if (request.stream && !map->stream) {
        return "raw cannot be asked for a stream: the endpoint's map has no `stream`";
    }
    auto tree = places.fixed;
    if (auto wrong = write_model(request, endpoint, places, tree)) return wrong;
    const auto* limit = places.place_of("max_tokens");
    // Before the members: what the request says replaces it.
    if (limit && endpoint.max_tokens > 0) tree.set(*limit, std::to_string(endpoint.max_tokens));
    if (auto wrong = write_members(request, endpoint, places, tree)) return wrong;
    if (places.prompt) {
        if (auto wrong = write_prompt(request, endpoint, places, tree)) return wrong;
    }
    if (request.stream && places.stream) tree.set(*places.stream, "true");
    tree.write(body);
    return std::nullopt;
}

}  // namespace skein::mapped
