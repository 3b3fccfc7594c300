#pragma once
#include "client/core.hpp"
#include "job/run/deadline.hpp"
#include "job/run/preflight.hpp"

#include <skein/run.hpp>

#include <cstdint>
#include <future>
#include <mutex>
#include <optional>
#include <vector>

namespace skein {

// The first rows of a job, asked and shown. Writes nothing anywhere.
class RunTrial {
public:
    RunTrial(const Job& job, Preflight preflight);

    // The error: why nothing could be asked, or what concerns every row (a refused key).
    Expected<Tally, RunError> run(std::uint64_t rows, const OnTrial& show);

    // Any thread. What is in flight may finish within the grace of the job.
    void stop();
    void cancel();

private:
    struct BuiltRequest {
        Trial trial{};
        std::future<Reply> reply{};
    };

    std::optional<RunError> ask(std::uint64_t rows, std::vector<BuiltRequest>& asked);
    BuiltRequest ask(const job::Row& row);

    const Job& job_;
    Preflight preflight_;
    Core core_;
    std::mutex mutex_;                         // Of what follows.
    std::optional<RunDeadline> out_of_grace_;  // The first to go: it calls the core.
};

}  // namespace skein
