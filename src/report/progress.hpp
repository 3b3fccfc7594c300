#pragma once
#include <skein/run.hpp>
#include <skein/time.hpp>

#include <cstddef>
#include <deque>
#include <string>

namespace skein::report {

// Formats snapshots of a run as one line: done/total, in flight, rates, faults and ETA. Rates and
// ETA are moving averages over the last 10 s. One thread.
class ProgressLine {
public:
    // A line of at most `width` bytes. `now` is the time of the snapshot.
    std::string of(const Progress& progress, TimePoint now, std::size_t width);

private:
    struct Point {
        TimePoint when;
        double done, replies, tokens;
    };
    Point since(const Point& now);

    std::deque<Point> points_;
};

}  // namespace skein::report
