// Formats one reply as a line of an OpenAI Batch result file.
//
// Invariant: the result is exactly one line of valid UTF-8 JSON, whatever the server sent. Pure
// functions, any thread.
#include "job/output/result_line.hpp"

#include "json/short_text.hpp"
#include "json/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace skein::job {
namespace {

void append_text_or_null(std::string& out, std::string_view text) {
    if (text.empty()) {
        out += "null";
    } else {
        json::append_string(out, text);
    }
}

// Prints milliseconds with up to three decimals, without trailing zeros.
struct Milliseconds {
    Duration time;
};

template <std::size_t max>
ShortText<max>& operator<<(ShortText<max>& text, Milliseconds milliseconds) {
    // A negative time would print a broken number, so it counts as 0.
    const auto rounded = std::chrono::round<std::chrono::microseconds>(milliseconds.time).count();
    const auto microseconds = std::max<std::int64_t>(rounded, 0);
    text << microseconds / 1000;
    auto rest = microseconds % 1000;
    if (rest == 0) return text;
    text << '.';
    // One digit in each round; it ends when only zeros would follow.
    for (auto place = 100; rest > 0; rest %= place, place /= 10) {
        text << static_cast<char>('0' + rest / place);
    }
    return text;
}

// Appends the JSON of an answer. It is normally one clean line already; control characters, line
// ends and invalid UTF-8 are replaced, because they would break the file.
void append_json(std::string& out, std::string_view text) {
    if (text.empty()) {
        out += "null";
        return;
    }
    // E2 80 begins U+2028 and U+2029, and C2 85 is U+0085: some tools take them for line ends.
    const auto is_fine = [text] {
        return !json::has_control(text) && text.find("\xE2\x80") == text.npos &&
               text.find("\xC2\x85") == text.npos &&
               simdjson::validate_utf8(text.data(), text.size());
    };
    if (json::is_printable_ascii(text) || is_fine()) {
        out += text;
        return;
    }
    auto valid = json::without_line_ends(json::valid_utf8(text));
    for (char& c : valid) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    out += valid;
}

// An answer has all members. The error of a server has its status only: its text stands in `error`.
void append_response(
    std::string& out, int status, std::string_view request_id, std::string_view body
) {
    out += ShortText<80>{} << R"(,"response":{"status_code":)" << status << R"(,"request_id":)";
    json::append_string(out, request_id);
    out += R"(,"body":)";
    append_json(out, body);
    out += '}';
}

void append_outcome(std::string& out, const Completion& completion) {
    append_response(out, completion.http_status, completion.request_id, completion.body);
    out += R"(,"error":null)";
}

// `response` is null where no server answered. The body of an error is a string, because it need
// not be JSON.
void append_outcome(std::string& out, const Fault& fault) {
    if (fault.http_status == 0) {
        out += R"(,"response":null)";
    } else {
        append_response(out, fault.http_status, {}, {});
    }
    out += R"(,"error":{"code":)";
    json::append_string(out, to_string(fault.kind));
    out += R"(,"message":)";
    json::append_string(out, message_of(fault));
    if (!fault.body.empty()) {
        out += R"(,"body":)";
        json::append_string(out, fault.body);
    }
    out += '}';
}

template <std::size_t max>
ShortText<max>& operator<<(ShortText<max>& text, const std::optional<Duration>& time) {
    return time ? text << Milliseconds{*time} : text << "null";
}

// The first token and the attempt are null where there was none.
void append_timing(std::string& out, const Timing& timing) {
    ShortText<240> text;
    text << R"(,"queue_ms":)" << Milliseconds{timing.queued};
    text << R"(,"ttft_ms":)" << timing.first_token;
    text << R"(,"attempt_ms":)" << timing.attempt;
    out += text << R"(,"total_ms":)" << Milliseconds{timing.total};
}

// A part that is zero is left out: most answers have none.
void append_part(std::string& out, std::string_view name, std::int64_t count) {
    if (count == 0) return;
    out += name;
    json::append_number(out, count);
}

// Null and not 0, because unknown usage is not free of charge. `add_spent` reads usage and cost
// back from these very bytes.
void append_usage(std::string& out, const std::optional<Usage>& usage) {
    if (!usage) {
        out += R"(,"usage":null)";
        return;
    }
    out += ShortText<120>{} << R"(,"usage":{"input_tokens":)" << usage->input_tokens
                            << R"(,"output_tokens":)" << usage->output_tokens;
    append_part(out, R"(,"cached_tokens":)", usage->cached_tokens);
    append_part(out, R"(,"cache_write_tokens":)", usage->cache_write_tokens);
    append_part(out, R"(,"cache_write_1h_tokens":)", usage->cache_write_1h_tokens);
    append_part(out, R"(,"reasoning_tokens":)", usage->reasoning_tokens);
    out += '}';
}

void append_cost(std::string& out, const std::optional<double>& cost) {
    out += R"(,"cost":)";
    if (cost) {
        json::append_number(out, *cost);
    } else {
        out += "null";
    }
}

// Empty for a request that no endpoint served; the line then has null.
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

// Only where something is to be told: a fitting first answer is as it should be.
void append_schema(std::string& out, const Completion& completion) {
    if (completion.answers <= 1 && !completion.unfenced) return;
    out += R"(,"schema":{"valid":true)";
    if (completion.answers > 1) out += ShortText<40>{} << R"(,"answers":)" << completion.answers;
    if (completion.unfenced) out += R"(,"unfenced":true)";
    out += '}';
}

// The member `skein`, last in the line, where `add_spent` looks for usage and cost.
void append_facts(
    std::string& out,
    std::uint64_t line,
    const Reply& reply,
    bool timings,
    std::string_view kept,
    bool is_native
) {
    out += ShortText<80>{} << R"(,"skein":{"seq":)" << line << R"(,"endpoint":)";
    append_text_or_null(out, reply.endpoint);
    out += R"(,"served_by":)";
    append_text_or_null(out, word_of(reply.served_by));
    out += ShortText<120>{} << R"(,"attempts":)" << reply.attempts << R"(,"maybe_executed":)"
                            << reply.maybe_executed;
    if (timings) append_timing(out, reply.timing);
    const auto* completion = reply.completion();
    append_usage(out, completion ? completion->usage : std::nullopt);
    append_cost(out, reply.cost);
    // A native body says it in words of its own, which `--retry` does not read.
    if (is_native && completion && !completion->finish_reason.empty()) {
        out += R"(,"finish_reason":)";
        json::append_string(out, completion->finish_reason);
    }
    if (completion && completion->model_mismatch) out += R"(,"model_mismatch":true)";
    if (completion && !completion->note.empty()) {
        out += R"(,"note":)";
        json::append_string(out, completion->note);
    }
    if (completion) append_schema(out, *completion);
    if (!kept.empty()) out.append(R"(,"row":)").append(kept);
    out += '}';
}

}  // namespace

std::string message_of(const Fault& fault) {
    auto message = fault.detail;
    if (!message.empty() && !fault.remote_message.empty()) message += ": ";
    return message += fault.remote_message;
}

void append_result_line(
    std::string& out,
    std::uint64_t line,
    std::string_view custom_id,
    const Reply& reply,
    bool timings,
    std::string_view kept,
    bool is_native
) {
    // An estimate, so that one allocation suffices for most lines.
    constexpr std::size_t about_all_but_the_body = 512;
    const auto* completion = reply.completion();
    out.reserve(out.size() + about_all_but_the_body + (completion ? completion->body.size() : 0));
    out += ShortText<80>{} << R"({"id":"skein-)" << line << R"(","custom_id":)";
    json::append_string(out, custom_id);
    // `moved_line` rewrites `id`, `custom_id` and `skein.seq` when the row has moved in the input.
    std::visit([&](const auto& outcome) { append_outcome(out, outcome); }, reply.outcome);
    append_facts(out, line, reply, timings, kept, is_native);
    out += '}';
}

}  // namespace skein::job
