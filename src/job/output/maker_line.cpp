// The forms are those of the makers' documents: Anthropic, "Message Batches"; Google, "Batch API".
// What a fault is called there is in the table. Pure; any thread.
#include "job/output/maker_line.hpp"

#include "json/text.hpp"

#include <skein/fault.hpp>

#include <algorithm>
#include <array>

namespace skein::job {
namespace {

// A fault in the words of the makers: Anthropic's type of an error, and an HTTP status, which
// Gemini gives and which counts where no server has given one.
struct MakersWords {
    FaultKind kind;
    std::string_view type;
    int status;
};

constexpr std::string_view usual_type = "api_error";
constexpr int usual_status = 500;

constexpr std::array<MakersWords, 17> makers_words{{
    {FaultKind::bad_input, "invalid_request_error", 400},
    {FaultKind::rejected, "invalid_request_error", 400},
    {FaultKind::context_exceeded, "invalid_request_error", 400},
    {FaultKind::filtered, "invalid_request_error", 400},
    {FaultKind::auth, "authentication_error", 401},
    {FaultKind::quota, "billing_error", 402},
    {FaultKind::forbidden, "permission_error", 403},
    {FaultKind::not_found, "not_found_error", 404},
    {FaultKind::throttled, "rate_limit_error", 429},
    {FaultKind::parked, "rate_limit_error", 429},
    {FaultKind::overloaded, "overloaded_error", 503},
    {FaultKind::not_ready, "overloaded_error", 503},
    {FaultKind::timeout_connect, "timeout_error", 504},
    {FaultKind::timeout_first_byte, "timeout_error", 504},
    {FaultKind::timeout_idle, "timeout_error", 504},
    {FaultKind::timeout_attempt, "timeout_error", 504},
    {FaultKind::deadline, "timeout_error", 504},
}};

const MakersWords* words_for(const std::optional<FaultKind>& kind) {
    const auto* at = std::ranges::find(makers_words, kind, [](const MakersWords& words) {
        return std::optional{words.kind};
    });
    return at == makers_words.end() ? nullptr : at;
}

std::optional<FaultKind> kind_in(const ResultFacts& facts) {
    const auto code = facts.part("error.code");
    return code && json::is_string(*code) ? fault_kind_of(json::said(*code)) : std::nullopt;
}

void begin_named(std::string& out, std::string_view name, const ResultFacts& facts) {
    out.append("{\"").append(name).append("\":").append(facts.id().value_or("null"));
}

void append_message(std::string& out, const ResultFacts& facts) {
    out.append(R"("message":)").append(facts.part("error.message").value_or(R"("")"));
}

}  // namespace

void append_anthropic_line(std::string& out, const ResultFacts& facts) {
    begin_named(out, "custom_id", facts);
    out += R"(,"result":{"type":)";
    const auto kind = kind_in(facts);
    if (!facts.error()) {
        out.append(R"("succeeded","message":)").append(facts.body().value_or("null"));
    } else if (kind == FaultKind::deadline) {
        // The service, too, gives no reason for what was not done in time.
        out += R"("expired")";
    } else {
        const auto* words = words_for(kind);
        out += R"("errored","error":{"type":"error","error":{"type":)";
        json::append_string(out, words ? words->type : usual_type);
        out += ',';
        append_message(out, facts);
        out.append(R"(},"request_id":null})");
    }
    out += "}}";
}

void append_gemini_line(std::string& out, const ResultFacts& facts) {
    begin_named(out, "key", facts);
    if (!facts.error()) {
        out.append(R"(,"response":)").append(facts.body().value_or("null")).append("}");
        return;
    }
    const auto* words = words_for(kind_in(facts));
    const auto status = facts.status();
    // A status of success belongs to an answer that was refused or broke off.
    const bool is_told = status && !status->starts_with('2');
    out += R"(,"error":{"code":)";
    out += is_told ? std::string{*status} : std::to_string(words ? words->status : usual_status);
    out += ',';
    append_message(out, facts);
    out += "}}";
}

}  // namespace skein::job
