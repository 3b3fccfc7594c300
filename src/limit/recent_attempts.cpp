#include "limit/recent_attempts.hpp"

#include "base/assert.hpp"

namespace skein {

RecentAttempts::Number RecentAttempts::began(bool is_retry) {
    attempts_[++last_ % attempts_.size()] = {End::under_way, is_retry};
    return last_;
}

void RecentAttempts::ended(Number number, End end) {
    SKEIN_ASSERT(number > 0 && number <= last_);
    if (number < oldest()) return;
    attempts_[number % attempts_.size()].end = end;
    if (end != End::no_evidence) youngest_ = std::max(youngest_, number);
}

}  // namespace skein
