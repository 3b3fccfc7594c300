#include "dialect/seam/common_chunks.hpp"

#include "dialect/http/error_body.hpp"
#include "json/text.hpp"

namespace skein {

// A chunk always has the member `finish_reason`: without any, `[DONE]` would end the answer.
std::string delta_chunk(std::string_view members) {
    return std::string{R"({"choices":[{"index":0,"delta":{)"}.append(members).append(
        R"(},"finish_reason":null}]})"
    );
}

std::string text_chunk(std::string_view member, std::string_view text) {
    std::string said;
    json::append_string(said, member);
    said += ':';
    json::append_string(said, text);
    return delta_chunk(said);
}

std::string call_chunk(std::size_t number, std::string_view call, std::string_view function) {
    std::string said = R"("tool_calls":[{"index":)";
    json::append_number(said, static_cast<std::int64_t>(number));
    said.append(call).append(R"(,"function":{)").append(function).append("}}]");
    return delta_chunk(said);
}

std::string error_chunk(std::string_view data) {
    std::string storage;
    json::Element root;
    const bool is_json = !json::parse(json::mended(data, storage)).get(root);
    if (is_json && error_in(root)) return std::string{data};
    std::string error = R"({"error":)";
    if (is_json && root.is_object()) return error.append(json::one_line(root)).append("}");
    error += R"({"message":)";
    json::append_string(error, data);
    return error += "}}";
}

}  // namespace skein
