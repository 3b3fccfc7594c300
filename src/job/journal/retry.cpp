// Parses the conditions of `--retry` and tests output lines against them.
//
// Only the members in the table below may be tested. Pure functions, any thread.
#include "job/journal/retry.hpp"

#include "job/file/disk.hpp"
#include "json/object.hpp"
#include "json/text.hpp"

#include <skein/fault.hpp>
#include <skein/tally.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace skein::job {
namespace {

bool choice_ended_so(std::string_view out, const std::vector<std::string>& reasons);
bool failed_so(std::string_view out, const std::vector<std::string>& codes);

// The members of an output line that a condition may test. To add one, add a row here.
struct Member {
    std::string_view name;
    bool of_answers;  // Tested in lines with an answer; if false, in lines with an error.
    bool (*fits)(std::string_view out, const std::vector<std::string>& values);
};
constexpr std::array members{
    Member{"finish_reason", true, choice_ended_so},
    Member{"code", false, failed_so},
};

const Member* member_named(std::string_view name) {
    const auto at = std::ranges::find(members, name, &Member::name);
    return at == members.end() ? nullptr : &*at;
}

// A text is compared by its content, any other value (a number) by its JSON.
bool is_one_of(const std::vector<std::string>& values, std::string_view value) {
    return std::ranges::find(values, json::is_string(value) ? json::said(value) : value) !=
           values.end();
}

std::optional<json::Object> object_at(std::string_view text, std::string_view path) {
    json::Object outer;
    json::Object inner;
    if (outer.parse(text)) return std::nullopt;
    const auto found = outer.find_path(path);
    if (!found || !json::is_object(*found) || inner.parse(*found)) return std::nullopt;
    return inner;
}

// True if any choice of the answer ended with one of these reasons.
bool choice_ended_so(std::string_view out, const std::vector<std::string>& reasons) {
    const auto skein = object_at(out, "skein");
    if (const auto reason = skein ? skein->find("finish_reason") : std::nullopt) {
        return is_one_of(reasons, *reason);  // The body is the server's own.
    }
    const auto body = object_at(out, "response.body");
    if (!body) return false;
    // An answer may have several choices; the first index without one ends the loop.
    for (std::size_t i = 0;; ++i) {
        const auto choice = "choices." + std::to_string(i);
        if (!body->find_path(choice)) return false;
        const auto reason = body->find_path(choice + ".finish_reason");
        if (reason && is_one_of(reasons, *reason)) return true;
    }
}

bool failed_so(std::string_view out, const std::vector<std::string>& codes) {
    const auto error = object_at(out, "error");
    const auto code = error ? error->find("code") : std::nullopt;
    return code && is_one_of(codes, *code);
}

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == text.npos) return {};
    return std::string{text.substr(begin, text.find_last_not_of(' ') - begin + 1)};
}

RunError wrong(const std::string& text, const std::string& why) {
    return config_error("--retry `" + json::printable(text, 80) + "`: " + why);
}

constexpr const char* how_to_write =
    "write finish_reason=length, or code=server_error,throttled; several conditions may follow "
    "each other, and a row that fits one of them is asked again";

std::string known_codes() {
    std::string text;
    for (std::size_t kind = 0; kind < Tally::kinds; ++kind) {
        text += (kind == 0 ? "" : ", ");
        text += to_string(static_cast<FaultKind>(kind));
    }
    return text;
}

// Parses one piece of `text` between two commas: `member=value`, or one more value of the condition
// before it.
std::optional<RunError> add_piece(
    std::vector<RetryCondition>& conditions,
    const std::string& text,
    std::string_view piece,
    bool is_first
) {
    // A comma separates values as well as conditions. So a piece without `=` is a further value of
    // the condition before it, which the first piece does not have.
    const auto equals = piece.find('=');
    if (equals == piece.npos && is_first) return wrong(text, how_to_write);
    if (equals != piece.npos) {
        const auto name = trimmed(piece.substr(0, equals));
        if (!member_named(name)) {
            return wrong(text, "`" + name + "` cannot be asked for; " + how_to_write);
        }
        conditions.push_back({.member = name});
        piece.remove_prefix(equals + 1);
    }
    auto& condition = conditions.back();
    const auto value = trimmed(piece);
    if (value.empty()) return wrong(text, std::string{"a value is missing; "} + how_to_write);
    // The codes are skein's own and can be checked; finish reasons are up to the server.
    if (condition.member == "code" && !fault_kind_of(value)) {
        return wrong(text, "`" + value + "` is no code of a fault; there are: " + known_codes());
    }
    condition.values.push_back(value);
    return std::nullopt;
}

}  // namespace

Expected<std::vector<RetryCondition>, RunError> retry_conditions(std::span<const std::string> texts
) {
    std::vector<RetryCondition> conditions;
    for (const auto& text : texts) {
        std::string_view rest = text;
        for (bool is_first = true;; is_first = false) {
            const auto comma = rest.find(',');
            if (auto error = add_piece(conditions, text, rest.substr(0, comma), is_first)) {
                return *std::move(error);
            }
            if (comma == rest.npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return conditions;
}

bool fits(std::span<const RetryCondition> conditions, bool ok, std::string_view out) {
    return std::ranges::any_of(conditions, [&](const RetryCondition& condition) {
        // Never null, because `add_piece` accepts known members only. A condition on answers does
        // not fit a failed line, and the other way round.
        const auto* member = member_named(condition.member);
        return member->of_answers == ok && member->fits(out, condition.values);
    });
}

}  // namespace skein::job
