#pragma once
#include "measure/histogram.hpp"

#include <optional>

namespace skein {

// When to hedge: an answer that has not begun is late after the 95th percentile of the endpoint's
// times to first byte, and after one second at least. Unknown before 20 answers have begun. One
// thread at a time.
class Lateness {
public:
    void began(Duration first_byte);
    std::optional<Duration> late_after() const { return late_after_; }

private:
    Histogram first_bytes_;
    std::optional<Duration> late_after_{};  // Updated at every 20th answer: quantiles are slow.
};

}  // namespace skein
