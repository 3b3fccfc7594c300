// Compiles `Endpoint::raw`. Invariant: an unknown key or an odd value is a mistake with its place,
// never ignored, because the part would silently go nowhere. Pure; any thread.
#include "dialect/raw_map/raw_map.hpp"
#include "dialect/raw_map/template_pieces.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace skein::mapped {
namespace {

using json::Element;
using Names = std::span<const std::string_view>;

// Members of a request that are copied as they are.
constexpr std::array<std::string_view, 12> copied_members{
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "stop",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "response_format",
    "user",
};

constexpr std::array<std::string_view, 6> finish_reasons{
    "stop", "length", "tool_calls", "content_filter", "paused", "error"};

struct NamedPointers {
    std::string_view name;
    Pointers AnswerPlaces::*place;
};

constexpr std::array named_pointers{
    NamedPointers{"text", &AnswerPlaces::text},
    NamedPointers{"reasoning", &AnswerPlaces::reasoning},
    NamedPointers{"finish", &AnswerPlaces::finish},
    NamedPointers{"model", &AnswerPlaces::model},
    NamedPointers{"id", &AnswerPlaces::id},
    NamedPointers{"input_tokens", &AnswerPlaces::input_tokens},
    NamedPointers{"output_tokens", &AnswerPlaces::output_tokens},
    NamedPointers{"cached_tokens", &AnswerPlaces::cached_tokens},
    NamedPointers{"reasoning_tokens", &AnswerPlaces::reasoning_tokens},
};

std::string below(const std::string& where, std::string_view name) {
    return where.empty() ? std::string{name} : where + '.' + std::string{name};
}

class Compiler {
public:
    Compiler(RawMap& map, std::vector<RawMistake>& mistakes) : map_{map}, mistakes_{mistakes} {}

    void read(Element root) {
        each(root, "", known_top, [&](std::string_view name, Element value) {
            const std::string where{name};
            if (name == "request") read_request(value, where);
            if (name == "answer") read_answer(value, where);
            if (name == "error") read_error(value, where);
            if (name == "stream") read_stream(value, where);
        });
        if (map_.answer.text.empty() && !is_wrong("answer")) {
            wrong("answer", "answer.text is missing: where the text of an answer stands");
        }
        check_request();
        check_stream();
    }

private:
    static constexpr std::array<std::string_view, 4> known_top{
        "request", "answer", "error", "stream"};

    void wrong(std::string where, std::string what) {
        mistakes_.push_back({std::move(where), std::move(what)});
    }

    // Is there a mistake in this part already?
    bool is_wrong(std::string_view part) const {
        return std::ranges::any_of(mistakes_, [&](const RawMistake& mistake) {
            return mistake.where.starts_with(part) || mistake.where.empty();
        });
    }

    // Calls `read(name, value)` for each known member. A member that is null says nothing.
    template <class Read>
    void each(Element given, const std::string& where, Names known, Read read) {
        simdjson::dom::object object;
        if (given.get(object)) return wrong(where, "must be a mapping (`key: value` lines)");
        for (const auto& [name, value] : object) {
            if (std::ranges::find(known, name) == known.end()) {
                wrong(
                    below(where, name),
                    "unknown key '" + json::printable(name, 60) + "' in raw" +
                        (where.empty() ? "" : "." + where) + config::advice(name, known)
                );
            } else if (!value.is_null()) {
                read(name, value);
            }
        }
    }

    std::optional<std::string> text_of(Element value, const std::string& where) {
        std::string_view text;
        if (!value.get(text)) return std::string{text};
        wrong(where, "must be a text");
        return std::nullopt;
    }

    std::optional<Pointer> pointer_of(Element value, const std::string& where) {
        Pointer pointer;
        const auto text = text_of(value, where);
        if (!text) return std::nullopt;
        if (auto why = read_pointer(*text, pointer)) {
            wrong(where, std::move(*why));
            return std::nullopt;
        }
        return pointer;
    }

    // One pointer, or a list of them.
    void read_pointers(Element value, const std::string& where, Pointers& into) {
        simdjson::dom::array list;
        if (value.get(list)) {
            if (auto pointer = pointer_of(value, where)) into.push_back(std::move(*pointer));
            return;
        }
        if (list.size() == 0) wrong(where, "must be a JSON pointer or a list of them");
        std::size_t index = 0;
        for (const auto element : list) {
            auto pointer = pointer_of(element, where + '[' + std::to_string(index++) + ']');
            if (pointer) into.push_back(std::move(*pointer));
        }
    }

