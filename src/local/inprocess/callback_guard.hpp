#pragma once
#include "backend/backend.hpp"

#include <skein/log.hpp>

#include <functional>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace skein {

// Guarded callbacks: threads of in-process models call the rest of the program through this object,
// which may be closed before these threads end. Thread-safe.
class CallbackGuard {
public:
    using News = std::function<void(EndpointUpdate)>;

    CallbackGuard(Backend::Tell tell, News news, LogFunction log)
        : tell_{std::move(tell)}, news_{std::move(news)}, log_{std::move(log)} {}

    // Any thread.
    void tell(AttemptEvent event) {
        std::vector<AttemptEvent> events;
        events.push_back(std::move(event));
        const std::lock_guard lock{mutex_};
        if (tell_) tell_(std::move(events));
    }
    void news(EndpointUpdate news) {
        const std::lock_guard lock{mutex_};
        if (news_) news_(std::move(news));
    }
    void log(LogLevel level, std::string_view line) {
        const std::lock_guard lock{mutex_};
        if (log_) log_(level, line);
    }

    // Waits for a running call. No callback is called afterwards.
    void close() {
        const std::lock_guard lock{mutex_};
        tell_ = nullptr;
        news_ = nullptr;
        log_ = nullptr;
    }

private:
    std::mutex mutex_;  // Held during a call; the callbacks only post and never block.
    Backend::Tell tell_;
    News news_;
    LogFunction log_;
};

}  // namespace skein
