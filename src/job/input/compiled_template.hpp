#pragma once
#include "job/input/template.hpp"
#include "model/prepared.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skein::job {

// A template that has places nowhere but in the texts of its messages, its prompt or its input, as
// most have. Whatever is filled in, what we must know of such a request is the same, so it is
// prepared once, and not once for every row.
class CompiledTemplate {
public:
    // `request` is JSON that `Template` has compiled. Nothing if a place elsewhere may change what
    // a request is, or if it can never be sent; then each row must be prepared by itself.
    // `usual_model`: as for `prepare`.
    static std::optional<CompiledTemplate> make(
        std::string_view path, std::string_view request, std::string_view usual_model = {}
    );

    // Makes `out` what `prepare` would make of the filled template; or says what the row lacks.
    // `row_bytes`: about as much is put in.
    std::optional<std::string> fill(const json::Object& row, std::size_t row_bytes, Prepared& out)
        const;

private:
    CompiledTemplate(Prepared prepared, Template body)
        : prepared_{std::move(prepared)}, body_{std::move(body)} {}

    Prepared prepared_;  // Of the template as it is, places and all; without the body,
    Template body_;      // which is this.
};

}  // namespace skein::job
