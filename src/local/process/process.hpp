// A local engine as a process tree. Its parent is a shim, the keeper (shim/main.cpp), which ensures
// that no process of the tree outlives skein, even if skein or the engine is killed.
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
        status,       // `number` is the exit status.
        signal,       // `number` is the signal that ended it.
        not_started,  // `why` is the reason.
        lost,         // The keeper was killed, so the engine was killed as well.
    };
    How how = How::lost;
    int number = 0;
    std::string why{};

    // `exited with status 1`
    std::string text() const;
};

// A running engine. Used on one thread, that of the loop; the loop outlives it.
class Process {
public:
    // Called on the loop, never from inside a call to this object. Each may destroy the process.
    struct Events {
        std::function<void(const Identity& engine)> on_start;  // Before all others, if it starts.
        std::function<void(std::string_view line)> on_line;    // From stdout or stderr; max 4 kB.
        std::function<void(const Exit&)> on_exit;  // Once and last; the whole tree is gone.
    };

    Process(asio::io_context& loop, KeeperProgram& program, const Command& command, Events events);

    // Kills the tree and waits until it is gone, up to some seconds; calls no event. To end many
    // processes quickly, call `kill` on all of them first.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void terminate();  // SIGTERM to the engine and its process group.
    void kill();       // SIGKILL to the whole tree.

    // The pid of the engine; 0 until it has started.
    pid_t pid() const;
    // The keeper, our child; all zero if it could not be started.
    Identity keeper() const;

private:
    class ProcessState;
    std::shared_ptr<ProcessState> life_;
};

}  // namespace skein::local
