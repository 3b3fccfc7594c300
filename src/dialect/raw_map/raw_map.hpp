// What an endpoint of `api: raw` says of its requests and answers (`Endpoint::raw`), compiled.
#pragma once
#include "dialect/raw_map/body_tree.hpp"
#include "dialect/raw_map/pointer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::mapped {

// A piece of `prompt_template`.
struct TemplatePiece {
    enum class Kind : std::uint8_t { text, role, content };
    Kind kind = Kind::text;
    std::string text{};
};

// Where the parts of a request go. Exactly one of `prompt` and `messages` is set.
struct RequestPlaces {
    BodyTree fixed{};  // JSON that every body begins with.
    std::optional<Pointer> prompt{};
    std::optional<Pointer> messages{};
    std::optional<Pointer> model{};
    std::optional<Pointer> stream{};
    std::vector<TemplatePiece> prompt_template{};  // Empty: the contents, with blank lines between.
    // Members that are copied as they are, such as `temperature`, by their name.
    std::vector<std::pair<std::string, Pointer>> copied{};

    const Pointer* place_of(std::string_view member) const;
};

// Where the parts of an answer stand, or those of an event of a stream.
struct AnswerPlaces {
    Pointers text{};
    Pointers reasoning{};
    Pointers finish{};
    Pointers model{};
    Pointers id{};
    Pointers input_tokens{};
    Pointers output_tokens{};
    Pointers cached_tokens{};
    Pointers reasoning_tokens{};
};

// An answer is an error if there is something at `where` that is not false and not empty.
struct ErrorPlaces {
    Pointers where{};
    Pointers message{};
    Pointers type{};
    Pointers code{};
};

// What an event is recognised by. At most one of the three is set.
struct Sign {
    std::string data{};   // The whole data of the event.
    std::string event{};  // Its type.
    std::optional<Pointer> pointer{};
    std::string equals{};  // With `pointer`: the value there, as JSON.

    bool any() const { return !data.empty() || !event.empty() || pointer; }
    // Of an event that is JSON.
    bool holds_for(json::Element root) const;
};

struct StreamPlaces {
    bool is_lines = false;  // `ndjson`: each line is an event.
    AnswerPlaces places{};
    Sign done{};  // The stream has ended.
    Sign skip{};  // The text of this event is no part of the answer.
};

struct RawMap {
    RequestPlaces request{};
    AnswerPlaces answer{};
    std::vector<std::pair<std::string, std::string>> finish_words{};  // The server's and ours.
    std::optional<ErrorPlaces> error{};
    std::optional<StreamPlaces> stream{};

    // Our word for the server's; its own if the map has none.
    std::string_view reason_for(std::string_view word) const;
};

// What is wrong with a map. `where`: `answer.text[1]`, or empty for the whole.
struct RawMistake {
    std::string where{};
    std::string what{};
};

// Compiles the text of `Endpoint::raw`. The map counts only if there are no mistakes.
RawMap compile(std::string_view text, std::vector<RawMistake>& mistakes);

// The compiled map of this text, kept on each thread. Does not touch the tree of `json::parse`.
std::shared_ptr<const RawMap> map_of(const std::string& text);

}  // namespace skein::mapped
