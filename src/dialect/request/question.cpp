// Takes a chat apart by the parse tree. Members that no dialect shares stay in `others`, where each
// dialect reads those that it knows and refuses the rest by name. Pure; any thread.
#include "dialect/request/question.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skein {
namespace {

using json::Element;
using Wrong = std::optional<std::string>;  // What cannot be understood.

constexpr std::array<std::string_view, 3> said_elsewhere{"model", "stream", "stream_options"};

std::optional<bool> flag_member(Element element, std::string_view name) {
    bool flag = false;
    const auto given = json::member(element, name);
    return given && !given->get(flag) ? std::optional{flag} : std::nullopt;
}

// `data:image/png;base64,AA==` is cut at the first comma.
Wrong read_address(std::string_view address, Part& part) {
    constexpr std::string_view scheme = "data:";
    constexpr std::string_view encoding = ";base64";
    if (!same_letters(address.substr(0, scheme.size()), scheme)) {
        part.url = address;
        return std::nullopt;
    }
    const auto comma = std::min(address.find(','), address.size());
    auto type = address.substr(scheme.size(), comma - scheme.size());
    if (comma == address.size() || !type.ends_with(encoding)) {
        return "is a data: address that is not base64";
    }
    type.remove_suffix(encoding.size());
    part.media_type = type.substr(0, type.find(';'));
    part.data = address.substr(comma + 1);
    return std::nullopt;
}

Wrong read_image(Element given, Part& part) {
    const auto image = json::member(given, "image_url");
    if (!image) return "has no image_url";
    std::string_view address;
    // Mistral takes the address itself in place of the object.
    if (image->get(address)) {
        address = json::text_or_empty(*image, "url");
        part.detail = json::text_or_empty(*image, "detail");
    }
    return address.empty() ? Wrong{"has no address of an image"} : read_address(address, part);
}

Wrong read_audio(Element given, Part& part) {
    const auto audio = json::member(given, "input_audio");
    if (!audio) return "has no input_audio";
    part.data = json::text_or_empty(*audio, "data");
    const auto format = json::text_or_empty(*audio, "format");
    part.media_type = format == "mp3" ? "audio/mp3" : "audio/wav";
    return part.data.empty() ? Wrong{"has no data of a sound"} : std::nullopt;
}

Wrong read_file(Element given, Part& part) {
    const auto file = json::member(given, "file");
    if (!file) return "has no file";
    part.file_name = json::text_or_empty(*file, "filename");
    part.file_id = json::text_or_empty(*file, "file_id");
    const auto data = json::text_or_empty(*file, "file_data");
    if (!data.empty()) return read_address(data, part);
    return part.file_id.empty() ? Wrong{"has neither file_data nor file_id"} : std::nullopt;
}

Wrong read_part(Element given, Part& part) {
    const auto type = json::text_or_empty(given, "type");
    if (type == "text") {
        part.text = json::text_or_empty(given, "text");
        return std::nullopt;
    }
    if (type == "image_url") {
        part.kind = Part::Kind::image;
        return read_image(given, part);
    }
    if (type == "input_audio") {
        part.kind = Part::Kind::audio;
        return read_audio(given, part);
    }
    if (type == "file") {
        part.kind = Part::Kind::file;
        return read_file(given, part);
    }
    return "is of type `" + json::printable(type, 80) + "`, which cannot be said elsewhere";
}

Wrong read_content(Element message, std::vector<Part>& parts) {
    const auto content = json::member(message, "content");
    if (!content) return std::nullopt;  // A message that only calls.
    std::string_view words;
    if (!content->get(words)) {
        parts.push_back({.text = words});
        return std::nullopt;
    }
    simdjson::dom::array list;
    if (content->get(list)) return ".content must be a text or a list";
    for (const auto given : list) {
        auto& part = parts.emplace_back();
        if (auto wrong = read_part(given, part)) {
            return ".content[" + std::to_string(parts.size() - 1) + "] " + *wrong;
        }
    }
    return std::nullopt;
}

Wrong read_calls(Element message, std::vector<FunctionCall>& calls) {
    const auto list = json::list_member(message, "tool_calls");
    if (!list) return std::nullopt;
    for (const auto given : *list) {
        const auto function = json::member(given, "function");
        if (!function) return ".tool_calls holds a call that is not one of a function";
        FunctionCall call{
            .id = json::text_or_empty(given, "id"),
            .name = json::text_or_empty(*function, "name"),
            .arguments = json::text_or_empty(*function, "arguments")};
        if (call.arguments.empty()) call.arguments = "{}";
        const auto extra = json::member(given, "extra_content");
        const auto google = extra ? json::member(*extra, "google") : std::nullopt;
        if (google) call.signature = json::text_or_empty(*google, "thought_signature");
        calls.push_back(call);
    }
    return std::nullopt;
}

// The name of the function whose call the tool answers; Gemini wants it beside the id.
std::string_view called_name(const std::vector<Turn>& turns, std::string_view id) {
    for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
        const auto call = std::ranges::find(turn->calls, id, &FunctionCall::id);
        if (call != turn->calls.end()) return call->name;
    }
    return {};
}

