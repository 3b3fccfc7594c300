// Writes to standard error: log lines, and one live line that is redrawn after each of them.
//
// Invariant: log lines and the live line never block the run: if standard error is not ready, they
// are dropped. Only `print` may block. One mutex; any thread.
#include "app/terminal.hpp"

#include "json/text.hpp"

#include <climits>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <cerrno>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace skein::app {
namespace {

constexpr std::string_view clear_line = "\r\x1b[K";

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

class Terminal::Sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit Sink(Terminal& terminal) : terminal_{terminal} {}

private:
    // Called by the logger under the sink's own mutex; `add` takes the terminal's. Never the other
    // way round, so the two cannot deadlock.
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        terminal_.add({line.data(), line.size()});
    }
    void flush_() override {}

    Terminal& terminal_;
};

struct Terminal::Logger {
    spdlog::logger logger;
};

Terminal::Terminal(LogLevel min_level)
    : is_terminal_{isatty(STDERR_FILENO) == 1},
      is_quiet_{min_level > LogLevel::info},
      sink_{std::make_shared<Sink>(*this)},
      logger_{std::make_unique<Logger>(Logger{spdlog::logger{"skein", sink_}})} {
    logger_->logger.set_level(level_of(min_level));
    logger_->logger.set_pattern("%H:%M:%S.%e %-7l %v");
}

Terminal::~Terminal() { show({}); }

std::size_t Terminal::width() const {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
    return size.ws_col - 1u;
}

void Terminal::log(LogLevel level, std::string_view text) {
    logger_->logger.log(level_of(level), json::printable(text));
}

// Clearing and drawing go out in one write, so that the line does not flicker.
void Terminal::show(std::string line) {
    if (!is_terminal_ || is_quiet_ || !shows_live_) return;
    const std::lock_guard lock{mutex_};
    if (live_.empty() && line.empty()) return;
    // Kept, because every log line clears it and draws it again.
    live_ = std::move(line);
    write_if_ready(std::string{clear_line} + live_);
}

void Terminal::add(std::string_view line) {
    const std::lock_guard lock{mutex_};
    if (live_.empty()) return write_if_ready(line);
    write_if_ready(std::string{clear_line} + std::string{line} + live_);
}

void Terminal::print(std::string_view text) {
    const std::lock_guard lock{mutex_};
    if (live_.empty()) return write(text);
    write(std::string{clear_line} + std::string{text} + live_);
}

// Drops the text if standard error cannot take it now, because a log must not block the run. At
// most PIPE_BUF bytes, which a ready pipe takes without blocking.
void Terminal::write_if_ready(std::string_view text) {
    pollfd waited{STDERR_FILENO, POLLOUT, 0};
    if (poll(&waited, 1, 0) == 1) write(text.substr(0, PIPE_BUF));
}

// Ignores a closed standard error, because the run must go on.
void Terminal::write(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace skein::app
