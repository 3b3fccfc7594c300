#include "capi/reply_json.hpp"

#include "capi/object_writer.hpp"

namespace skein::capi {
namespace {

std::string usage_json(const Usage& usage) {
    return ObjectWriter{}
        .add("input_tokens", usage.input_tokens)
        .add("output_tokens", usage.output_tokens)
        .add("cached_tokens", usage.cached_tokens)
        .add("cache_write_tokens", usage.cache_write_tokens)
        .add("reasoning_tokens", usage.reasoning_tokens)
        .text();
}

void add_completion(ObjectWriter& out, const Completion& completion) {
    out.add("fault", std::optional<double>{})
        .add("status", completion.http_status)
        .add("text", completion.text)
        .add("finish_reason", completion.finish_reason)
        .add("model", completion.model)
        .add("request_id", completion.request_id)
        .add("service_tier", completion.service_tier)
        .add("note", completion.note)
        .add("answers", completion.answers)
        .add_json("usage", completion.usage ? usage_json(*completion.usage) : "null");
}

void add_fault(ObjectWriter& out, const Fault& fault) {
    out.add("fault", to_string(fault.kind))
        .add("status", fault.http_status)
        .add("retryable", is_retryable(fault.kind))
        .add("detail", fault.detail)
        .add("remote_message", fault.remote_message)
        .add("body", fault.body)
        .add("retry_after_ns", fault.retry_after);
}

std::string_view name_of(ServedBy by) {
    switch (by) {
        case ServedBy::remote:
            return "remote";
        case ServedBy::local:
            return "local";
        case ServedBy::nobody:
            break;
    }
    return "nobody";
}

}  // namespace

std::string reply_json(const Reply& reply) {
    ObjectWriter out;
    out.add("tag", reply.tag);
    if (const auto* completion = reply.completion()) add_completion(out, *completion);
    if (const auto* fault = reply.fault()) add_fault(out, *fault);
    out.add("attempts", reply.attempts)
        .add("maybe_executed", reply.maybe_executed)
        .add("endpoint", reply.endpoint)
        .add("served_by", name_of(reply.served_by))
        .add("begun", reply.begun)
        .add("cost", reply.cost)
        .add("queued_ns", reply.timing.queued)
        .add("total_ns", reply.timing.total)
        .add("attempt_ns", reply.timing.attempt)
        .add("first_byte_ns", reply.timing.first_byte)
        .add("first_token_ns", reply.timing.first_token);
    return out.text();
}

std::string calls_json(const Chunk& chunk) {
    return list_of(chunk.calls, [](const CallPiece& piece) {
        return ObjectWriter{}
            .add("call", piece.call)
            .add("id", piece.id)
            .add("name", piece.name)
            .add("arguments", piece.arguments)
            .text();
    });
}

}  // namespace skein::capi
