#pragma once
#include <skein/tally.hpp>

#include <cstddef>
#include <string>

namespace skein::report {

struct ReportStyle {
    std::size_t width = 0;  // Columns of the terminal; 0: lines are not wrapped.
    std::string again{};    // The command that resumes the job; empty if it cannot be resumed.
};

// The tally as text for a person: a few lines, each with a line feed. The first begins with
// `headline`.
std::string report_text(
    const std::string& headline, const Tally& tally, const ReportStyle& style = {}
);

// Only the failures of the tally; empty if there are none.
std::string failures_text(const Tally& tally, const ReportStyle& style = {});

}  // namespace skein::report
