// Invariant: `is_ready_for` is true only if `body_for` (without omissions) would give the same
// bytes. Pure; any thread.
#include "dialect/request/body.hpp"

#include "dialect/request/compat.hpp"
#include "json/members.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

// The members of the body, without the omitted ones. The members that skein added stand at the end.
std::string members_without(const Prepared& prepared, AddedMembers left_out) {
    std::string_view theirs = prepared.members();
    std::string ours;
    for (auto row = added_members.size(); row-- > 0;) {
        if (!has(prepared.added, row)) continue;
        theirs.remove_suffix(added_members[row].text.size());
        if (!has(left_out, row)) ours.insert(0, added_members[row].text);
    }
    return std::string{theirs} + ours;
}

}  // namespace

void append_member(std::string& object, std::string_view key, std::string_view value) {
    if (object.size() > 1) object += ',';
    object.append(1, '"').append(key).append("\":").append(value);
}

// Makes a body anew for a model other than the usual one, or without some added members. The model
// comes first, as in the prepared body.
std::string body_for(const Endpoint& endpoint, const Prepared& prepared, AddedMembers without) {
    const auto left_out = static_cast<AddedMembers>(without & prepared.added);
    if (left_out == 0 && is_ready_for(endpoint, prepared)) return prepared.body;
    const auto& model = endpoint.model.empty() ? prepared.model : endpoint.model;
    const auto members = members_without(prepared, left_out);
    std::string body;
    body.reserve(members.size() + model.size() + 16);
    begin_body(body, model);
    if (!model.empty() && !members.empty()) body += ',';
    body += members;
    body += '}';
    return body;
}

std::optional<std::string> common_body(
    const Endpoint& endpoint, const Prepared& prepared, AddedMembers without
) {
    const bool is_whole = (without & prepared.added) == 0;
    const bool is_limited = prepared.max_answered > 0 || endpoint.max_tokens == 0 ||
                            prepared.operation == Operation::embedding ||
                            prepared.operation == Operation::other;
    const bool is_unchanged = endpoint.drop.empty() && endpoint.compat.empty() && is_limited;
    if (is_whole && is_unchanged && is_ready_for(endpoint, prepared)) return std::nullopt;
    auto body = body_for(endpoint, prepared, without);
    if (!endpoint.drop.empty()) body = without_members(body, endpoint.drop);
    if (!is_limited) {
        body.pop_back();  // The brace.
        append_member(body, "max_tokens", std::to_string(endpoint.max_tokens));
        body += '}';
    }
    if (endpoint.compat.empty()) return body;
    return compatible_body(endpoint, prepared.operation, std::move(body));
}

void begin_body(std::string& body, std::string_view model) {
    body += '{';
    if (model.empty()) return;
    body += R"("model":)";
    json::append_string(body, model);
}

// The model that goes into prepared bodies, so that most attempts can borrow them.
std::string usual_model(const std::vector<Endpoint>& endpoints) {
    if (endpoints.empty()) return {};
    const auto& model = endpoints.front().model;
    const bool all = std::ranges::all_of(endpoints, [&](const auto& endpoint) {
        return endpoint.model == model;
    });
    return all ? model : std::string{};
}

// Compares the bytes where the model stands, instead of parsing the body.
bool is_ready_for(const Endpoint& endpoint, const Prepared& prepared) {
    constexpr std::string_view begin = R"({"model":")";
    const auto& model = endpoint.model.empty() ? prepared.model : endpoint.model;
    if (model.empty()) return prepared.members_at == 1;
    // A model name with a backslash is escaped in the body, so the texts cannot be compared.
    const std::string_view body = prepared.body;
    return model.find('\\') == model.npos &&
           prepared.members_at == begin.size() + model.size() + 2 && body.starts_with(begin) &&
           body.substr(begin.size(), model.size()) == model && body[prepared.members_at - 2] == '"';
}

std::string without_members(std::string_view object, std::span<const std::string> names) {
    std::string rest = "{";
    json::for_each_member(object, [&](std::string_view key, std::string_view value) {
        if (std::ranges::find(names, key) != names.end()) return;
        append_member(rest, key, value);
    });
    return rest += '}';
}

std::string with_members(std::string_view object, std::string_view others) {
    std::vector<std::string> names;
    json::for_each_member(others, [&](std::string_view key, std::string_view) {
        names.emplace_back(key);
    });
    auto all = without_members(object, names);
    all.pop_back();
    json::for_each_member(others, [&](std::string_view key, std::string_view value) {
        append_member(all, key, value);
    });
    return all += '}';
}

}  // namespace skein