Wrong read_turn(Element message, Question& question) {
    const auto role = json::text_or_empty(message, "role");
    Turn turn;
    if (role == "system" || role == "developer") {
        turn.role = Turn::Role::system;
        turn.is_developer = role == "developer";
    } else if (role == "assistant") {
        turn.role = Turn::Role::assistant;
    } else if (role == "tool") {
        turn.role = Turn::Role::tool;
        turn.answers = json::text_or_empty(message, "tool_call_id");
        turn.name = called_name(question.turns, turn.answers);
    } else if (role != "user") {
        return ".role is `" + json::printable(role, 80) +
               "`, which is none of user, assistant, system, "
               "developer and tool";
    }
    if (auto wrong = read_content(message, turn.parts)) return wrong;
    if (auto wrong = read_calls(message, turn.calls)) return wrong;
    question.turns.push_back(std::move(turn));
    return std::nullopt;
}

Wrong read_turns(Element list, Question& question) {
    simdjson::dom::array messages;
    if (list.get(messages)) return "messages must be a list";
    for (const auto message : messages) {
        const auto index = question.turns.size();
        if (auto wrong = read_turn(message, question)) {
            return "messages[" + std::to_string(index) + "]" + *wrong;
        }
    }
    return std::nullopt;
}

Wrong read_tools(Element list, Question& question) {
    simdjson::dom::array tools;
    if (list.get(tools)) return "tools must be a list";
    for (const auto given : tools) {
        const auto function = json::member(given, "function");
        if (!function) {
            return "tools[" + std::to_string(question.tools.size()) + "] is no function";
        }
        question.tools.push_back(
            {.name = json::text_or_empty(*function, "name"),
             .description = json::text_or_empty(*function, "description"),
             .parameters = json::member(*function, "parameters"),
             .strict = flag_member(*function, "strict")}
        );
    }
    return std::nullopt;
}

Wrong read_tool_choice(Element given, Question& question) {
    std::string_view word;
    auto& choice = question.tool_choice.emplace();
    if (given.get(word)) {
        const auto function = json::member(given, "function");
        if (!function) return "tool_choice names no function";
        choice = {ToolChoice::Kind::function, json::text_or_empty(*function, "name")};
    } else if (word == "none") {
        choice.kind = ToolChoice::Kind::none;
    } else if (word == "required" || word == "any") {
        choice.kind = ToolChoice::Kind::required;
    } else if (word != "auto") {
        return "tool_choice is `" + json::printable(word, 80) + "`";
    }
    return std::nullopt;
}

Wrong read_format(Element given, Question& question) {
    const auto type = json::text_or_empty(given, "type");
    auto& format = question.format.emplace();
    if (type == "json_object") {
        format.kind = AnswerFormat::Kind::json_object;
    } else if (type == "json_schema") {
        format.kind = AnswerFormat::Kind::json_schema;
        const auto described = json::member(given, "json_schema");
        if (described) {
            format.name = json::text_or_empty(*described, "name");
            format.description = json::text_or_empty(*described, "description");
            format.schema = json::member(*described, "schema");
            format.strict = flag_member(*described, "strict");
        }
        if (!format.schema) return "response_format has no json_schema.schema";
    } else if (type != "text") {
        return "response_format is of type `" + json::printable(type, 80) + "`";
    }
    return std::nullopt;
}

Wrong read_stop(Element given, Question& question) {
    std::string_view one;
    simdjson::dom::array list;
    if (!given.get(one)) {
        question.stop.push_back(one);
        return std::nullopt;
    }
    if (given.get(list)) return "stop must be a text or a list of texts";
    for (const auto word : list) {
        if (word.get(one)) return "stop must be a text or a list of texts";
        question.stop.push_back(one);
    }
    return std::nullopt;
}

Wrong read_max_tokens(Element given, Question& question) {
    std::int64_t number = 0;
    if (given.get(number)) return "max_tokens must be a whole number";
    question.max_tokens = std::max(question.max_tokens.value_or(number), number);
    return std::nullopt;
}

Wrong read_parallel(Element given, Question& question) {
    bool flag = false;
    if (given.get(flag)) return "parallel_tool_calls must be true or false";
    question.parallel_calls = flag;
    return std::nullopt;
}

struct Reader {
    std::string_view name;
    Wrong (*read)(Element given, Question& question);
};

constexpr std::array readers{
    Reader{"messages", read_turns},
    Reader{"tools", read_tools},
    Reader{"tool_choice", read_tool_choice},
    Reader{"parallel_tool_calls", read_parallel},
    Reader{"response_format", read_format},
    Reader{"stop", read_stop},
    Reader{"max_tokens", read_max_tokens},
    Reader{"max_completion_tokens", read_max_tokens},
};

}  // namespace

const Element* Question::other(std::string_view name) const {
    const auto at = std::ranges::find(others, name, &NamedMember::name);
    return at == others.end() ? nullptr : &at->value;
}

Expected<Question, std::string> take_apart(
    std::string_view body, std::span<const std::string> dropped
) {
    Element root;
    simdjson::dom::object object;
    if (json::parse(body).get(root) || root.get(object)) return std::string{"no JSON object"};
    Question question;
    for (const auto& [name, value] : object) {
        const bool is_left_out = std::ranges::find(said_elsewhere, name) != said_elsewhere.end() ||
                                 std::ranges::find(dropped, name) != dropped.end();
        if (is_left_out || value.is_null()) continue;
        const auto reader = std::ranges::find(readers, name, &Reader::name);
        if (reader == readers.end()) {
            question.others.push_back({name, value});
        } else if (auto wrong = reader->read(value, question)) {
            return std::move(*wrong);
        }
    }
    return question;
}

std::string text_of(const Turn& turn, std::string_view between) {
    std::string text;
    for (const auto& part : turn.parts) {
        if (part.kind != Part::Kind::text || part.text.empty()) continue;
        if (!text.empty()) text += between;
        text += part.text;
    }
    return text;
}

}  // namespace skein
