// Writes what endpoints offer, as text and as JSON. Names and messages come from servers, so that
// control characters in them are made visible.
#include "app/offers.hpp"
#include "json/text.hpp"
#include "report/text.hpp"

#include <algorithm>
#include <optional>

namespace skein::app {
namespace {

using State = ModelsAnswer::State;

constexpr std::size_t max_shown = 600;
constexpr std::size_t max_column = 60;

std::string shown_words(std::string_view text) { return json::printable(text, max_shown); }

std::string_view state_word(State state) {
    switch (state) {
        case State::listed:
            return "listed";
        case State::no_list:
            return "no_list";
        case State::refused:
            return "refused";
        case State::failed:
            return "failed";
    }
    return {};
}

std::string_view key_word(ModelsAnswer::Key key) {
    switch (key) {
        case ModelsAnswer::Key::none:
            return "none";
        case ModelsAnswer::Key::accepted:
            return "accepted";
        case ModelsAnswer::Key::unchecked:
            return "unchecked";
        case ModelsAnswer::Key::refused:
            return "refused";
        case ModelsAnswer::Key::unknown:
            return "unknown";
    }
    return {};
}

std::string key_text(const ModelsAnswer& answer) {
    std::string text{key_word(answer.key)};
    if (answer.key == ModelsAnswer::Key::unchecked) {
        text += ": this server gives its list without a key as well";
    }
    if (answer.key == ModelsAnswer::Key::none && answer.state == State::refused) {
        text += ", and the server wants one";
    }
    return text;
}

std::string model_text(const EndpointOffer& offer) {
    if (offer.model.empty()) return "named by each row";
    auto text = shown_words(offer.model);
    if (offer.offer.kind == Offer::Kind::offered) return text + " is offered";
    if (offer.offer.kind == Offer::Kind::unknown) return text + ", not compared";
    text += " is not in the list";
    if (!offer.offer.meant.empty())
        text += "; did you mean " + shown_words(offer.offer.meant) + "?";
    return text;
}

std::string sizes_text(const OfferedModel& model) {
    std::string text;
    const auto add = [&](const char* what, std::int64_t tokens) {
        if (tokens <= 0) return;
        text += (text.empty() ? "" : ", ") + std::string{what} +
                report::count_text(static_cast<std::uint64_t>(tokens));
    };
    add("context ", model.context_tokens);
    add("answer ", model.output_tokens);
    return text;
}

void append_models(std::string& text, const std::vector<OfferedModel>& models) {
    std::size_t width = 0;
    for (const auto& model : models) width = std::max(width, shown_words(model.name).size());
    width = std::min(width, max_column);
    for (const auto& model : models) {
        auto name = shown_words(model.name);
        const auto sizes = sizes_text(model);
        if (!sizes.empty()) name.resize(std::max(width, name.size()), ' ');
        text += "    " + name + (sizes.empty() ? "" : "  " + sizes) + "\n";
    }
}

// A number of JSON, or `null` for what is not told.
void append_tokens(std::string& text, const char* name, std::int64_t tokens) {
    text += std::string{",\""} + name + "\":";
    if (tokens > 0) return json::append_number(text, tokens);
    text += "null";
}

void append_text(std::string& text, const char* name, std::string_view value) {
    text += std::string{"\""} + name + "\":";
    if (value.empty()) {
        text += "null";
    } else {
        json::append_string(text, value);
    }
}

std::string json_of(const EndpointOffer& offer) {
    const auto& answer = offer.answer;
    std::string text = "{";
    append_text(text, "name", offer.name);
    append_text(text += ',', "address", answer.address);
    append_text(text += ',', "state", state_word(answer.state));
    append_text(text += ',', "key", key_word(answer.key));
    append_tokens(text, "status", answer.status);
    append_text(text += ',', "why", answer.why);
    append_text(text += ',', "model", offer.model);
    const char* is_offered = offer.offer.kind == Offer::Kind::offered   ? "true"
                             : offer.offer.kind == Offer::Kind::missing ? "false"
                                                                        : "null";
    (text += ",\"offered\":") += is_offered;
    append_text(text += ',', "meant", offer.offer.meant);
    text += ",\"models\":[";
    for (const auto& model : answer.models) {
        text += text.back() == '[' ? "{" : ",{";
        append_text(text, "name", model.name);
        append_tokens(text, "context_tokens", model.context_tokens);
        append_tokens(text, "output_tokens", model.output_tokens);
        text += '}';
    }
    return text += answer.is_cut ? "],\"cut\":true}" : "],\"cut\":false}";
}

}  // namespace

std::string offers_text(const std::vector<EndpointOffer>& offers, bool with_models) {
    std::string text;
    for (const auto& offer : offers) {
        const auto& answer = offer.answer;
        text += shown_words(offer.name);
        if (!answer.address.empty()) text += ": " + shown_words(answer.address);
        text += "\n";
        if (!answer.why.empty()) {
            const char* what = answer.state == State::no_list ? "  no list: " : "  failed: ";
            text += what + shown_words(answer.why) + "\n";
        }
        text += "  key: " + key_text(answer) + "\n  model: " + model_text(offer) + "\n";
        if (answer.state != State::listed) continue;
        if (!offer.caveat.empty()) text += "  note: " + std::string{offer.caveat} + "\n";
        text += "  " + report::count_text(answer.models.size()) +
                (answer.models.size() == 1 ? " model" : " models") +
                (answer.is_cut ? ", and more that were not read" : "") +
                (with_models ? ":\n" : "\n");
        if (with_models) append_models(text, answer.models);
    }
    return text;
}

std::string offers_json(const std::vector<EndpointOffer>& offers) {
    std::string text = "{\"endpoints\":[";
    for (const auto& offer : offers) text += (text.back() == '[' ? "" : ",") + json_of(offer);
    return text += "]}";
}

}  // namespace skein::app
