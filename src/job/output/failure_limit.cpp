#include "job/output/failure_limit.hpp"

#include "json/text.hpp"

#include <cmath>

namespace skein::job {

bool FailureLimit::is_passed(std::uint64_t failed, std::uint64_t finished) const {
    if (max_.count > 0 && failed >= max_.count) return true;
    if (max_.share <= 0 || finished < min_finished) return false;
    return static_cast<double>(failed) > max_.share * static_cast<double>(finished);
}

std::string FailureLimit::text() const {
    if (max_.count > 0) return std::to_string(max_.count);
    std::string percent;
    json::append_number(percent, std::round(max_.share * 1e8) / 1e6);
    return percent + '%';
}

}  // namespace skein::job
