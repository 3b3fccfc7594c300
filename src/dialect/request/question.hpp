// A request in the common form, taken apart, for dialects that write it in another form.
#pragma once
#include "json/json.hpp"

#include <skein/error.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein {

// A part of a message. A `data:` address is taken apart, so that `url` or `data` is filled in.
struct Part {
    enum class Kind : std::uint8_t { text, image, audio, file };
    Kind kind = Kind::text;
    std::string_view text{};        // Of text.
    std::string_view url{};         // `https://…`, of an image or a file.
    std::string_view media_type{};  // With `data`: `image/png`.
    std::string_view data{};        // Base64.
    std::string_view detail{};      // Of an image: `low`; may be empty.
    std::string_view file_name{};   // Of a file; may be empty.
    std::string_view file_id{};     // Of a file that the maker keeps.
};

// A call of a function, made by the model.
struct FunctionCall {
    std::string_view id{};
    std::string_view name{};
    std::string_view arguments{};  // The text of a JSON object; `{}` if there was none.
    std::string_view signature{};  // `extra_content.google.thought_signature`.
};

// A message.
struct Turn {
    enum class Role : std::uint8_t { system, user, assistant, tool };
    Role role = Role::user;
    bool is_developer = false;  // Of the system: its role is `developer`.
    std::vector<Part> parts{};
    std::vector<FunctionCall> calls{};  // Of an assistant.
    std::string_view answers{};         // Of a tool: the id of the call.
    std::string_view name{};            // Of a tool: the name of the function that was called.
};

struct Tool {
    std::string_view name{};
    std::string_view description{};
    std::optional<json::Element> parameters{};
    std::optional<bool> strict{};
};

struct ToolChoice {
    enum class Kind : std::uint8_t { none, automatic, required, function };
    Kind kind = Kind::automatic;
    std::string_view name{};  // Of the function.
};

// `response_format`.
struct AnswerFormat {
    enum class Kind : std::uint8_t { text, json_object, json_schema };
    Kind kind = Kind::text;
    std::string_view name{};
    std::string_view description{};
    std::optional<json::Element> schema{};
    std::optional<bool> strict{};
};

// A member of the body, by its name.
struct NamedMember {
    std::string_view name;
    json::Element value;
};

// Chat only. All views and elements are valid until the next `json::parse` on this thread.
struct Question {
    std::vector<Turn> turns{};  // In their order, system messages included.
    std::vector<Tool> tools{};
    std::optional<ToolChoice> tool_choice{};
    std::optional<bool> parallel_calls{};
    std::optional<AnswerFormat> format{};
    std::optional<std::int64_t> max_tokens{};  // The larger of the two members that say it.
    std::vector<std::string_view> stop{};
    // All other members but `model`, `stream` and `stream_options`, in their order; a member that
    // is null is left out, because it says nothing.
    std::vector<NamedMember> others{};

    const json::Element* other(std::string_view name) const;
};

// Takes the body of a chat apart. `dropped`: members that are left out, by the endpoint's `drop`.
// The error says what cannot be understood: `messages[2].content[0] is of type input_video, …`.
Expected<Question, std::string> take_apart(
    std::string_view body, std::span<const std::string> dropped = {}
);

// The text parts of a turn, joined by `between`.
std::string text_of(const Turn& turn, std::string_view between = "");

}  // namespace skein
