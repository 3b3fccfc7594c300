#include "job/output/failure_limit.hpp"

#include "json/text.hpp"

#include <cmath>

namespace skein::job {

bool FailureLimit::is_passed(std::uint64_t failed, std::uint64_t finished) const {
    if (most_.count > 0 && failed >= most_.count) return true;
    if (most_.share <= 0 || finished < least_finished) return false;
    return static_cast<double>(failed) > most_.share * static_cast<double>(finished);
}

std::string FailureLimit::text() const {
    if (most_.count > 0) return std::to_string(most_.count);
    std::string percent;
    json::append_number(percent, std::round(most_.share * 1e8) / 1e6);
    return percent + '%';
}

}  // namespace skein::job
