#include "dialect/answer/reading.hpp"

#include "base/ascii.hpp"
#include "dialect/answer/ends.hpp"
#include "json/text.hpp"

#include <utility>

namespace skein {

// The quote is copied, because it is a view into an event or a body that may not live until the
// message is made.
Complaint complaint(FaultKind kind, std::string what, std::string_view quote) {
    constexpr std::size_t enough = 4096;
    return {kind, std::move(what), std::string{trimmed(quote).substr(0, enough)}};
}

// The text is quoted only where it is not JSON; the other reasons are not visible in its beginning.
Complaint not_json(simdjson::error_code error, std::string_view what, std::string_view text) {
    std::string why{what};
    switch (error) {
        case simdjson::DEPTH_ERROR:
            return complaint(FaultKind::bad_response, why + " is nested too deep");
        case simdjson::NUMBER_ERROR:
            return complaint(FaultKind::bad_response, why + " holds a number that cannot be read");
        case simdjson::MEMALLOC:
        case simdjson::CAPACITY:
            return complaint(FaultKind::too_large, why + " is larger than memory allows to read");
        default:
            return complaint(FaultKind::bad_response, why + " is not JSON", text);
    }
}

// `server_error`, so that the request is tried again.
Complaint broken_off(std::string_view finish_reason) {
    return complaint(
        FaultKind::server_error,
        "the server broke the answer off: its finish_reason is `" +
            json::printable(finish_reason, 80) + "`"
    );
}

// Each note once: several choices often have the same remark.
void add_note(Completion& completion, std::string_view note) {
    if (completion.note.find(note) != std::string::npos) return;
    if (!completion.note.empty()) completion.note += "; ";
    completion.note += note;
}

void note_choices(Completion& completion, std::size_t came, const Wanted& wanted) {
    if (came >= wanted.choices) return;
    add_note(
        completion, std::to_string(came) + " of " + std::to_string(wanted.choices) + " choices came"
    );
}

void note_end(Completion& completion, std::string_view finish_reason) {
    if (end_of(finish_reason) != End::unknown) return;
    add_note(
        completion, "the finish_reason `" + json::printable(finish_reason, 80) + "` is not known"
    );
}

}  // namespace skein
