#include "dispatch/lesson.hpp"

namespace skein {
namespace {

Lesson lesson_of(const Fault& fault) {
    const auto& row = row_of(fault.kind);
    const bool comes_back = row.effect == Effect::close && !closes_endpoint(fault);
    return {
        .verdict = row.verdict,
        .pushed_back = fault.kind == FaultKind::throttled || fault.kind == FaultKind::overloaded,
        .waited_in_vain = fault.kind == FaultKind::timeout_first_byte,
        .pause = fault.retry_after,
        .parks = comes_back,
        .effect = comes_back ? Effect::none : row.effect,
        .is_about_key = fault.kind == FaultKind::auth || fault.kind == FaultKind::quota ||
                        fault.kind == FaultKind::forbidden,
        .why = in_a_few_words(fault)};
}

Lesson lesson_of(const Completion& completion, const Trail& trail) {
    Lesson lesson{.verdict = Verdict::healthy, .is_success = true};
    if (trail.first_byte != never) lesson.first_byte = trail.first_byte - trail.started;
    lesson.usage = completion.usage;
    return lesson;
}

}  // namespace

Lesson lesson_of(const AttemptResult& result) {
    const auto* fault = std::get_if<Fault>(&result.outcome);
    auto lesson =
        fault ? lesson_of(*fault) : lesson_of(std::get<Completion>(result.outcome), result.trail);
    lesson.news = result.news;
    lesson.was_sent = result.sent;
    lesson.may_be_billed = result.sent && (!fault || executed(fault->kind) != Executed::no);
    return lesson;
}

std::string in_a_few_words(const Fault& fault) {
    std::string words{to_string(fault.kind)};
    if (!fault.detail.empty()) words += " (" + fault.detail + ")";
    return words;
}

}  // namespace skein
