#pragma once
#include <skein/log.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace skein::app {

// Standard error: log lines and, on a terminal, one live line below them that is redrawn. Standard
// output carries data only and is not used here. Any thread.
class Terminal {
public:
    // Lines below `min_level` are not shown.
    explicit Terminal(LogLevel min_level);
    ~Terminal();

    bool is_terminal() const { return is_terminal_; }
    std::size_t width() const;

    // The text may contain foreign text, so control characters are made visible.
    void log(LogLevel level, std::string_view text);

    // Replaces the live line. Does nothing if standard error is no terminal, or if only errors are
    // to be shown.
    void show(std::string line);

    // Hides the live line from now on, because result lines go to a terminal, probably the same
    // one, and would be mixed with it.
    void leave_to_results() { shows_live_ = false; }

    // Writes `text` unchanged above the live line. May block.
    void print(std::string_view text);

private:
    class Sink;
    void add(std::string_view line);
    void write_if_ready(std::string_view text);
    void write(std::string_view text);

    std::mutex mutex_;
    bool is_terminal_;
    bool is_quiet_;
    bool shows_live_ = true;
    std::string live_;
    std::shared_ptr<Sink> sink_;
    struct Logger;
    std::unique_ptr<Logger> logger_;
};

}  // namespace skein::app
