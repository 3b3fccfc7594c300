#pragma once
#include "job/input/compiled_template.hpp"
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

// What a row asks, or why it cannot: then the fault is the row's reply.
struct BuiltRequest {
    std::string custom_id{};
    Expected<Prepared, Fault> request;
    std::string kept{};  // Fields of the row that its line is to have, as JSON; may be empty.
};

// Makes requests of rows.
//
// A row of `openai_batch` is a whole request (see `read_batch_row`). Its body goes out byte for
// byte, and its `url` says which path of the API it is for, never which host. Any other row fills
// the template; what that asks for (`messages`, `prompt` or `input`) says which API it is for.
class RequestBuilder {
public:
    // `request` is the job's template as JSON text. `fields` are those that every row has, and are
    // looked at where the format says them beforehand (CSV, text). `automatic` is no format here.
    // `usual_model`: as for `prepare`. `place_of`: for complaints.
    static Expected<RequestBuilder, ConfigError> make(
        std::string_view request,
        Input::Format format,
        std::span<const std::string> fields,
        std::string_view usual_model = {},
        const PlaceOf& place_of = {}
    );

    // Null if every row is a whole request.
    const Template* asks() const { return template_ ? &*template_ : nullptr; }

    // What of each row its line says: `input.id` and `output.keep`.
    void tell_of_rows(std::string id, Keep keep);

    BuiltRequest ask(const Row& row);

    // What the row's reply is called, as `ask` would say.
    std::string name_of(const Row& row);

private:
    explicit RequestBuilder(std::optional<Template> asked) : template_{std::move(asked)} {}
    Expected<Prepared, Fault> prepared(const Row& row, const Request& request) const;
    Expected<Prepared, Fault> whole_request(const Row& row) const;
    Expected<Prepared, Fault> filled_template(const Row& row) const;

    std::optional<Template> template_;  // None: every row is a whole request.
    std::string path_{};
    std::string usual_model_{};
    std::optional<CompiledTemplate> compiled_{};  // Of the template, if it is one.
    json::Object object_{};
    std::string id_{};
    Keep keep_{};
};

// Of what is asked, and of the row's id if it has one of its own: rows that differ in nothing else
// ask the same. 0 if it cannot be sent.
std::uint64_t request_hash_of(const BuiltRequest& asked, std::uint64_t line);

// The name of a row's reply: what the field `id` says (`custom_id`, if that is empty), else
// `line-17`. `object` is what the row's bytes were parsed to; null, if they could not be.
std::string custom_id_of(const Row& row, const json::Object* object, std::string_view id = {});

}  // namespace skein::job
