// The plan of a job, for `skein check`.
#pragma once
#include "job/run/earlier.hpp"
#include "job/run/preflight.hpp"
#include "job/run/survey.hpp"

#include <skein/job.hpp>

#include <optional>
#include <string>

namespace skein {

// Text for a person: what the job would do. `survey` is empty for a stream, which cannot be read
// twice.
std::string plan_text(
    const Job& job,
    Preflight& preflight,
    const Earlier& earlier,
    const std::optional<Survey>& survey
);

}  // namespace skein
