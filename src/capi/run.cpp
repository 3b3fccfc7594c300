// A whole job for the C ABI. The run has a thread of its own; the caller's thread waits for its end
// and tells the program how far it is.
#include "capi/blocked_signals.hpp"
#include "capi/guarded.hpp"
#include "capi/object_writer.hpp"
#include "capi/tally_json.hpp"
#include "report/report.hpp"

#include <skein/run.hpp>
#include <skein/skein.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace skein::capi {
namespace {

constexpr auto observed_every = std::chrono::milliseconds{100};

// A run on a thread of its own, from the constructor to `wait`.
class RunThread {
public:
    explicit RunThread(Job job) : run_{std::move(job)} {
        const BlockedSignals blocked;
        thread_ = std::thread{[this] {
            auto result = run_.run();
            const std::lock_guard lock{mutex_};
            result_.emplace(std::move(result));
            ended_.notify_one();
        }};
    }
    ~RunThread() {
        if (!thread_.joinable()) return;
        run_.cancel();
        thread_.join();
    }
    RunThread(const RunThread&) = delete;
    RunThread& operator=(const RunThread&) = delete;

    bool has_ended_within(Duration time) {
        std::unique_lock lock{mutex_};
        return ended_.wait_for(lock, time, [this] { return result_.has_value(); });
    }
    Expected<Tally, RunError> result() {
        thread_.join();
        return *result_;
    }
    Run& run() { return run_; }

private:
    Run run_;
    std::mutex mutex_{};
    std::condition_variable ended_{};
    std::optional<Expected<Tally, RunError>> result_{};
    std::thread thread_{};
};

int code_of(const RunError& error) {
    switch (error.kind) {
        case RunError::Kind::config:
            return SKEIN_RUN_WRONG_JOB;
        case RunError::Kind::policy:
            return SKEIN_RUN_BY_POLICY;
        case RunError::Kind::local:
            return SKEIN_RUN_LOCAL_FAILURE;
        case RunError::Kind::stopped:
            return SKEIN_RUN_STOPPED;
    }
    return SKEIN_RUN_LOCAL_FAILURE;
}

std::string text_json(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

struct Ended {
    int code = SKEIN_RUN_LOCAL_FAILURE;
    std::string report{};
};

Ended not_begun(const std::string& why) {
    return {SKEIN_RUN_WRONG_JOB, ObjectWriter{}.add("error", why).add("text", "").text()};
}

Ended run_to_the_end(Job job, skein_observe observe, void* user) {
    const auto warnings = list_of(job.warnings, text_json);
    RunThread thread{std::move(job)};
    while (!thread.has_ended_within(observed_every)) {
        if (!observe) continue;
        const int wish = observe(user, progress_json(thread.run().progress()).c_str());
        if (wish == 1) thread.run().stop();
        if (wish == 2) thread.run().cancel();
    }
    const auto result = thread.result();
    const auto tally = result ? *result : thread.run().progress().tally;
    const bool has_begun = result || result.error().kind != RunError::Kind::config;
    ObjectWriter out;
    out.add("error", result ? std::string_view{} : result.error().what)
        .add(
            "text",
            has_begun ? report::report_text(result ? "run complete" : "run ended", tally) : ""
        )
        .add_json("warnings", warnings)
        .add_json("tally", tally_json(tally));
    if (!result) return {code_of(result.error()), out.text()};
    return {tally.failed_lines > 0 ? SKEIN_RUN_SOME_FAILED : SKEIN_RUN_COMPLETE, out.text()};
}

Ended run_text(
    const char* text, std::size_t size, const char* name, skein_observe observe, void* user
) {
    const std::string named = name ? name : "job";
    auto job = text ? parse_job(std::string{text, size}, named) : load_job(named);
    if (!job) return not_begun(job.error().text());
    return run_to_the_end(std::move(*job), observe, user);
}

}  // namespace
}  // namespace skein::capi

using namespace skein::capi;

extern "C" int skein_run(
    const char* text,
    std::size_t size,
    const char* name,
    skein_observe observe,
    void* user,
    char** report
) {
    const auto ended = guarded(Ended{}, [&] { return run_text(text, size, name, observe, user); });
    if (report) *report = ended.report.empty() ? nullptr : copy_of(ended.report);
    return ended.code;
}
