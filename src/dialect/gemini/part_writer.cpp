#include "dialect/gemini/part_writer.hpp"

#include "base/ascii.hpp"
#include "dialect/gemini/members.hpp"

#include <algorithm>
#include <array>

namespace skein::google {
namespace {

struct Extension {
    std::string_view end;
    std::string_view media_type;
};

constexpr std::array extensions{
    Extension{"jpg", "image/jpeg"},
    Extension{"jpeg", "image/jpeg"},
    Extension{"png", "image/png"},
    Extension{"webp", "image/webp"},
    Extension{"gif", "image/gif"},
    Extension{"heic", "image/heic"},
};

// By the end of the address, in any case of letters; a query is not looked at. Empty: not known.
std::string_view media_type_of(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const auto dot = url.rfind('.');
    if (dot == url.npos) return {};
    const auto end = lowered(url.substr(dot + 1));
    const auto known = std::ranges::find(extensions, end, &Extension::end);
    return known == extensions.end() ? std::string_view{} : known->media_type;
}

void write_media(
    std::string& out,
    std::string_view member,
    std::string_view media_type,
    std::string_view name,
    std::string_view value
) {
    add_comma(out);
    out += '{';
    add_name(out, member);
    out += '{';
    add_text(out, "mimeType", media_type);
    add_text(out, name, value);
    out += "}}";
}

}  // namespace

Refusal write_part(const Part& part, std::string& out) {
    if (part.kind == Part::Kind::text) {
        if (part.text.empty()) return std::nullopt;
        add_comma(out);
        out += '{';
        add_text(out, "text", part.text);
        out += '}';
        return std::nullopt;
    }
    if (!part.file_id.empty()) return "has a file_id, which belongs to another maker than gemini's";
    const auto type = part.url.empty() ? part.media_type : media_type_of(part.url);
    if (type.empty() && part.url.empty()) return "has data without a media type";
    if (type.empty()) {
        return "has an address whose media type gemini cannot be told, because it does not end in "
               ".jpg, .jpeg, .png, .webp, .gif or .heic";
    }
    if (part.url.empty()) {
        write_media(out, "inlineData", type, "data", part.data);
    } else {
        write_media(out, "fileData", type, "fileUri", part.url);
    }
    return std::nullopt;
}

// Gemini wants the name of the function that was called, which the common form says in the call.
Refusal write_answer_of_tool(const Turn& turn, std::string& out) {
    if (turn.name.empty()) {
        return " answers the call `" + json::printable(turn.answers, 80) +
               "`, which no message before it makes";
    }
    add_comma(out);
    out += R"({"functionResponse":{)";
    add_text(out, "name", turn.name);
    if (!turn.answers.empty()) add_text(out, "id", turn.answers);
    out += R"(,"response":{)";
    add_text(out, "output", text_of(turn));
    out += "}}}";
    return std::nullopt;
}

Refusal CallWriter::write(const FunctionCall& call, std::string& out) {
    json::Element arguments;
    const auto error =
        parser_.allocate(std::max<std::size_t>(call.arguments.size(), 64), json::usual_depth + 1);
    if (error || parser_.parse(call.arguments.data(), call.arguments.size()).get(arguments) ||
        !arguments.is_object()) {
        return "has arguments that are no JSON object";
    }
    add_comma(out);
    out += R"({"functionCall":{)";
    add_text(out, "name", call.name);
    if (!call.id.empty()) add_text(out, "id", call.id);
    add_value(out, "args", arguments);
    out += '}';
    if (!call.signature.empty()) add_text(out, "thoughtSignature", call.signature);
    out += '}';
    return std::nullopt;
}

}  // namespace skein::google
