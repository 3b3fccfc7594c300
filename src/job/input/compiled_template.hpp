#pragma once
#include "job/input/template.hpp"
#include "model/prepared.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skein::job {

// A pre-compiled template, whose placeholders occur only in `messages`, `prompt` or `input`, as in
// most jobs. All facts of such a request except its body are the same for each row, so it is
// prepared once and not once for each row.
class CompiledTemplate {
public:
    // `request` is JSON that `Template` has compiled. Returns nothing if a placeholder elsewhere
    // may change the kind of request, or if the request can never be sent; each row must be
    // prepared separately then. `usual_model`: as for `prepare`.
    static std::optional<CompiledTemplate> make(
        std::string_view path, std::string_view request, std::string_view usual_model = {}
    );

    // Fills the template and sets `out` as `prepare` would. Returns the problem if the row lacks a
    // field. `row_bytes`: the size of the row, to reserve memory.
    std::optional<std::string> fill(const json::Object& row, std::size_t row_bytes, Prepared& out)
        const;

private:
    CompiledTemplate(Prepared prepared, Template body)
        : prepared_{std::move(prepared)}, body_{std::move(body)} {}

    Prepared prepared_;  // The prepared template with its placeholders, but without the body.
    Template body_;      // The body.
};

}  // namespace skein::job
