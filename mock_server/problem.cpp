// Writes errors as each API does. Invariant: the bytes depend on the problem alone, the id of
// Anthropic's errors included. Pure; any thread.
#include "mock_server/problem.hpp"

#include "json/text.hpp"
#include "mock_server/hash.hpp"

namespace skein::mock {
namespace {

// The words of Anthropic. A status that it has none for counts as the fault of the client or of the
// server.
std::string_view anthropic_type(int status) {
    switch (status) {
        case 401:
            return "authentication_error";
        case 402:
            return "billing_error";
        case 403:
            return "permission_error";
        case 404:
            return "not_found_error";
        case 409:
            return "conflict_error";
        case 413:
            return "request_too_large";
        case 429:
            return "rate_limit_error";
        case 504:
            return "timeout_error";
        case 529:
            return "overloaded_error";
        default:
            return status < 500 ? "invalid_request_error" : "api_error";
    }
}

// The words of Google's services.
std::string_view google_status(int status) {
    switch (status) {
        case 401:
            return "UNAUTHENTICATED";
        case 403:
            return "PERMISSION_DENIED";
        case 404:
            return "NOT_FOUND";
        case 405:
        case 501:
            return "UNIMPLEMENTED";
        case 409:
            return "ABORTED";
        case 429:
            return "RESOURCE_EXHAUSTED";
        case 499:
            return "CANCELLED";
        case 502:
        case 503:
        case 529:
            return "UNAVAILABLE";
        case 504:
            return "DEADLINE_EXCEEDED";
        default:
            return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
    }
}

std::string anthropic_id(const Problem& problem) {
    return "req_" + hex_of(hash_of(problem.message, static_cast<std::uint64_t>(problem.status)));
}

std::string anthropic_text(const Problem& problem) {
    std::string text = R"({"type":"error","error":{"type":")";
    (text += anthropic_type(problem.status)) += R"(","message":)";
    json::append_string(text, problem.message);
    ((text += R"(},"request_id":")") += anthropic_id(problem)) += R"("})";
    return text;
}

// Seconds with a fraction, as Google writes durations: `7s`, `0.250s`. Rounded up, so that a client
// that obeys is not refused again.
std::string google_duration(Duration duration) {
    const auto all = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
    auto text = std::to_string(all / 1000);
    if (const auto rest = all % 1000; rest > 0) {
        const auto digits = std::to_string(rest);
        (text += '.').append(3 - digits.size(), '0') += digits;
    }
    return text += 's';
}

std::string google_text(const Problem& problem) {
    std::string text = R"({"error":{"code":)" + std::to_string(problem.status) + R"(,"message":)";
    json::append_string(text, problem.message);
    ((text += R"(,"status":")") += google_status(problem.status)) += '"';
    if (problem.status == 400 && problem.code == "invalid_api_key") {
        text += R"(,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
                R"("reason":"API_KEY_INVALID","domain":"googleapis.com",)"
                R"("metadata":{"service":"generativelanguage.googleapis.com"}}])";
    }
    if (problem.status == 429) {
        text += R"(,"details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure",)"
                R"("violations":[{"quotaMetric":"generate_content_requests",)"
                R"("quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]})";
        if (problem.wait > Duration{}) {
            text += R"(,{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")";
            (text += google_duration(problem.wait)) += R"("})";
        }
        text += ']';
    }
    return text += "}}";
}

// Flat, and numbered as every event.
std::string responses_event(const Problem& problem, std::size_t before) {
    std::string text = "event: error\ndata: {\"type\":\"error\",\"code\":";
    json::append_string(text, problem.code.empty() ? problem.type : problem.code);
    text += R"(,"message":)";
    json::append_string(text, problem.message);
    text += R"(,"param":null,"sequence_number":)";
    return (text += std::to_string(before)) += "}\n\n";
}

}  // namespace

std::string problem_text(Api api, const Problem& problem) {
    if (api == Api::anthropic) return anthropic_text(problem);
    if (api == Api::gemini) return google_text(problem);
    return error_text(problem.message, problem.type, problem.code);
}

Reply problem_reply(Api api, const Problem& problem) {
    auto reply = plain_reply(
        problem.status,
        problem_text(api, problem),
        api == Api::gemini ? "application/json; charset=UTF-8" : "application/json"
    );
    if (api != Api::anthropic) return reply;
    reply.headers.emplace_back("request-id", anthropic_id(problem));
    if (problem.wait > Duration{}) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(problem.wait).count();
        reply.headers.emplace_back("retry-after", std::to_string(seconds));
    }
    return reply;
}

std::string problem_event(Api api, const Problem& problem, std::size_t before) {
    if (api == Api::responses) return responses_event(problem, before);
    const auto data = "data: " + problem_text(api, problem);
    if (api == Api::anthropic) return "event: error\n" + data + "\n\n";
    return data + (api == Api::gemini ? "\r\n\r\n" : "\n\n");
}

std::string bare_problem(Api api, const Problem& problem, std::size_t before) {
    if (api != Api::gemini) return problem_event(api, problem, before);
    auto text = problem_text(api, problem);
    text.insert(1, "\n  ");
    return text.insert(text.size() - 1, "\n") += '\n';
}

}  // namespace skein::mock
