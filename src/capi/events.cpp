// The getters of events. They copy nothing: a text lives as long as its event.
#include "capi/event.hpp"
#include "capi/guarded.hpp"
#include "capi/reply_json.hpp"

#include <optional>
#include <string_view>

namespace skein::capi {
namespace {

skein_text text_of(std::string_view text) {
    return text.empty() ? skein_text{"", 0} : skein_text{text.data(), text.size()};
}

skein_text text_of_reply(const skein_event* event, std::string Reply::*member) {
    return event->reply() ? text_of(event->reply()->*member) : text_of({});
}

skein_text text_of_answer(const skein_event* event, std::string Completion::*member) {
    const auto* completion = event->reply() ? event->reply()->completion() : nullptr;
    return completion ? text_of(completion->*member) : text_of({});
}

const Fault* fault_of(const skein_event* event) {
    return event->reply() ? event->reply()->fault() : nullptr;
}

skein_text text_of_fault(const skein_event* event, std::string Fault::*member) {
    const auto* fault = fault_of(event);
    return fault ? text_of(fault->*member) : text_of({});
}

std::int64_t nanoseconds(const std::optional<Duration>& time) { return time ? time->count() : -1; }

std::int64_t tokens_of(const skein_event* event, std::int64_t Usage::*member) {
    const auto* completion = event->reply() ? event->reply()->completion() : nullptr;
    return completion && completion->usage ? *completion->usage.*member : -1;
}

}  // namespace
}  // namespace skein::capi

using namespace skein::capi;
using skein::Chunk;
using skein::Completion;
using skein::Fault;
using skein::Reply;

extern "C" {

int skein_event_kind(const skein_event* event) {
    return event->chunk() ? SKEIN_CHUNK : SKEIN_REPLY;
}
std::uint64_t skein_event_tag(const skein_event* event) { return event->tag; }
void skein_event_free(skein_event* event) { delete event; }

skein_text skein_reply_text(const skein_event* event) {
    return text_of_answer(event, &Completion::text);
}
skein_text skein_reply_body(const skein_event* event) {
    return text_of_answer(event, &Completion::body);
}
skein_text skein_reply_fault(const skein_event* event) {
    const auto* fault = fault_of(event);
    return fault ? text_of(skein::to_string(fault->kind)) : text_of({});
}
skein_text skein_reply_detail(const skein_event* event) {
    return text_of_fault(event, &Fault::detail);
}
skein_text skein_reply_remote_message(const skein_event* event) {
    return text_of_fault(event, &Fault::remote_message);
}
skein_text skein_reply_endpoint(const skein_event* event) {
    return text_of_reply(event, &Reply::endpoint);
}
skein_text skein_reply_model(const skein_event* event) {
    return text_of_answer(event, &Completion::model);
}
skein_text skein_reply_finish_reason(const skein_event* event) {
    return text_of_answer(event, &Completion::finish_reason);
}
skein_text skein_reply_request_id(const skein_event* event) {
    return text_of_answer(event, &Completion::request_id);
}
skein_text skein_reply_json(skein_event* event) {
    guarded([&] {
        if (event->json.empty() && event->reply()) event->json = reply_json(*event->reply());
    });
    return event->reply() ? text_of(event->json) : text_of({});
}

std::int32_t skein_reply_status(const skein_event* event) {
    if (const auto* fault = fault_of(event)) return fault->http_status;
    return event->reply() ? event->reply()->completion()->http_status : -1;
}
std::int32_t skein_reply_attempts(const skein_event* event) {
    return event->reply() ? event->reply()->attempts : -1;
}
std::int32_t skein_reply_maybe_executed(const skein_event* event) {
    return event->reply() ? event->reply()->maybe_executed : -1;
}
std::int32_t skein_reply_served_by(const skein_event* event) {
    return event->reply() ? static_cast<std::int32_t>(event->reply()->served_by) : -1;
}
std::int32_t skein_reply_begun(const skein_event* event) {
    return event->reply() ? event->reply()->begun : -1;
}
std::int32_t skein_reply_retryable(const skein_event* event) {
    const auto* fault = fault_of(event);
    if (fault) return skein::is_retryable(fault->kind);
    return event->reply() ? 0 : -1;
}
std::int64_t skein_reply_input_tokens(const skein_event* event) {
    return tokens_of(event, &skein::Usage::input_tokens);
}
std::int64_t skein_reply_output_tokens(const skein_event* event) {
    return tokens_of(event, &skein::Usage::output_tokens);
}
std::int64_t skein_reply_total_ns(const skein_event* event) {
    return event->reply() ? event->reply()->timing.total.count() : -1;
}
std::int64_t skein_reply_queued_ns(const skein_event* event) {
    return event->reply() ? event->reply()->timing.queued.count() : -1;
}
std::int64_t skein_reply_first_byte_ns(const skein_event* event) {
    return event->reply() ? nanoseconds(event->reply()->timing.first_byte) : -1;
}
std::int64_t skein_reply_first_token_ns(const skein_event* event) {
    return event->reply() ? nanoseconds(event->reply()->timing.first_token) : -1;
}
double skein_reply_cost(const skein_event* event) {
    return event->reply() ? event->reply()->cost.value_or(-1) : -1;
}

skein_text skein_chunk_text(const skein_event* event) {
    return event->chunk() ? text_of(event->chunk()->text) : text_of({});
}
skein_text skein_chunk_reasoning(const skein_event* event) {
    return event->chunk() ? text_of(event->chunk()->reasoning) : text_of({});
}
std::int32_t skein_chunk_choice(const skein_event* event) {
    return event->chunk() ? static_cast<std::int32_t>(event->chunk()->choice) : -1;
}
skein_text skein_chunk_calls(const skein_event* event) {
    return event->chunk() ? text_of(event->json) : text_of({});
}

}  // extern "C"
