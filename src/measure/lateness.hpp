#pragma once
#include "measure/histogram.hpp"

#include <optional>

namespace skein {

// From when on an answer that has not begun is late: later than nineteen of twenty others, and by
// no less than a second. Unknown before there were twenty.
class Lateness {
public:
    void began(Duration first_byte);
    std::optional<Duration> late_after() const { return late_after_; }

private:
    Histogram first_bytes_;
    std::optional<Duration> late_after_{};  // Looked up again from time to time, for it takes long.
};

}  // namespace skein
