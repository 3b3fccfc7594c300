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

// A trial run: sends the first rows of a job and shows each request and its reply. Writes no file.
// Lives during one call of `Run::try_first`, on its thread.
class RunTrial {
public:
    RunTrial(const Job& job, Preflight preflight);

    // Calls `show` for each row in order. The error tells why nothing could be asked, or names a
    // fault that concerns every row (a refused key).
    Expected<Tally, RunError> run(std::uint64_t rows, const OnTrial& show);

    // Any thread. `stop` lets requests in flight finish within the grace of the job; `cancel` ends
    // them at once.
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
    std::mutex mutex_;                         // Guards `out_of_grace_`.
    std::optional<RunDeadline> out_of_grace_;  // Destroyed first, because it calls the core.
};

}  // namespace skein