    // A place that is written: objects only, because what would stand before an index is open.
    std::optional<Pointer> written_place(Element value, const std::string& where) {
        auto pointer = pointer_of(value, where);
        if (!pointer) return std::nullopt;
        const auto is_index = [](const std::string& step) {
            return step == "*" || step == "-" ||
                   (!step.empty() && step.find_first_not_of("0123456789") == step.npos);
        };
        if (std::ranges::any_of(pointer->steps, is_index)) {
            wrong(where, "'" + pointer->text() + "' leads into a list; give the list in fixed");
            return std::nullopt;
        }
        return pointer;
    }

    void read_request(Element given, const std::string& where) {
        std::vector<std::string_view> known{
            "fixed", "prompt", "prompt_template", "messages", "model", "stream"};
        known.insert(known.end(), copied_members.begin(), copied_members.end());
        auto& request = map_.request;
        each(given, where, known, [&](std::string_view name, Element value) {
            const auto at = below(where, name);
            if (name == "fixed") {
                if (!value.is_object()) return wrong(at, "fixed must be a mapping");
                request.fixed = BodyTree::from(value);
            } else if (name == "prompt_template") {
                read_template(value, at);
            } else if (name == "prompt") {
                request.prompt = written_place(value, at);
            } else if (name == "messages") {
                request.messages = written_place(value, at);
            } else if (name == "model") {
                request.model = written_place(value, at);
            } else if (name == "stream") {
                request.stream = written_place(value, at);
            } else if (auto place = written_place(value, at)) {
                request.copied.emplace_back(name, std::move(*place));
            }
        });
    }

    void read_template(Element value, const std::string& where) {
        const auto text = text_of(value, where);
        if (!text) return;
        if (auto why = read_template_pieces(*text, map_.request.prompt_template)) {
            wrong(where, std::move(*why));
        }
    }

    // True: it was one of the places of an answer.
    bool read_place(
        std::string_view name, Element value, const std::string& where, AnswerPlaces& places
    ) {
        const auto at = std::ranges::find(named_pointers, name, &NamedPointers::name);
        if (at == named_pointers.end()) return false;
        read_pointers(value, below(where, name), places.*(at->place));
        return true;
    }

    void read_answer(Element given, const std::string& where) {
        std::vector<std::string_view> known;
        for (const auto& named : named_pointers) known.push_back(named.name);
        known.push_back("finish_words");
        each(given, where, known, [&](std::string_view name, Element value) {
            if (read_place(name, value, where, map_.answer)) return;
            read_finish_words(value, below(where, name));
        });
    }

    void read_finish_words(Element given, const std::string& where) {
        simdjson::dom::object words;
        if (given.get(words)) return wrong(where, "finish_words must be a mapping of words");
        for (const auto& [theirs, value] : words) {
            const auto at = below(where, theirs);
            const auto ours = text_of(value, at);
            if (!ours) continue;
            if (std::ranges::find(finish_reasons, *ours) == finish_reasons.end()) {
                wrong(
                    at,
                    "'" + json::printable(*ours, 60) + "' is no finish_reason" +
                        config::advice(*ours, finish_reasons)
                );
                continue;
            }
            map_.finish_words.emplace_back(theirs, *ours);
        }
    }

    void read_error(Element given, const std::string& where) {
        static constexpr std::array<std::string_view, 4> known{"where", "message", "type", "code"};
        auto& error = map_.error.emplace();
        each(given, where, known, [&](std::string_view name, Element value) {
            auto& into = name == "where"     ? error.where
                         : name == "message" ? error.message
                         : name == "type"    ? error.type
                                             : error.code;
            read_pointers(value, below(where, name), into);
        });
        if (error.where.empty() && !is_wrong("error")) {
            wrong(where, "error.where is missing: what is there only in an error");
        }
    }

    void read_stream(Element given, const std::string& where) {
        std::vector<std::string_view> known{"framing"};
        for (const auto& named : named_pointers) known.push_back(named.name);
        known.insert(known.end(), {"done", "skip"});
        auto& stream = map_.stream.emplace();
        each(given, where, known, [&](std::string_view name, Element value) {
            const auto at = below(where, name);
            if (read_place(name, value, where, stream.places)) return;
            if (name == "framing") return read_framing(value, at);
            read_sign(value, at, name == "done" ? stream.done : stream.skip);
        });
    }

