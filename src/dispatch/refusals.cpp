#include "dispatch/refusals.hpp"

#include "model/fault_table.hpp"

#include <algorithm>
#include <string_view>

namespace skein {
namespace {

constexpr std::size_t max_words = 200;  // Bytes of the remote message that are compared.

// Only the letters are compared, because numbers and ids differ from one refusal to the next.
std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text.substr(0, max_words)) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter) letters += c;
    }
    return letters;
}

// The text by which two refusals are compared: status, type and code of the API. The remote message
// is added only if the API gives no code, because a message may quote the request.
std::string words_of(const Fault& fault) {
    auto words = fault.detail.substr(0, fault.detail.find(" (request"));
    const bool has_code = std::ranges::count(words, ',') >= 2;
    if (!has_code) words += letters_of(fault.remote_message);
    return std::string{to_string(fault.kind)} + ' ' + words;
}

}  // namespace

bool Refusals::is_refusal(const Fault& fault) {
    const auto& row = row_of(fault.kind);
    return row.retry == Retry::never && row.origin == Origin::remote &&
           row.executed == Executed::no && fault.http_status != 0;
}

void Refusals::hold(Sequence seq, const Fault& fault) {
    held_.insert(seq);
    auto words = words_of(fault);
    if (count_++ == 0) {
        words_ = std::move(words);
    } else {
        is_always_same_ = is_always_same_ && words == words_;
    }
    // Computed anew with each refusal, because other words take the common cause back.
    common_.reset();
    if (!is_always_same_ || count_ < same_) return;
    common_ = fault;
    common_->kind = FaultKind::no_endpoint;
    common_->detail = "the first " + std::to_string(count_) +
                      " requests that ended all got the same answer, " +
                      std::string{to_string(fault.kind)} + " (" + fault.detail + ")";
}

}  // namespace skein
