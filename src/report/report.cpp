// Formats the final report of a run from its tally.
//
// A line about trouble appears only if there was some. Pure functions, any thread.
#include "report/report.hpp"

#include "model/fault_table.hpp"
#include "report/report_failures.hpp"
#include "report/text.hpp"
#include "report/wrap.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace skein::report {
namespace {

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

// An endpoint with its outages (how often its circuit opened) and why it was closed.
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

// Rows that are left undone, so that another run should ask them.
std::uint64_t undone_of(const Tally& tally) {
    std::uint64_t undone = tally.left_out;
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

// The headline: requests by outcome. Cancelled and undone rows are not counted as failed, because
// another run asks them again.
std::string first_text(const Tally& tally) {
    const auto cancelled = tally.request_fault(FaultKind::cancelled);
    const auto undone = undone_of(tally) - cancelled;
    auto text = count_text(tally.admitted) + " asked, " + count_text(tally.completed) +
                " completed, " + count_text(tally.failed + tally.not_asked - cancelled - undone) +
                " failed";
    if (tally.not_asked > 0) {
        text += " (" + count_text(tally.not_asked) + " of them could not be asked)";
    }
    if (undone > 0) text += ", " + count_text(undone) + " left undone";
    if (cancelled > 0) text += ", " + count_text(cancelled) + " cancelled";
    return text + ", " + count_text(tally.attempts) + " attempts (" +
           share_text(share(tally.retries, tally.attempts)) + " retried), " +
           duration_text(tally.elapsed);
}

// Lines of this run's output. Lines from the journal were answered by earlier runs.
std::string written_text(const Tally& tally) {
    auto text = count_text(tally.written) + " lines written";
    if (tally.resumed > 0) text += ", " + count_text(tally.resumed) + " of them from the journal";
    if (tally.failed_lines > 0) text += ", " + count_text(tally.failed_lines) + " hold a fault";
    return text;
}

struct Tokens {
    std::uint64_t input = 0;
    std::uint64_t output = 0;
    std::uint64_t cached = 0;
    std::uint64_t reasoning = 0;
};

// `900 tokens in, 200 of them cached, 50 out, 10 of them reasoning`.
std::string tokens_text(const Tokens& tokens) {
    auto text = count_text(tokens.input) + " tokens in, ";
    if (tokens.cached > 0) text += count_text(tokens.cached) + " of them cached, ";
    text += count_text(tokens.output) + " out";
    if (tokens.reasoning > 0) text += ", " + count_text(tokens.reasoning) + " of them reasoning";
    return text;
}

// Totals over all runs of the job, shown if there were earlier runs.
std::string all_runs_text(const Tally& tally) {
    const auto& earlier = tally.earlier;
    const auto failed = std::max(failed_rows(tally), tally.failed_lines);
    auto text = "all runs: " + count_text(tally.done - std::min(tally.done, failed));
    if (tally.rows > 0) text += " of " + count_text(tally.rows);
    text += " rows answered";
    if (failed > 0) text += ", " + count_text(failed) + " failed";
    text += ", " + tokens_text(
                       {.input = earlier.input_tokens + tally.input_tokens,
                        .output = earlier.output_tokens + tally.output_tokens,
                        .cached = earlier.cached_tokens + tally.cached_tokens,
                        .reasoning = earlier.reasoning_tokens + tally.reasoning_tokens}
                   );
    const auto cost = earlier.cost + tally.cost;
    return cost > 0 ? text + ", cost " + money_text(cost) : text;
}

// Over the whole run, pauses and outages included.
std::string speed_text(const Tally& tally) {
    return rate_text(per_second(tally.completed, tally.elapsed)) + " requests/s, most in flight " +
           count_text(tally.max_in_flight) + ", " +
           tokens_text(
               {tally.input_tokens,
                tally.output_tokens,
                tally.cached_tokens,
                tally.reasoning_tokens}
           ) +
           " (" + rate_text(per_second(tally.output_tokens, tally.elapsed)) + "/s)";
}

std::string latency_text(const Tally& tally) {
    auto text = "attempt p50 " + duration_text(tally.attempt_p50) + " p99 " +
                duration_text(tally.attempt_p99);
    // Without streaming there is no time to first token.
    if (tally.first_token_p99 <= Duration::zero()) return text;
    return text + ", TTFT p50 " + duration_text(tally.first_token_p50) + " p99 " +
           duration_text(tally.first_token_p99);
}

// Collects lines. Later lines are indented to the text after the headline.
class Lines {
public:
    Lines(const std::string& headline, const ReportStyle& style)
        : indent_{columns_of(headline) + 2}, width_{style.width} {}

    void add_first(const std::string& headline, const std::string& line) {
        text_ += wrapped(headline + "  " + line, indent_ + 2, width_);
    }
    void add(const std::string& line) {
        text_ += wrapped(std::string(indent_, ' ') + line, indent_ + 2, width_);
    }
    std::string take() { return std::move(text_); }

private:
    std::size_t indent_;
    std::size_t width_;
    std::string text_;
};

void add_failures(Lines& lines, const Tally& tally, const ReportStyle& style) {
    for (const auto& line : failure_lines(tally)) lines.add("  " + line);
    // A row that is bad input fails again in every run, so no command is offered for it.
    if (!can_be_asked(tally)) {
        lines.add("such rows are never sent: put them right in the input");
    } else if (!style.again.empty()) {
        lines.add("to ask them again: " + style.again + " --retry-failed");
    }
}

void add_endings(Lines& lines, const Tally& tally, const ReportStyle& style) {
    for (const auto& line : ending_lines(tally)) lines.add(line);
    const bool any_cut_off = std::ranges::any_of(
        tally.finish_reasons, [](const FinishReason& reason) { return reason.name == "length"; }
    );
    if (any_cut_off && !style.again.empty()) {
        lines.add(
            "to ask them again, after max_tokens was raised in the job: " + style.again +
            " --retry finish_reason=length"
        );
    }
}

// A single endpoint without trouble gets no line, because its numbers are those of the run.
void add_endpoints(Lines& lines, const Tally& tally) {
    for (const auto& endpoint : tally.endpoints) {
        const bool is_telling = endpoint.outages > 0 || !endpoint.closed.empty();
        if (tally.endpoints.size() > 1 || is_telling) lines.add(endpoint_text(endpoint));
    }
}

void add_costs(Lines& lines, const Tally& tally) {
    if (tally.rerouted > 0) {
        lines.add(
            count_text(tally.rerouted) +
            " went on to another endpoint, because the first could not serve them (on)"
        );
    }
    if (tally.hedges > 0) {
        lines.add(
            count_text(tally.hedges) + " hedges: asked elsewhere, too, because an answer was late"
        );
    }
    if (tally.cost > 0) {
        lines.add(
            "cost " + money_text(tally.cost) +
            ", by the servers' bills and the prices of the endpoints"
        );
    }
    if (tally.usage_missing > 0) {
        lines.add(count_text(tally.usage_missing) + " completions came without a count of tokens");
    }
}

// Delays are shown above a threshold only, because shorter ones do not affect a run.
void add_delays(Lines& lines, const Tally& tally) {
    if (tally.stalled_on_oldest > stall_worth_telling) {
        lines.add("stalled on the oldest " + duration_text(tally.stalled_on_oldest));
    }
    if (tally.loop_stall_max > loop_stall_worth_telling) {
        lines.add(
            "an event loop stood still for up to " + duration_text(tally.loop_stall_max) +
            ", p99 " + duration_text(tally.loop_stall_p99)
        );
    }
}

// `2 of 9 rows failed:`; without `all` if that is not known.
std::string rows_failed(std::uint64_t failed, std::uint64_t all = 0) {
    auto text = count_text(failed);
    if (all > 0) text += " of " + count_text(all);
    return text + (std::max(failed, all) == 1 ? " row failed:" : " rows failed:");
}

}  // namespace

// The outcome and the speed come first, then a line for each kind of trouble; the failed rows stand
// last.
std::string report_text(const std::string& headline, const Tally& tally, const ReportStyle& style) {
    Lines lines{headline, style};
    lines.add_first(headline, first_text(tally));
    if (tally.written > 0) lines.add(written_text(tally));
    if (tally.blank_lines > 0) {
        const bool is_one = tally.blank_lines == 1;
        lines.add(
            count_text(tally.blank_lines) + (is_one ? " blank line" : " blank lines") +
            " of the input left out"
        );
    }
    if (tally.earlier.answers > 0) lines.add(all_runs_text(tally));
    lines.add(speed_text(tally));
    if (tally.completed > 0) lines.add(latency_text(tally));
    if (const auto faults = faults_text(tally.attempt_faults); !faults.empty()) {
        lines.add("attempts that failed: " + faults);
    }
    add_endpoints(lines, tally);
    add_costs(lines, tally);
    add_delays(lines, tally);
    add_endings(lines, tally, style);
    if (const auto failed = failed_rows(tally); failed > 0) {
        lines.add(rows_failed(failed));
        add_failures(lines, tally, style);
    }
    return lines.take();
}

// For `--quiet`: the failed rows alone; empty if there are none.
std::string failures_text(const Tally& tally, const ReportStyle& style) {
    Lines lines{"skein:", style};
    const auto failed = failed_rows(tally);
    if (failed == 0) return {};
    lines.add_first("skein:", rows_failed(failed, tally.rows));
    add_failures(lines, tally, style);
    return lines.take();
}

}  // namespace skein::report
