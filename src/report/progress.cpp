// Formats the progress line: done/total, in flight, rates, faults and an ETA.
//
// Rates are a moving average over the last 10 s. Used on the thread that draws the line.
#include "report/progress.hpp"

#include "report/text.hpp"

#include <algorithm>
#include <numeric>

namespace skein::report {
namespace {

constexpr Duration memory = std::chrono::seconds{10};

std::uint64_t faults_of(const Tally& tally) {
    return std::accumulate(
        tally.attempt_faults.begin(), tally.attempt_faults.end(), std::uint64_t{0}
    );
}

// Without a total if the number of rows is not known, as for a stream.
std::string done_text(const Progress& progress) {
    if (progress.rows == 0) return count_text(progress.done);
    const auto share = static_cast<double>(progress.done) / static_cast<double>(progress.rows);
    return count_text(progress.done) + "/" + count_text(progress.rows) + " (" + share_text(share) +
           ")";
}

// Requests in flight. If an endpoint has reduced its concurrency, the configured sum is shown, too.
std::string in_flight_text(const Tally& tally) {
    std::uint64_t max = 0;
    bool is_reduced = false;
    for (const auto& endpoint : tally.endpoints) {
        max += endpoint.max_places;
        is_reduced = is_reduced || endpoint.places < endpoint.max_places;
    }
    auto text = count_text(tally.in_flight);
    if (is_reduced) text += " of " + count_text(max);
    return text + " in flight";
}

// The reasons for which endpoints wait, shown if no request is in flight.
std::string waiting_text(const Tally& tally) {
    std::string text;
    for (const auto& endpoint : tally.endpoints) {
        if (endpoint.waits_for.empty()) continue;
        text += (text.empty() ? "" : ", ") + endpoint.name + " " + endpoint.waits_for;
    }
    return text;
}

// Joins as many whole parts as fit.
std::string joined(const std::deque<std::string>& parts, std::size_t width) {
    std::string line;
    for (const auto& part : parts) {
        const auto more = (line.empty() ? "" : " · ") + part;
        if (line.size() + more.size() > width) break;
        line += more;
    }
    return line;
}

}  // namespace

std::string ProgressLine::of(const Progress& progress, TimePoint now, std::size_t width) {
    const auto& tally = progress.tally;
    const Point latest{
        now,
        static_cast<double>(progress.done),
        static_cast<double>(tally.completed + tally.failed),
        static_cast<double>(tally.output_tokens)};
    // The rates begin at the start of the run, so rows of earlier runs do not count.
    if (points_.empty()) {
        points_.push_back({now - tally.elapsed, static_cast<double>(tally.resumed), 0, 0});
    }
    const auto earlier = since(latest);
    const double seconds = std::chrono::duration<double>(latest.when - earlier.when).count();
    // Zero for the first call at the very start, where no time has passed.
    const auto rate = [&](double from, double to) {
        return seconds > 0 ? (to - from) / seconds : 0;
    };
    const double done_rate = rate(earlier.done, latest.done);

    std::deque<std::string> parts{done_text(progress), in_flight_text(tally)};
    if (const auto waiting = waiting_text(tally); tally.in_flight == 0 && !waiting.empty()) {
        parts.push_back(waiting);
    }
    parts.push_back(rate_text(rate(earlier.replies, latest.replies)) + " requests/s");
    parts.push_back(rate_text(rate(earlier.tokens, latest.tokens)) + " tokens/s");
    if (const auto faults = faults_of(tally)) parts.push_back(count_text(faults) + " faults");
    // No ETA while nothing is done: it would be infinite.
    if (progress.rows > progress.done && done_rate > 0) {
        const auto left = static_cast<double>(progress.rows - progress.done) / done_rate;
        const auto max = 1e8;  // Seconds, three years: keeps the conversion from overflowing.
        parts.push_back(
            "ETA " + duration_text(std::chrono::duration_cast<Duration>(
                         std::chrono::duration<double>(std::min(left, max))
                     ))
        );
    }
    if (progress.oldest && tally.stalled_on_oldest > stall_worth_telling) {
        parts.push_back("waiting for line " + std::to_string(*progress.oldest));
    }
    return joined(parts, width);
}

// Keeps one point that is at least 10 s old, if there is one: the rates are measured from it.
ProgressLine::Point ProgressLine::since(const Point& now) {
    points_.push_back(now);
    while (points_.size() > 2 && now.when - points_[1].when >= memory) points_.pop_front();
    return points_.front();
}

}  // namespace skein::report
