#include "dispatch/endpoint_feedback.hpp"

#include "dispatch/retry.hpp"
#include "dispatch/words.hpp"

namespace skein {
namespace {

constexpr int method_not_allowed = 405;

// An answer is a sign of life only if it can come from the API. A proxy, a web page, another
// protocol or a broken server answers too.
bool is_sign_of_life(const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::bad_response:
        case FaultKind::protocol:
        case FaultKind::redirect_refused:
        case FaultKind::server_error:
            return false;
        default:
            return fault.http_status != 0;
    }
}

// What a fault says about the endpoint, by its row of the fault table.
EndpointFeedback feedback_of(const Fault& fault) {
    const auto& row = row_of(fault.kind);
    // A fault that usually closes the endpoint only pauses it if this answer says so.
    const bool comes_back = row.effect == Effect::close && !closes_endpoint(fault);
    return {
        .verdict = row.verdict,
        .pushed_back = fault.kind == FaultKind::throttled || fault.kind == FaultKind::overloaded,
        // Counts as a time to first byte as long as the wait, so that a silent endpoint looks slow.
        .waited_in_vain = fault.kind == FaultKind::timeout_first_byte,
        .is_sign_of_life = is_sign_of_life(fault),
        .pause = fault.retry_after,
        .parks = comes_back,
        .effect = comes_back ? Effect::none : effect_of(fault),
        .is_wrong_address = may_be_wrong_address(fault),
        // For the message only: it then names the source of the key.
        .is_about_key = fault.kind == FaultKind::auth || fault.kind == FaultKind::quota ||
                        fault.kind == FaultKind::forbidden,
        .why = in_a_few_words(fault)};
}

Completion answer_of(const Unfit& unfit) {
    Completion completion;
    completion.usage = unfit.usage;
    completion.service_tier = unfit.service_tier;
    return completion;
}

EndpointFeedback feedback_of(const Completion& completion, const Trail& trail) {
    EndpointFeedback feedback{
        .verdict = Verdict::healthy, .is_success = true, .is_sign_of_life = true};
    if (trail.first_byte != never) feedback.first_byte = trail.first_byte - trail.started;
    feedback.usage = completion.usage;
    feedback.service_tier = completion.service_tier;
    return feedback;
}

}  // namespace

EndpointFeedback feedback_of(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    auto feedback = result.unfit ? feedback_of(answer_of(*result.unfit), result.trail)
                    : fault      ? feedback_of(*fault)
                                 : feedback_of(std::get<Completion>(result.outcome), result.trail);
    feedback.is_in_vain = fault && is_in_vain(*fault, result.sent);
    feedback.news = result.news;
    feedback.was_sent = result.sent;
    // An answer is billed. A fault may be, unless the table says that it was not executed.
    feedback.may_be_billed = result.sent && (!fault || executed(fault->kind) != Executed::no);
    return feedback;
}

EndpointFeedback feedback_of(const AttemptResult& result, const OutOfTime& time) {
    auto feedback = feedback_of(result);
    const bool is_silence = std::holds_alternative<Fault>(result.outcome) && result.sent &&
                            result.trail.first_byte == never && time.waited >= time.limit / 2;
    if (!is_silence) return feedback;
    feedback.verdict = row_of(FaultKind::timeout_first_byte).verdict;
    feedback.waited_in_vain = true;
    feedback.why = "no answer in " + seconds_text(time.waited) + ", the time limit of a request";
    return feedback;
}

Effect effect_of(const Fault& fault) {
    if (fault.kind == FaultKind::rejected && fault.http_status == method_not_allowed) {
        return Effect::close_in_a_row;
    }
    return row_of(fault.kind).effect;
}

// 403 has the same effect on the endpoint, but it speaks of the key.
bool may_be_wrong_address(const Fault& fault) {
    return effect_of(fault) == Effect::close_in_a_row && fault.kind != FaultKind::forbidden;
}

std::string in_a_few_words(const Fault& fault) {
    std::string words{to_string(fault.kind)};
    if (!fault.detail.empty()) words += " (" + fault.detail + ")";
    return words;
}

}  // namespace skein
