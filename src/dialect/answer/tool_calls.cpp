// Merges streamed tool calls. Observed shapes: index and id (OpenAI); index 0 for all calls, with
// different ids (vLLM issue 17614, Gemini's OpenAI-compatible API); neither index nor id, each call
// complete (xAI, older Ollama); name or id repeated in each chunk (Azure's gateways, Fireworks);
// arguments as an object (Mistral).
#include "dialect/answer/tool_calls.hpp"

#include "json/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

namespace skein {
namespace {

using json::Element;

// Memory charged for a call besides its bytes, so that many empty calls count.
constexpr std::size_t bytes_of_a_call = 256;

// Is the text a complete JSON object, by its braces? It need not be valid JSON, because it came in
// pieces from a model.
bool is_whole_object(std::string_view text) {
    std::size_t depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_text) {
            if (c == '\\') ++i;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth <= 1) return depth == 1;
            --depth;
        }
    }
    return false;
}

// Does `given` start a new call, rather than continue `call`?
bool begins_another(const Merged& call, Element given, bool has_id) {
    if (has_id) {
        const auto known = call.text_of("id");
        return !known.empty() && known != json::text_or_empty(given, "id");
    }
    const auto function = json::member(given, "function");
    const auto* known = call.find("function");
    if (!function || !known || json::text_or_empty(*function, "name").empty()) return false;
    // A name beside incomplete arguments is a repetition, and not a new call.
    if (!is_whole_object(known->text_of("arguments"))) return false;
    const auto arguments = json::member(*function, "arguments");
    const bool is_same = known->text_of("name") == json::text_or_empty(*function, "name");
    return !is_same || (arguments && (!arguments->is_string() ||
                                      !json::text_or_empty(*function, "arguments").empty()));
}

// Calls without an index sort behind all others, in the order in which they came.
std::int64_t index_of(const Merged& call) {
    const auto* index = call.find("index");
    if (!index) return std::numeric_limits<std::int64_t>::max();
    std::string text;
    index->write(text);
    return std::strtoll(text.c_str(), nullptr, 10);
}

// Searched from the newest call, because a piece mostly continues the last one.
Merged* place_for(std::vector<Merged>& calls, Element given) {
    const auto id = json::text_or_empty(given, "id");
    const auto index = json::whole_member(given, "index");
    // Without an index the id alone decides; a new id is a new call.
    if (!index && !id.empty()) {
        const auto same = std::ranges::find_if(calls, [&](const Merged& call) {
            return call.text_of("id") == id;
        });
        return same == calls.end() ? nullptr : &*same;
    }
    for (auto at = calls.rbegin(); at != calls.rend(); ++at) {
        if (index && index_of(*at) != *index) continue;
        if (!begins_another(*at, given, !id.empty())) return &*at;
        if (id.empty() || !index) return nullptr;
    }
    return nullptr;
}

// Arguments are text that the model writes piece by piece, so they count as content.
Grown merge_arguments(Merged& arguments, Element given) {
    std::string_view text;
    if (given.get(text)) {
        const auto grown = arguments.replace(json::one_line(given)).held;
        return {grown, grown};
    }
    const auto known = arguments.text();
    // First a placeholder `{}` that the real arguments replace; then arguments that are repeated.
    if (known == "{}" && text.starts_with('{')) return arguments.replace(text);
    if (known == text && is_whole_object(known)) return {};
    return arguments.append(text);
}

Grown merge_call(Merged& call, Element given) {
    Grown grown;
    simdjson::dom::object object;
    if (given.get(object)) return grown;
    for (const auto& [name, value] : object) {
        auto& member = call.at(name, grown);
        grown += name == "function" ? merge_function(member, value)
                                    : member.merge(value, Join::pieces, name);
    }
    return grown;
}

// Id and type come first, as OpenAI writes them; `index` belongs to the stream only.
void write_call(std::string& out, const Merged& call) {
    out += '{';
    const auto comma = [&] {
        if (out.back() != '{') out += ',';
    };
    if (const auto id = call.text_of("id"); !id.empty()) {
        out += R"("id":)";
        json::append_string(out, id);
    }
    const auto type = call.text_of("type");
    if (!type.empty() || call.find("function")) {
        comma();
        out += R"("type":)";
        json::append_string(out, type.empty() ? "function" : type);
    }
    for (const auto& [name, value] : call.members()) {
        if (name == "id" || name == "type" || name == "index") continue;
        comma();
        json::append_string(out, name);
        out += ':';
        value.write(out);
    }
    out += '}';
}

}  // namespace

Grown merge_function(Merged& function, Element given) {
    Grown grown;
    simdjson::dom::object object;
    if (given.get(object)) return grown;
    for (const auto& [name, value] : object) {
        auto& member = function.at(name, grown);
        grown += name == "arguments" && !value.is_null() ? merge_arguments(member, value)
                                                         : member.merge(value, Join::pieces, name);
    }
    return grown;
}

Grown merge_tool_calls(Merged& calls, simdjson::dom::array given) {
    Grown grown;
    if (calls.is_object()) return grown;
    auto& list = calls.elements();
    for (const auto element : given) {
        if (!element.is_object()) continue;
        auto* place = place_for(list, element);
        if (!place) {
            place = &list.emplace_back();
            grown.held += bytes_of_a_call + list.size();
        }
        grown += merge_call(*place, element);
    }
    return grown;
}

void write_tool_calls(std::string& out, const Merged& calls) {
    std::vector<const Merged*> in_order;
    for (const auto& call : calls.elements()) in_order.push_back(&call);
    // Stable, because calls may share an index (vLLM issue 17614).
    std::ranges::stable_sort(in_order, {}, [](const Merged* call) { return index_of(*call); });
    out += '[';
    for (const auto* call : in_order) {
        if (out.back() != '[') out += ',';
        write_call(out, *call);
    }
    out += ']';
}

}  // namespace skein
