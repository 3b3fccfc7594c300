#pragma once
#include <skein/tally.hpp>

#include <cstddef>
#include <string>

namespace skein::app {

struct ReportStyle {
    std::size_t width = 0;  // Columns of the terminal; 0: lines are not broken.
    std::string again{};    // The command that runs the job again; empty if none can.
};

// The tally as a person reads it: a few lines, each with a line end. `headline` begins the first.
std::string report_text(
    const std::string& headline, const Tally& tally, const ReportStyle& style = {}
);

// What went wrong alone; empty if nothing did.
std::string failures_text(const Tally& tally, const ReportStyle& style = {});

}  // namespace skein::app
