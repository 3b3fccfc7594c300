#pragma once
#include "job/input/compiled_template.hpp"
#include "job/input/row_fields.hpp"
#include "job/input/source.hpp"
#include "job/input/template.hpp"
#include "json/object.hpp"
#include "model/prepared.hpp"

#include <skein/error.hpp>
#include <skein/fault.hpp>
#include <skein/job.hpp>
#include <skein/request.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skein::job {

// The request of a row, or the fault if it cannot be built; the fault then becomes the reply.
struct BuiltRequest {
    std::string custom_id{};
    Expected<Prepared, Fault> request;
    std::string kept{};  // Input fields for the output line, as JSON; may be empty.
};

// Builds requests from rows. One thread.
//
// A row of a batch service is a whole request (see `read_request`). Its body is sent byte for
// byte; its `url` decides the API path and never the host. Any other row fills the placeholders of
// the template, whose members (`messages`, `prompt` or `input`) decide the API path.
class RequestBuilder {
public:
    // `request`: the template of the job as JSON text. `fields`: the fields that every row has,
    // checked for CSV and text, whose fields are known in advance. `format` must not be
    // `automatic`. `usual_model`: as for `prepare`. `place_of`: positions in the job file, for
    // error messages.
    static Expected<RequestBuilder, ConfigError> make(
        std::string_view request,
        Input::Format format,
        std::span<const std::string> fields,
        std::string_view usual_model = {},
        const PlaceOf& place_of = {}
    );

    // The template; null if every row is a whole request.
    const Template* asks() const { return template_ ? &*template_ : nullptr; }

    // Sets `input.id` and `output.keep`: the field that names a row, and the fields to keep.
    void tell_of_rows(std::string id, Keep keep);

    BuiltRequest ask(const Row& row);

    // The `custom_id` of the row, as `ask` would set it.
    std::string name_of(const Row& row);

private:
    explicit RequestBuilder(std::optional<Template> asked) : template_{std::move(asked)} {}
    Expected<Prepared, Fault> prepared(const Row& row, const Request& request) const;
    Expected<Prepared, Fault> whole_request(const Row& row) const;
    Expected<Prepared, Fault> filled_template(const Row& row) const;

    std::optional<Template> template_;  // Empty if every row is a whole request.
    std::string path_{};
    std::string usual_model_{};
    std::optional<CompiledTemplate> compiled_{};  // The template in its fast form, if possible.
    json::Object object_{};
    Input::Format format_ = Input::Format::openai_batch;  // Of rows that are whole requests.
    bool streams_ = false;
    std::string id_{};
    std::string_view usual_id_ = usual_id;  // Names rows if `id_` is empty.
    Keep keep_{};
};

// A hash of the request (body and path) and of the row's own id, if it has one. Rows with the same
// hash ask the same. 0 if the request could not be built.
std::uint64_t request_hash_of(const BuiltRequest& asked, std::uint64_t line);

// The `custom_id` of a row: the value of the field `id` (of `custom_id` if `id` is empty), else
// `line-17`. `object`: the parsed row; null if it could not be parsed.
std::string custom_id_of(const Row& row, const json::Object* object, std::string_view id = {});

}  // namespace skein::job
