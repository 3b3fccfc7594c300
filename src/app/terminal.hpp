#pragma once
#include <skein/log.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace skein::app {

// Standard error: log lines, and below them, on a terminal, one live line that is drawn anew.
// Standard output carries data only and is not touched here. Any thread.
class Terminal {
public:
    // Lines below `least` are not shown.
    explicit Terminal(LogLevel least);
    ~Terminal();

    bool is_terminal() const { return is_terminal_; }
    std::size_t width() const;

    // Foreign text may be in it: what would act on a terminal is made visible.
    void log(LogLevel level, std::string_view text);

    // Shows the live line, in place of the one before. Only on a terminal, and not to those who
    // want to hear of failures alone.
    void show(std::string line);

    // The live line is not shown from now on: result lines go to a terminal, which is most likely
    // this one, and would be written behind it.
    void leave_to_results() { shows_live_ = false; }

    // Takes the live line away and writes `text`, as it is.
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
