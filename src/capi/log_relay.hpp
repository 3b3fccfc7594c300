// The log of a client, which goes to whatever function the program names at the time.
#pragma once
#include <skein/log.hpp>
#include <skein/skein.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::capi {

class LogRelay {
public:
    // `warnings`, one line each, wait for the first function.
    explicit LogRelay(std::vector<std::string> warnings) : warnings_{std::move(warnings)} {}

    // No call of an earlier function is running when this returns.
    void go_to(skein_log log, void* user) {
        const std::lock_guard lock{mutex_};
        log_ = log;
        user_ = user;
        if (!log_) return;
        for (const auto& warning : warnings_) {
            log_(user_, static_cast<int>(LogLevel::warn), warning.c_str());
        }
        warnings_.clear();
    }
    void write(LogLevel level, std::string_view line) {
        const std::lock_guard lock{mutex_};
        if (log_) log_(user_, static_cast<int>(level), std::string{line}.c_str());
    }

private:
    std::mutex mutex_{};
    std::vector<std::string> warnings_;
    skein_log log_ = nullptr;
    void* user_ = nullptr;
};

}  // namespace skein::capi
