#include "job/input/compiled_template.hpp"

#include "dialect/request/request_writer.hpp"
#include "json/members.hpp"

#include <skein/request.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace skein::job {
namespace {

// A change of the text of these members changes nothing about a prepared request but its body and
// its number of tokens.
constexpr std::array<std::string_view, 3> free_members{"messages", "prompt", "input"};

bool has_place_elsewhere(std::string_view request) {
    bool has = false;
    json::for_each_member(request, [&](std::string_view name, std::string_view value) {
        const bool is_free = std::ranges::find(free_members, name) != free_members.end();
        has = has || (!is_free && value.find(place_begins) != value.npos);
    });
    return has;
}

}  // namespace

std::optional<CompiledTemplate> CompiledTemplate::make(
    std::string_view path, std::string_view request, std::string_view usual_model
) {
    if (has_place_elsewhere(request)) return std::nullopt;
    Request as_it_is;
    as_it_is.path = path;
    as_it_is.body = request;
    auto prepared = prepare(as_it_is, usual_model);
    if (!prepared) return std::nullopt;
    // A model name or path may contain `{{`. Then the prepared head would be filled, so give up.
    const auto head = std::string_view{prepared->body}.substr(0, prepared->members_at);
    if (head.find(place_begins) != head.npos) return std::nullopt;
    auto body = Template::compile(prepared->body);
    if (!body || body->takes_values()) return std::nullopt;
    prepared->body.clear();
    return CompiledTemplate{std::move(*prepared), std::move(*body)};
}

std::optional<std::string> CompiledTemplate::fill(
    const json::Object& row, std::size_t row_bytes, Prepared& out
) const {
    std::string body;
    body.reserve(body_.size() + row_bytes);
    if (auto lacks = body_.fill(row, body)) return lacks;
    out = prepared_like(prepared_, std::move(body));
    return std::nullopt;
}

}  // namespace skein::job
