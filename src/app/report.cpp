#include "app/report.hpp"

#include "app/text.hpp"
#include "model/fault_table.hpp"

#include <cstddef>

namespace skein::app {
namespace {

constexpr Duration stall_worth_telling = std::chrono::seconds{1};
constexpr Duration loop_stall_worth_telling = std::chrono::milliseconds{50};

std::string faults_text(const std::array<std::uint64_t, Tally::kinds>& counts) {
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        if (!text.empty()) text += ", ";
        text += std::string{to_string(static_cast<FaultKind>(i))} + " " + count_text(counts[i]);
    }
    return text;
}

std::string endpoint_text(const EndpointTally& endpoint) {
    auto text = endpoint.name + ": " + count_text(endpoint.attempts) + " attempts, " +
                count_text(endpoint.completed) + " completed";
    if (endpoint.outages > 0) {
        text += ", circuit opened " + count_text(endpoint.outages) +
                (endpoint.outages == 1 ? " time" : " times");
    }
    if (!endpoint.closed.empty()) text += ", closed: " + endpoint.closed;
    return text;
}

// Of those that failed, the ones that another run should ask again.
std::uint64_t undone_of(const Tally& tally) {
    std::uint64_t undone = 0;
    for (std::size_t i = 0; i < Tally::kinds; ++i) {
        if (leaves_undone(static_cast<FaultKind>(i))) undone += tally.request_faults[i];
    }
    return undone;
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double per_second(std::uint64_t count, Duration elapsed) {
    const double seconds = std::chrono::duration<double>(elapsed).count();
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace

std::string report_text(const std::string& headline, const Tally& tally) {
    const auto cancelled = tally.request_fault(FaultKind::cancelled);
    const auto undone = undone_of(tally) - cancelled;
    std::string text = headline + "  ";
    text += count_text(tally.admitted) + " asked, " + count_text(tally.completed) + " completed, ";
    text += count_text(tally.failed - cancelled - undone) + " failed, ";
    if (undone > 0) text += count_text(undone) + " left undone, ";
    if (cancelled > 0) text += count_text(cancelled) + " cancelled, ";
    text += count_text(tally.attempts) + " attempts (";
    text += share_text(share(tally.retries, tally.attempts)) + " retried), ";
    text += duration_text(tally.elapsed) + "\n";

    const std::string indent(headline.size() + 2, ' ');
    const auto add = [&](const std::string& line) { text += indent + line + "\n"; };
    if (tally.written > 0) {
        auto line = count_text(tally.written) + " lines written";
        if (tally.resumed > 0)
            line += ", " + count_text(tally.resumed) + " of them from the journal";
        if (tally.failed_lines > 0) line += ", " + count_text(tally.failed_lines) + " hold a fault";
        add(line);
    }
    add(rate_text(per_second(tally.completed, tally.elapsed)) + " requests/s, most in flight " +
        count_text(tally.most_in_flight) + ", " + count_text(tally.input_tokens) + " tokens in, " +
        count_text(tally.output_tokens) + " out (" +
        rate_text(per_second(tally.output_tokens, tally.elapsed)) + "/s)");
    if (tally.completed > 0) {
        auto line = "attempt p50 " + duration_text(tally.attempt_p50) + " p99 " +
                    duration_text(tally.attempt_p99);
        if (tally.first_token_p99 > Duration::zero()) {
            line += ", TTFT p50 " + duration_text(tally.first_token_p50) + " p99 " +
                    duration_text(tally.first_token_p99);
        }
        add(line);
    }
    if (const auto faults = faults_text(tally.attempt_faults); !faults.empty()) {
        add("attempts that failed: " + faults);
    }
    for (const auto& endpoint : tally.endpoints) {
        const bool is_telling = endpoint.outages > 0 || !endpoint.closed.empty();
        if (tally.endpoints.size() > 1 || is_telling) add(endpoint_text(endpoint));
    }
    if (tally.hedges > 0) {
        add(count_text(tally.hedges) + " hedges: asked elsewhere, too, because an answer was late");
    }
    if (tally.cost > 0) add("cost " + money_text(tally.cost) + ", by the prices of the endpoints");
    if (tally.usage_missing > 0) {
        add(count_text(tally.usage_missing) + " completions came without a count of tokens");
    }
    if (tally.stalled_on_oldest > stall_worth_telling) {
        add("stalled on the oldest " + duration_text(tally.stalled_on_oldest));
    }
    if (tally.loop_stall_most > loop_stall_worth_telling) {
        add("an event loop stood still for up to " + duration_text(tally.loop_stall_most) +
            ", p99 " + duration_text(tally.loop_stall_p99));
    }
    return text;
}

}  // namespace skein::app