    void read_framing(Element value, const std::string& where) {
        static constexpr std::array<std::string_view, 2> framings{"sse", "ndjson"};
        const auto word = text_of(value, where);
        if (!word) return;
        map_.stream->is_lines = *word == "ndjson";
        if (std::ranges::find(framings, *word) != framings.end()) return;
        wrong(where, "'" + json::printable(*word, 60) + "' is no framing; it can be: sse, ndjson");
    }

    void read_sign(Element given, const std::string& where, Sign& sign) {
        static constexpr std::array<std::string_view, 4> known{
            "data", "event", "pointer", "equals"};
        const auto before = mistakes_.size();
        each(given, where, known, [&](std::string_view name, Element value) {
            const auto at = below(where, name);
            if (name == "data") sign.data = text_of(value, at).value_or("");
            if (name == "event") sign.event = text_of(value, at).value_or("");
            if (name == "pointer") sign.pointer = pointer_of(value, at);
            if (name == "equals") read_equals(value, at, sign);
        });
        if (mistakes_.size() != before) return;
        const int count = !sign.data.empty() + !sign.event.empty() + sign.pointer.has_value();
        if (count != 1 || sign.pointer.has_value() == sign.equals.empty()) {
            wrong(
                where, "must be one of {data: TEXT}, {event: NAME} and {pointer: /…, equals: VALUE}"
            );
        }
    }

    void read_equals(Element value, const std::string& where, Sign& sign) {
        if (value.is_object() || value.is_array()) {
            return wrong(where, "equals must be a text, a number, true or false");
        }
        sign.equals = json::one_line(value);
    }

    // Places must not lie within each other, and what is fixed must not be in the way.
    void check_request() {
        const auto& request = map_.request;
        if (is_wrong("request")) return;
        if (request.prompt.has_value() == request.messages.has_value()) {
            return wrong(
                "request",
                request.prompt ? "request.prompt and request.messages exclude each other; keep one"
                               : "request.prompt or request.messages is missing: where the "
                                 "question goes"
            );
        }
        if (!request.prompt && !request.prompt_template.empty()) {
            wrong("request.prompt_template", "prompt_template is for prompt; leave it out");
        }
        std::vector<std::pair<std::string, const Pointer*>> places;
        const auto add = [&](std::string_view name, const std::optional<Pointer>& place) {
            if (place) places.emplace_back(name, &*place);
        };
        add("prompt", request.prompt);
        add("messages", request.messages);
        add("model", request.model);
        add("stream", request.stream);
        for (const auto& [name, place] : request.copied) places.emplace_back(name, &place);
        auto body = request.fixed;
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto& [name, place] = places[i];
            if (!body.set(*place, "0")) {
                wrong(
                    "request." + name,
                    "'" + place->text() + "' leads through a value that is no object"
                );
            }
            for (std::size_t j = 0; j < i; ++j) check_apart(name, *place, places[j]);
        }
    }

    void check_apart(
        const std::string& name,
        const Pointer& place,
        const std::pair<std::string, const Pointer*>& other
    ) {
        const auto& a = place.steps;
        const auto& b = other.second->steps;
        const auto least = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
        if (!std::equal(a.begin(), a.begin() + least, b.begin())) return;
        wrong("request." + name, name + " and " + other.first + " go to the same place");
    }

    // The end of the bytes proves nothing, so a stream must have something that does.
    void check_stream() {
        if (!map_.stream || is_wrong("stream")) return;
        if (map_.stream->places.text.empty()) {
            return wrong("stream", "stream.text is missing: where the text of an event stands");
        }
        if (!map_.stream->places.finish.empty() || map_.stream->done.any()) return;
        wrong(
            "stream",
            "stream.finish or stream.done is missing: what the end of a stream is known by; a "
            "stream that was cut off would count as whole"
        );
    }

    RawMap& map_;
    std::vector<RawMistake>& mistakes_;
};

}  // namespace

// A parser of its own, so that the tree of an answer that is being read stays valid.
RawMap compile(std::string_view text, std::vector<RawMistake>& mistakes) {
    RawMap map;
    simdjson::dom::parser parser;
    Element root;
    if (parser.parse(text.data(), text.size()).get(root) || !root.is_object()) {
        mistakes.push_back({"", "must be the text of a JSON object"});
        return map;
    }
    Compiler{map, mistakes}.read(root);
    return map;
}

}  // namespace skein::mapped
