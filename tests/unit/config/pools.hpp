// Jobs with a local pool, for tests.
#pragma once
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <string>
#include <utility>
#include <vector>

namespace skein::test {

inline Job job_of(const std::string& text, const std::vector<Override>& overrides = {}) {
    auto job = parse_job(text, "job.yaml", overrides);
    INFO((job.has_error() ? job.error().text() : std::string{}));
    REQUIRE(job.has_value());
    return *std::move(job);
}

// The pool of a job that has a pool and an endpoint.
inline LocalPool pool_of(const std::string& members, const std::vector<Override>& overrides = {}) {
    const auto job = job_of(least_job + "local: {" + members + "}\n", overrides);
    REQUIRE(job.settings.local);
    return *job.settings.local;
}

}  // namespace skein::test
