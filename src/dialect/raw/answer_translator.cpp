// Finds the parts of an answer and writes them in the common form. Invariant: an answer without
// text is none, unless something else explains it. Pure; any thread.
#include "dialect/raw/answer_translator.hpp"

#include "dialect/answer/ends.hpp"
#include "dialect/http/error_body.hpp"
#include "json/text.hpp"

namespace skein::mapped {
namespace {

using json::Element;

void append_count(
    std::string& out, std::string_view name, const std::optional<std::int64_t>& count
) {
    if (!count) return;
    if (out.back() != '{') out += ',';
    out.append(1, '"').append(name).append("\":");
    json::append_number(out, *count);
}

void append_details(
    std::string& out,
    std::string_view details,
    std::string_view name,
    const std::optional<std::int64_t>& count
) {
    if (!count) return;
    if (out.back() != '{') out += ',';
    out.append(1, '"').append(details).append("\":{");
    append_count(out, name, count);
    out += '}';
}

// Is what stands at `where` an error? Not null (that is not there), false, zero, or empty.
bool is_error(Element value) {
    bool flag = false;
    std::int64_t number = 0;
    std::string_view text;
    simdjson::dom::object object;
    simdjson::dom::array list;
    if (!value.get(flag)) return flag;
    if (!value.get(number)) return number != 0;
    if (!value.get(text)) return !text.empty();
    if (!value.get(object)) return object.size() > 0;
    return value.get(list) || list.size() > 0;
}

void append_member(
    std::string& out, std::string_view name, const std::optional<std::string>& text
) {
    if (!text || text->empty()) return;
    out.append(",\"").append(name).append("\":");
    json::append_string(out, *text);
}

// Reasons for which a message may have no text.
bool explains_no_text(std::string_view reason) {
    return reason == "length" || reason == "content_filter";
}

}  // namespace

Found find_all(Element root, const AnswerPlaces& places, const RawMap& map) {
    Found found;
    found.text = text_at(root, places.text);
    found.reasoning = text_at(root, places.reasoning);
    auto finish = text_at(root, places.finish).value_or("");
    if (end_of(map.reason_for(finish)) != End::none) found.finish = std::move(finish);
    found.id = text_at(root, places.id).value_or("");
    found.model = text_at(root, places.model).value_or("");
    found.input_tokens = count_at(root, places.input_tokens);
    found.output_tokens = count_at(root, places.output_tokens);
    found.cached_tokens = count_at(root, places.cached_tokens);
    found.reasoning_tokens = count_at(root, places.reasoning_tokens);
    return found;
}

void append_names(std::string& out, const Found& found) {
    for (const auto& [name, text] : {std::pair{"id", &found.id}, {"model", &found.model}}) {
        if (text->empty()) continue;
        out.append(1, '"').append(name).append("\":");
        json::append_string(out, *text);
        out += ',';
    }
}

void append_usage(std::string& out, const Found& found) {
    if (!found.has_usage()) return;
    out += R"(,"usage":{)";
    append_count(out, "prompt_tokens", found.input_tokens);
    append_count(out, "completion_tokens", found.output_tokens);
    append_details(out, "prompt_tokens_details", "cached_tokens", found.cached_tokens);
    append_details(out, "completion_tokens_details", "reasoning_tokens", found.reasoning_tokens);
    out += '}';
}

void append_reason(std::string& out, std::string_view theirs, const RawMap& map) {
    out += R"("finish_reason":)";
    if (theirs.empty()) {
        out += "null";
        return;
    }
    const auto ours = map.reason_for(theirs);
    json::append_string(out, ours);
    if (ours == theirs) return;
    out += R"(,"native_finish_reason":)";
    json::append_string(out, theirs);
}

std::optional<std::string> error_of(Element root, const RawMap& map) {
    if (!map.error) return std::nullopt;
    const auto value = value_at(root, map.error->where);
    if (!value || !is_error(*value)) return std::nullopt;
    auto words = text_at(root, map.error->message);
    if (!words || words->empty()) words = json::one_line(*value);
    std::string error = R"({"error":{"message":)";
    std::string_view text;
    json::append_string(error, value->get(text) || map.error->message.size() > 0 ? *words : text);
    append_member(error, "type", text_at(root, map.error->type));
    append_member(error, "code", text_at(root, map.error->code));
    return error += "}}";
}

// Without a place for errors, the shapes that only errors have are errors, as for all servers.
std::optional<std::string> common_answer(Element root, const RawMap& map) {
    if (auto error = error_of(root, map)) return error;
    if (!map.error && error_in(root)) return std::nullopt;
    const auto found = find_all(root, map.answer, map);
    const auto reason = map.reason_for(found.finish);
    if (!found.text && !found.reasoning && !explains_no_text(reason)) return std::nullopt;
    std::string out = "{";
    append_names(out, found);
    out += R"("object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)";
    out += R"("content":)";
    found.text ? json::append_string(out, *found.text) : void(out += "null");
    append_member(out, "reasoning_content", found.reasoning);
    out += "},";
    // A server that tells no reasons has stopped when it answers.
    append_reason(out, map.answer.finish.empty() ? "stop" : found.finish, map);
    out += "}]";
    append_usage(out, found);
    return out += '}';
}

}  // namespace skein::mapped
