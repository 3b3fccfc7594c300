// The plan of a job, for `skein check`.
#pragma once
#include "client/run_earlier.hpp"
#include "client/run_ground.hpp"
#include "client/run_survey.hpp"

#include <skein/job.hpp>

#include <optional>
#include <string>

namespace skein {

// Text for a person: what the job would do. No survey: the input cannot be read twice.
std::string plan_text(
    const Job& job, Ground& ground, const Earlier& earlier, const std::optional<Survey>& survey
);

}  // namespace skein
