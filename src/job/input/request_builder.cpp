// Builds the request of a row: from the job's template, or from the row if it is a whole request.
//
// Invariant: a row that cannot be asked never throws; it gets a fault of kind `bad_input`, which
// names its line. One thread.
#include "job/input/request_builder.hpp"

#include "dialect/request/request_writer.hpp"
#include "input/text_check.hpp"
#include "job/file/fingerprint.hpp"
#include "job/input/batch_row.hpp"
#include "job/input/maker_row.hpp"
#include "job/input/row_fields.hpp"

#include <utility>

namespace skein::job {
namespace {

Fault bad_row(const Row& row, std::string_view what) {
    return Fault{
        .kind = FaultKind::bad_input,
        .detail = "input line " + std::to_string(row.line) + ": " + std::string{what},
    };
}

// For a line of JSON that is not UTF-8: the column of the bad byte and the probable encoding.
std::string where_unreadable(const Row& row) {
    if (!row.problem.empty()) return {};
    const auto bad = input::first_bad_byte(row.bytes);
    if (!bad || bad->kind != input::BadByte::Kind::not_utf8) return {};
    const auto column = input::characters(row.bytes.substr(0, bad->at)) + 1;
    return ": column " + std::to_string(column) + ": " + input::words_for(*bad, row.bytes);
}

// Does the template of the job ask for streams? Of a Gemini row nothing else can.
bool says_stream(std::string_view request) {
    json::Object object;
    return !object.parse(request) && object.find("stream") == "true";
}

// The API path of a template; a template without a known member is taken for a chat.
std::string_view path_of(const Template& asked) {
    const auto path = path_for(asked.members());
    return path.empty() ? "/v1/chat/completions" : path;
}

}  // namespace

std::string custom_id_of(const Row& row, const json::Object* object, std::string_view id) {
    auto own = object ? own_id(*object, id.empty() ? usual_id : id) : std::nullopt;
    return own ? *std::move(own) : name_by_line(row.line);
}

std::uint64_t request_hash_of(const BuiltRequest& asked, std::uint64_t line) {
    if (!asked.request) return 0;
    const auto of_request = hash_of(asked.request->body) ^ hash_of(asked.request->path);
    // An id derived from the line number changes when the row moves, so it is not hashed.
    if (asked.custom_id == name_by_line(line)) return of_request;
    return of_request * 31 + hash_of(asked.custom_id);
}

void RequestBuilder::tell_of_rows(std::string id, Keep keep) {
    id_ = std::move(id);
    keep_ = std::move(keep);
}

Expected<RequestBuilder, ConfigError> RequestBuilder::make(
    std::string_view request,
    Input::Format format,
    std::span<const std::string> fields,
    std::string_view usual_model,
    const PlaceOf& place_of
) {
    // A row of such a format carries its whole request. A template of the job is not used; the
    // preflight warns of it.
    if (holds_requests(format)) {
        RequestBuilder builder{std::nullopt};
        builder.usual_model_ = usual_model;
        builder.format_ = format;
        builder.usual_id_ = id_field_of(format);
        builder.streams_ = says_stream(request);
        return builder;
    }
    if (request.empty()) {
        return ConfigError{
            .where = "request",
            .what =
                "is missing: the rows of the input are not whole requests (`method`, `url`, "
                "`body`), so the job must say what to ask of each",
        };
    }
    auto asked = Template::compile(request, place_of);
    if (!asked) return asked.error();
    // The fields of these formats are known, so a misspelt placeholder is refused before anything
    // is sent. Rows of JSON may differ from each other.
    if (format == Input::Format::csv || format == Input::Format::text) {
        if (auto error = asked->check(fields, place_of)) return std::move(*error);
    }
    RequestBuilder builder{std::move(*asked)};
    builder.path_ = path_of(*builder.template_);
    builder.usual_model_ = usual_model;
    builder.compiled_ = CompiledTemplate::make(builder.path_, request, usual_model);
    return builder;
}

// A row that cannot be asked gets an id as well, because its output line needs one.
BuiltRequest RequestBuilder::ask(const Row& row) {
    // An object that skein made itself needs no validation.
    if (row.made_here && row.problem.empty()) {
        object_.take(row.bytes);
    } else if (auto problem = row.problem.empty() ? object_.parse(row.bytes) : row.problem) {
        return {custom_id_of(row, nullptr), bad_row(row, *problem + where_unreadable(row))};
    }
    BuiltRequest asked{
        custom_id_of(row, &object_, id_.empty() ? usual_id_ : id_),
        template_ ? filled_template(row) : whole_request(row),
        kept_fields(keep_, object_, row.bytes)};
    // A row without the field of `input.id` is not sent, because its reply could not be found by
    // its id.
    if (!id_.empty() && !own_id(object_, id_)) {
        asked.request = bad_row(row, "it has no `" + id_ + "` to be named by (input.id)");
    }
    return asked;
}

std::string RequestBuilder::name_of(const Row& row) {
    const bool is_object = row.problem.empty() && !object_.parse(row.bytes);
    return custom_id_of(row, is_object ? &object_ : nullptr, id_.empty() ? usual_id_ : id_);
}

Expected<Prepared, Fault> RequestBuilder::prepared(const Row& row, const Request& request) const {
    auto made = prepare(request, usual_model_);
    if (!made) return bad_row(row, made.error().detail);
    return made;
}

Expected<Prepared, Fault> RequestBuilder::whole_request(const Row& row) const {
    const auto id = object_.find(usual_id_);
    // A list, an object or an empty text is refused, because the row would silently be named by its
    // line instead. With `input.id` another field names the row and `custom_id` does not matter.
    if (id_.empty() && id && !json::is_null(*id) && !own_id(object_, usual_id_)) {
        return bad_row(row, '`' + std::string{usual_id_} + "` must be a text or a number");
    }
    const auto request = read_request(object_, format_, streams_);
    if (!request) return bad_row(row, request.error().what);
    return prepared(row, *request);
}

Expected<Prepared, Fault> RequestBuilder::filled_template(const Row& row) const {
    if (compiled_) {
        Prepared filled;
        const auto problem = compiled_->fill(object_, row.bytes.size(), filled);
        if (problem) return bad_row(row, *problem);
        return filled;
    }
    Request request;
    request.path = path_;
    request.body.reserve(template_->size() + row.bytes.size());
    if (const auto problem = template_->fill(object_, request.body)) return bad_row(row, *problem);
    return prepared(row, request);
}

}  // namespace skein::job
