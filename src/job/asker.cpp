#include "job/asker.hpp"

#include "base/json_text.hpp"
#include "dialect/openai_paths.hpp"
#include "dialect/prepare.hpp"
#include "input/text_check.hpp"
#include "job/row_fields.hpp"

#include <utility>

namespace skein::job {
namespace {

Fault bad_row(const Row& row, std::string_view what) {
    return Fault{
        .kind = FaultKind::bad_input,
        .detail = "input line " + std::to_string(row.line) + ": " + std::string{what},
    };
}

// A line of JSON that is not UTF-8: which byte, and what the file probably is.
std::string where_unreadable(const Row& row) {
    if (!row.problem.empty()) return {};
    const auto bad = input::first_bad_byte(row.bytes);
    if (!bad || bad->kind != input::BadByte::Kind::not_utf8) return {};
    const auto column = input::characters(row.bytes.substr(0, bad->at)) + 1;
    return ": column " + std::to_string(column) + ": " + input::words_for(*bad, row.bytes);
}

std::string_view path_of(const Template& asked) {
    if (asked.has("messages")) return "/v1/chat/completions";
    if (asked.has("prompt")) return "/v1/completions";
    if (asked.has("input")) return "/v1/embeddings";
    return "/v1/chat/completions";
}

}  // namespace

std::string custom_id_of(const Row& row, const JsonObject* object, std::string_view id) {
    auto own = object ? own_id(*object, id.empty() ? usual_id : id) : std::nullopt;
    return own ? *std::move(own) : "line-" + std::to_string(row.line);
}

void Asker::tell_of_rows(std::string id, Keep keep) {
    id_ = std::move(id);
    keep_ = std::move(keep);
}

Expected<Asker, ConfigError> Asker::make(
    std::string_view request,
    Input::Format format,
    std::span<const std::string> fields,
    std::string_view usual_model,
    const PlaceOf& place_of
) {
    if (format == Input::Format::openai_batch) {
        Asker asker{std::nullopt};
        asker.usual_model_ = usual_model;
        return asker;
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
    if (format == Input::Format::csv || format == Input::Format::text) {
        if (auto error = asked->check(fields, place_of)) return std::move(*error);
    }
    Asker asker{std::move(*asked)};
    asker.path_ = path_of(*asker.template_);
    asker.usual_model_ = usual_model;
    asker.pattern_ = Pattern::make(asker.path_, request, usual_model);
    return asker;
}

Asked Asker::ask(const Row& row) {
    if (row.made_here && row.problem.empty()) {
        object_.take(row.bytes);
    } else if (auto problem = row.problem.empty() ? object_.parse(row.bytes) : row.problem) {
        return {custom_id_of(row, nullptr), bad_row(row, *problem + where_unreadable(row))};
    }
    Asked asked{
        custom_id_of(row, &object_, id_),
        template_ ? filled_template(row) : whole_request(row),
        kept_fields(keep_, object_, row.bytes)};
    if (!id_.empty() && !own_id(object_, id_)) {
        asked.request = bad_row(row, "it has no `" + id_ + "` to be named by (input.id)");
    }
    return asked;
}

Expected<Prepared, Fault> Asker::prepared(const Row& row, const Request& request) const {
    auto made = prepare(request, usual_model_);
    if (!made) return bad_row(row, made.error().detail);
    return made;
}

Expected<Prepared, Fault> Asker::whole_request(const Row& row) const {
    const auto text = [&](std::string_view name) -> std::optional<std::string> {
        const auto value = object_.find(name);
        return value && is_string(*value) ? std::optional{said(*value)} : std::nullopt;
    };
    if (id_.empty() && !own_id(object_, usual_id)) {
        return bad_row(row, "`custom_id` must be there and be a text or a number");
    }
    if (object_.find("method") && text("method") != "POST") {
        return bad_row(row, "`method` must be \"POST\"");
    }
    auto url = text("url");
    if (!url || !ask_of(*url)) {
        return bad_row(
            row,
            "`url` must be /v1/chat/completions, /v1/completions or /v1/embeddings" +
                (url ? ", not `" + json::printable(*url, 80) + "`" : std::string{}) +
                (url && url->find("://") != url->npos ? "; the job file says which host" : "")
        );
    }
    const auto body = object_.find("body");
    if (!body || !is_object(*body)) return bad_row(row, "`body` must be there and be an object");
    Request request;
    request.path = std::move(*url);
    request.body = *body;
    return prepared(row, request);
}

Expected<Prepared, Fault> Asker::filled_template(const Row& row) const {
    if (pattern_) {
        Prepared filled;
        const auto problem = pattern_->fill(object_, row.bytes.size(), filled);
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
