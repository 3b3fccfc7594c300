// A local engine as a process, together with all that it starts. Between it and us stands a keeper
// (shim/main.cpp), so that nothing of it outlives us, whatever happens to either.
#pragma once
#include "local/process/spawn.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace skein::local {

namespace asio = boost::asio;

// How an engine ended.
struct Exit {
    enum class How : std::uint8_t {
        status,       // `number` is its exit status.
        signal,       // `number` is the signal that ended it.
        not_started,  // `why` says why.
        lost,         // Somebody killed the keeper, and that was its end.
    };
    How how = How::lost;
    int number = 0;
    std::string why{};

    // `exited with status 1`
    std::string text() const;
};

// Of one thread, that of the loop. The loop outlives it.
class Process {
public:
    // Called on the loop, never within a call of ours. Each may destroy the process.
    struct Events {
        std::function<void(const Identity& engine)> on_start;  // Before the others, if at all.
        std::function<void(std::string_view line)> on_line;    // Of both its outputs; 4 kB of it.
        std::function<void(const Exit&)> on_exit;  // Once, the last; nothing of it lives any more.
    };

    Process(asio::io_context& loop, KeeperProgram& program, const Command& command, Events events);

    // Kills it and waits until it is gone, for some seconds if need be; tells nothing. To end
    // many, `kill` them all first.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void terminate();  // SIGTERM to the engine and its process group.
    void kill();       // SIGKILL to everything.

    // 0 until it has started.
    pid_t pid() const;
    // Of our child, the keeper; all zero if there is none.
    Identity keeper() const;

private:
    class ProcessState;
    std::shared_ptr<ProcessState> life_;
};

}  // namespace skein::local
