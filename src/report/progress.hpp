#pragma once
#include <skein/run.hpp>
#include <skein/time.hpp>

#include <cstddef>
#include <deque>
#include <string>

namespace skein::app {

// Turns snapshots of a run into one line: done/total, in flight, rates, faults, and when it will
// be over. Rates are over the last few seconds, and so is the guess.
class ProgressLine {
public:
    // Told what time it is; a line of at most `width` columns.
    std::string of(const Progress& progress, TimePoint now, std::size_t width);

private:
    struct Point {
        TimePoint when;
        double done, replies, tokens;
    };
    Point since(const Point& now);

    std::deque<Point> points_;
};

}  // namespace skein::app
