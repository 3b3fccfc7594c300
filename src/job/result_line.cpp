#include "job/result_line.hpp"

#include "base/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace skein::job {
namespace {

void append_whole(std::string& out, std::uint64_t number) {
    json::append_number(out, static_cast<std::int64_t>(number));
}

// What one member needs: `,"name":`.
void append_name(std::string& out, std::string_view name) {
    out += ",\"";
    out += name;
    out += "\":";
}

void append_text_or_null(std::string& out, std::string_view text) {
    if (text.empty()) {
        out += "null";
    } else {
        json::append_string(out, text);
    }
}

// Milliseconds with what is left of three decimals.
void append_milliseconds(std::string& out, Duration time) {
    const auto rounded = std::chrono::round<std::chrono::microseconds>(time).count();
    const auto microseconds = std::max<std::int64_t>(rounded, 0);
    json::append_number(out, microseconds / 1000);
    auto rest = microseconds % 1000;
    if (rest == 0) return;
    std::array<char, 4> decimals{'.', '0', '0', '0'};
    for (std::size_t i = 3; i > 0; --i, rest /= 10)
        decimals[i] = static_cast<char>('0' + rest % 10);
    auto last = decimals.size();
    while (decimals[last - 1] == '0') --last;
    out.append(decimals.data(), last);
}

// An answer is one line already. What is wrong in it all the same must not break the file.
void append_json(std::string& out, std::string_view text) {
    if (text.empty()) {
        out += "null";
        return;
    }
    const bool is_fine = !json::has_control(text) && text.find("\xE2\x80") == text.npos &&
                         text.find("\xC2\x85") == text.npos &&
                         simdjson::validate_utf8(text.data(), text.size());
    if (is_fine) {
        out += text;
        return;
    }
    auto valid = json::without_line_ends(json::valid_utf8(text));
    for (char& c : valid) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    out += valid;
}

void append_response(
    std::string& out, int status, std::string_view request_id, std::string_view body
) {
    append_name(out, "response");
    out += R"({"status_code":)";
    json::append_number(out, std::int64_t{status});
    append_name(out, "request_id");
    json::append_string(out, request_id);
    append_name(out, "body");
    append_json(out, body);
    out += '}';
}

void append_outcome(std::string& out, const Completion& completion) {
    append_response(out, completion.http_status, completion.request_id, completion.body);
    out += R"(,"error":null)";
}

void append_outcome(std::string& out, const Fault& fault) {
    if (fault.http_status == 0) {
        out += R"(,"response":null)";
    } else {
        append_response(out, fault.http_status, {}, {});
    }
    auto message = fault.detail;
    if (!message.empty() && !fault.remote_message.empty()) message += ": ";
    message += fault.remote_message;
    out += R"(,"error":{"code":)";
    json::append_string(out, to_string(fault.kind));
    append_name(out, "message");
    json::append_string(out, message);
    out += '}';
}

void append_timing(std::string& out, const Timing& timing) {
    append_name(out, "queue_ms");
    append_milliseconds(out, timing.queued);
    append_name(out, "ttft_ms");
    if (timing.first_token) {
        append_milliseconds(out, *timing.first_token);
    } else {
        out += "null";
    }
    append_name(out, "total_ms");
    append_milliseconds(out, timing.total);
}

void append_usage(std::string& out, const std::optional<Usage>& usage) {
    append_name(out, "usage");
    if (!usage) {
        out += "null";
        return;
    }
    out += R"({"input_tokens":)";
    json::append_number(out, usage->input_tokens);
    append_name(out, "output_tokens");
    json::append_number(out, usage->output_tokens);
    out += '}';
}

void append_cost(std::string& out, const std::optional<double>& cost) {
    append_name(out, "cost");
    if (cost) {
        json::append_number(out, *cost);
    } else {
        out += "null";
    }
}

std::string_view word_of(ServedBy who) {
    switch (who) {
        case ServedBy::nobody:
            break;
        case ServedBy::remote:
            return "remote";
        case ServedBy::local:
            return "local";
    }
    return {};
}

void append_facts(std::string& out, std::uint64_t line, const Reply& reply, bool timings) {
    append_name(out, "skein");
    out += R"({"seq":)";
    append_whole(out, line);
    append_name(out, "endpoint");
    append_text_or_null(out, reply.endpoint);
    append_name(out, "served_by");
    append_text_or_null(out, word_of(reply.served_by));
    append_name(out, "attempts");
    json::append_number(out, std::int64_t{reply.attempts});
    append_name(out, "maybe_executed");
    json::append_number(out, std::int64_t{reply.maybe_executed});
    if (timings) append_timing(out, reply.timing);
    const auto* completion = reply.completion();
    append_usage(out, completion ? completion->usage : std::nullopt);
    append_cost(out, reply.cost);
    if (completion && completion->model_mismatch) out += R"(,"model_mismatch":true)";
    out += '}';
}

}  // namespace

void append_result_line(
    std::string& out,
    std::uint64_t line,
    std::string_view custom_id,
    const Reply& reply,
    bool timings
) {
    constexpr std::size_t about_all_but_the_body = 512;  // One allocation instead of several.
    const auto* completion = reply.completion();
    out.reserve(out.size() + about_all_but_the_body + (completion ? completion->body.size() : 0));
    out += R"({"id":"skein-)";
    append_whole(out, line);
    out += R"(","custom_id":)";
    json::append_string(out, custom_id);
    std::visit([&](const auto& outcome) { append_outcome(out, outcome); }, reply.outcome);
    append_facts(out, line, reply, timings);
    out += '}';
}

}  // namespace skein::job
