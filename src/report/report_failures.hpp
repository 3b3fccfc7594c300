// The lines of a report about failed rows and about answers that ended early.
#pragma once
#include <skein/tally.hpp>

#include <string>
#include <vector>

namespace skein::report {

// `12 rejected (line-3, line-18, line-40 …): HTTP 400: no such field`
std::vector<std::string> failure_lines(const Tally& tally);

// `4 674 of 4 962 answers were cut off by max_tokens (finish_reason length)`
std::vector<std::string> ending_lines(const Tally& tally);

// True if asking again may help: a failed row was not refused as bad input.
bool can_be_asked(const Tally& tally);

// The number of failed rows of this run and of earlier runs.
std::uint64_t failed_rows(const Tally& tally);

}  // namespace skein::report
