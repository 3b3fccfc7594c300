// Classifies error answers by tables of the words that servers use. Order of evidence: codes and
// types of the body, then phrases in its message, then the HTTP status. Pure; any thread.
#include "dialect/http/error_answer.hpp"

#include "base/ascii.hpp"
#include "dialect/http/redact.hpp"
#include "dialect/http/retry_hint.hpp"
#include "dialect/http/status.hpp"
#include "json/text.hpp"
#include "model/fault_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace skein {
namespace {

constexpr std::size_t max_read = 64 * 1024;

struct Meaning {
    std::string_view word;
    int status;
};

// Names of errors, and the HTTP status that each one stands for.
constexpr std::array meanings{
    Meaning{"overloaded_error", 529},
    Meaning{"overloaded", 529},
    Meaning{"server_is_overloaded", 503},
    Meaning{"unavailable_error", 503},
    Meaning{"UNAVAILABLE", 503},
    Meaning{"rate_limit_error", 429},
    Meaning{"rate_limit_exceeded", 429},
    Meaning{"rate_limited", 429},
    Meaning{"slow_down", 429},
    Meaning{"RESOURCE_EXHAUSTED", 429},
    Meaning{"invalid_request_error", 400},
    Meaning{"BadRequestError", 400},
    Meaning{"INVALID_ARGUMENT", 400},
    Meaning{"FAILED_PRECONDITION", 400},
    Meaning{"authentication_error", 401},
    Meaning{"invalid_api_key", 401},
    Meaning{"UNAUTHENTICATED", 401},
    Meaning{"billing_error", 402},
    Meaning{"permission_error", 403},
    Meaning{"PERMISSION_DENIED", 403},
    Meaning{"not_found_error", 404},
    Meaning{"model_not_found", 404},
    Meaning{"NotFoundError", 404},
    Meaning{"NOT_FOUND", 404},
    Meaning{"request_too_large", 413},
    Meaning{"timeout_error", 504},
    Meaning{"DEADLINE_EXCEEDED", 504},
    Meaning{"INTERNAL", 500},
    Meaning{"ABORTED", 409},
    Meaning{"CANCELLED", 499},
    Meaning{"OUT_OF_RANGE", 400},
    Meaning{"UNIMPLEMENTED", 501},
    // OpenAI.
    Meaning{"server_error", 500},
    Meaning{"vector_store_timeout", 500},
    Meaning{"invalid_image", 400},
    Meaning{"invalid_image_format", 400},
    Meaning{"invalid_base64_image", 400},
    Meaning{"invalid_image_url", 400},
    Meaning{"image_too_large", 400},
    Meaning{"image_too_small", 400},
    Meaning{"image_parse_error", 400},
    Meaning{"invalid_image_mode", 400},
    Meaning{"image_file_too_large", 400},
    Meaning{"image_file_not_found", 400},
    Meaning{"empty_image_file", 400},
    Meaning{"data_residency_mismatch", 400},
    Meaning{"unsupported_image_media_type", 400},
    Meaning{"failed_to_download_image", 400},
    // Anthropic.
    Meaning{"conflict_error", 409},
    Meaning{"api_error", 500},
    // Groq.
    Meaning{"capacity_exceeded", 498},
    // vLLM and SGLang.
    Meaning{"InternalServerError", 500},
    Meaning{"ServiceUnavailableError", 503},
    Meaning{"RateLimitError", 429},
    // Bedrock.
    Meaning{"ThrottlingException", 429},
    Meaning{"ModelNotReadyException", 503},
    Meaning{"ServiceUnavailableException", 503},
    Meaning{"ModelTimeoutException", 408},
    Meaning{"ModelErrorException", 424},
    Meaning{"InternalServerException", 500},
    Meaning{"ValidationException", 400},
    Meaning{"AccessDeniedException", 403},
    Meaning{"ResourceNotFoundException", 404},
    // DashScope.
    Meaning{"Throttling", 429},
    Meaning{"Throttling.RateQuota", 429},
    Meaning{"Throttling.AllocationQuota", 429},
    Meaning{"InvalidApiKey", 401},
    Meaning{"InvalidParameter", 400},
    Meaning{"Arrearage", 402},
    Meaning{"InternalError", 500},
    Meaning{"ModelServingError", 503},
    Meaning{"ModelUnavailable", 503},
};

// Exhausted billing: waiting does not help, because the account must be paid or its limit raised.
constexpr std::array<std::string_view, 11> billing{
    "insufficient_quota",
    "insufficient_balance_error",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "enforced_spend_limit_reached",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "BILLING_DISABLED",
};

// Google answers an unknown API key with 400, not with 401.
constexpr std::array<std::string_view, 2> wrong_key{"API_KEY_INVALID", "ExpiredTokenException"};

// Messages of a 403 for a short-lived key that has expired (AWS common errors, Bedrock API keys).
constexpr std::array<std::string_view, 2> begin_of_expired_key{
    "The security token included in the request is expired",
    "Bearer Token has expired",
};

// The prompt or the answer was refused by a filter: OpenAI (error codes of its Responses API),
// Azure
// ("Content filtering", also as `innererror.code`), DashScope ("Error codes").
constexpr std::array<std::string_view, 7> filtered{
    "content_filter",
    "content_policy_violation",
    "image_content_policy_violation",
    "invalid_prompt",
    "bio_policy",
    "ResponsibleAIPolicyViolation",
    "DataInspectionFailed",
};

// OpenRouter says 402 also where only too much is in flight at the moment. The endpoint must stay
// open.
constexpr std::array<std::string_view, 1> too_much_in_flight{"openrouter_in_flight_budget"};

// Groq: the model wrote no JSON, though it was asked to. It was billed, and another try may do.
constexpr std::array<std::string_view, 1> wrong_output{"json_validate_failed"};

constexpr std::array<std::string_view, 2> too_long{
    "context_length_exceeded",
    "exceed_context_size_error",
};

// Phrases in the message of a 400 or 413, for servers that give no code.
constexpr std::array<std::string_view, 5> words_for_too_long{
    "maximum context length",
    "prompt is too long",
    "exceeds the maximum number of tokens",
    "exceeds the available context size",
    "longer than the maximum model length",
};
// These phrases close the endpoint, so they count only at the front of a message, where a row of
// the job cannot have put them.
constexpr std::array<std::string_view, 2> begin_of_billing{
    "Your credit balance is too low",
    "You have reached your specified API usage limits",
};

// Phrases in the message of a 503: the model is still loading.
constexpr std::array<std::string_view, 2> words_for_loading{"Loading model", "currently loading"};

bool is_called_one_of(const ErrorBody& body, const auto& words) {
    return std::ranges::any_of(words, [&](std::string_view word) {
        return body.code == word || body.type == word || body.reason == word;
    });
}

// A word may be a status in digits (`"code": "429"`), or a name from the table. 0: neither.
int status_of_word(std::string_view word) {
    int number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool whole = error == std::errc{} && end == word.data() + word.size();
    if (whole && number >= 400 && number <= 599) return number;
    for (const auto& meaning : meanings) {
        if (meaning.word == word) return meaning.status;
    }
    return 0;
}

// The status of an error inside a successful answer. The code is more exact than the type.
int status_of_body(const ErrorBody& body) {
    if (body.status != 0) return body.status;
    if (const int status = status_of_word(body.code)) return status;
    if (const int status = status_of_word(body.type)) return status;
    return 500;
}

// The checks go from the certain to the vague: codes first, and phrases only for statuses where
// servers use them, because a message may quote the prompt.
FaultKind kind_of(int status, const ErrorBody& body) {
    if (status >= 200 && status <= 299) status = status_of_body(body);
    const auto kind = fault_of_status(status);
    const auto says = [&](const auto& phrases) {
        return std::ranges::any_of(phrases, [&](std::string_view words) {
            return body.message.find(words) != std::string::npos;
        });
    };
    const auto begins = [&](const auto& phrases) {
        return std::ranges::any_of(phrases, [&](std::string_view words) {
            return body.message.starts_with(words);
        });
    };
    const bool rejected = kind == FaultKind::rejected;
    if (kind == FaultKind::redirect_refused) return kind;
    if (is_called_one_of(body, too_much_in_flight)) return FaultKind::throttled;
    if (is_called_one_of(body, billing) || body.status == 402) return FaultKind::quota;
    if (is_called_one_of(body, wrong_key)) return FaultKind::auth;
    if (status == 403 && begins(begin_of_expired_key)) return FaultKind::auth;
    if (is_called_one_of(body, filtered)) return FaultKind::filtered;
    if (is_called_one_of(body, wrong_output)) return FaultKind::invalid_output;
    if (is_called_one_of(body, too_long)) return FaultKind::context_exceeded;
    if (rejected && begins(begin_of_billing)) return FaultKind::quota;
    if (rejected && says(words_for_too_long)) return FaultKind::context_exceeded;
    // Google's daily quota: it does not come back within a pause.
    if (status == 429 && body.per_day) return FaultKind::quota;
    if (status == 503 && says(words_for_loading)) return FaultKind::not_ready;
    return kind;
}

std::string detail_of(int status, const Headers& headers, const ErrorBody& body) {
    std::string detail = "HTTP " + std::to_string(status);
    if (!body.type.empty()) detail += ", " + body.type;
    if (!body.code.empty() && body.code != std::to_string(status)) detail += ", " + body.code;
    if (!body.reason.empty()) detail += ", " + body.reason;
    if (const auto target = headers.get("location"); target && status >= 300 && status <= 399) {
        // Without the query, which may hold secrets.
        detail += ", to " + std::string{target->substr(0, target->find('?'))};
        detail += ": redirects are not followed";
    }
    auto id = headers.get("x-request-id");
    if (!id) id = headers.get("request-id");
    if (id) detail += " (request " + std::string{*id} + ")";
    return detail;
}

// The server's own advice. A value other than true and false counts as absent.
std::optional<bool> should_retry(const Headers& headers) {
    const auto value = headers.get("x-should-retry");
    if (value && same_letters(trimmed(*value), "true")) return true;
    if (value && same_letters(trimmed(*value), "false")) return false;
    return std::nullopt;
}

}  // namespace

Fault fault_of_answer(
    int status,
    const Headers& headers,
    const ErrorBody& body,
    WallTime wall,
    const Endpoint& endpoint
) {
    Fault fault;
    fault.kind = kind_of(status, body);
    fault.detail = json::printable(redacted(detail_of(status, headers, body), endpoint), 400);
    fault.remote_message = remote_words(body.message, endpoint);
    fault.http_status = status;
    // The message of any other error may quote the prompt, which may contain "try again in 5 s".
    const bool speaks_of_pauses =
        row_of(fault.kind).pace == Pace::throttled || fault.kind == FaultKind::quota;
    const BodyHint hint{body.delay, body.message, &body.headers};
    fault.retry_after = retry_hint(headers, speaks_of_pauses ? hint : BodyHint{}, wall);
    fault.should_retry = should_retry(headers);
    return fault;
}

Fault fault_of_answer(
    int status,
    const Headers& headers,
    std::string_view body,
    WallTime wall,
    const Endpoint& endpoint
) {
    return fault_of_answer(
        status, headers, read_error_body(body.substr(0, max_read)), wall, endpoint
    );
}

}  // namespace skein
