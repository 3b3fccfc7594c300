#pragma once
#include "job/file/fingerprint.hpp"
#include "job/journal/record.hpp"

#include <skein/job.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace skein::job {

// The identity of a job: its input and all settings that shape the replies. Not part of it: the
// addresses of endpoints, rate limits and keys. `input` is empty for standard input, whose content
// is not known in advance.
JobIdentity facts_of(const Job& job, Input::Format format, const std::optional<Fingerprint>& input);

// Names of facts that may differ within one job.
inline constexpr std::string_view fact_of_input = "input";
inline constexpr std::string_view fact_of_format = "input format";
// The number of rows of the journal that are gone from the input; the fact is absent if it is 0.
inline constexpr std::string_view fact_of_gone = "rows that are gone from the input";

// Describes the difference that makes `now` another job than `before`; nothing if it is the same
// job. The input may differ, because rows are matched by content. With `only_some_rows` (`--retry`)
// everything but the input format may differ.
std::optional<std::string> another_job(JobIdentity before, JobIdentity now, bool only_some_rows);

}  // namespace skein::job
