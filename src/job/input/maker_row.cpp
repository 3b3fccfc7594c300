#include "job/input/maker_row.hpp"

#include "dialect/request/native_request.hpp"
#include "job/input/batch_row.hpp"
#include "job/input/row_fields.hpp"
#include "json/text.hpp"

#include <string>

namespace skein::job {
namespace {

using Format = Input::Format;

// A member that is an object with a list of this name.
bool has_list(const json::Object& row, std::string_view member, std::string_view list) {
    const auto found = row.find(member);
    if (!found || !json::is_object(*found)) return false;
    const auto path = std::string{member}.append(".").append(list);
    const auto value = row.find_path(path);
    return value && json::is_list(*value);
}

// The body of a native row goes on byte for byte.
Expected<Request, ConfigError> native_row(
    const json::Object& row, std::string_view member, std::string_view path
) {
    const auto body = row.find(member);
    if (!body || !json::is_object(*body)) {
        return ConfigError{.what = '`' + std::string{member} + "` must be there and be an object"};
    }
    Request request;
    request.body = *body;
    request.path = path;
    return request;
}

}  // namespace

bool holds_requests(Format format) {
    return format == Format::openai_batch || format == Format::anthropic_batch ||
           format == Format::gemini_batch || format == Format::mistral_batch;
}

std::string_view id_field_of(Format format) {
    return format == Format::gemini_batch ? std::string_view{"key"} : usual_id;
}

// A list within the request must be there, because rows of a template may have a field `params` or
// `request` of their own.
std::optional<Format> batch_format_of(const json::Object& row) {
    if (is_batch_row(row)) {
        const bool is_bare = !row.find("url") && !row.find("method");
        return is_bare ? Format::mistral_batch : Format::openai_batch;
    }
    if (has_list(row, "params", "messages")) return Format::anthropic_batch;
    if (has_list(row, "request", "contents")) return Format::gemini_batch;
    return std::nullopt;
}

Expected<Request, ConfigError> read_request(const json::Object& row, Format format, bool streams) {
    if (format == Format::anthropic_batch) return native_row(row, "params", path_of_messages);
    if (format != Format::gemini_batch) return read_batch_row(row);
    auto request = native_row(row, "request", path_of_contents);
    if (request) request->stream = streams;
    return request;
}

}  // namespace skein::job
