// The state of a `Process`. Pending handlers share it, so it may outlive its `Process`.
#pragma once
#include "local/process/lines.hpp"
#include "local/process/process.hpp"
#include "local/process/shim/protocol.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <optional>

namespace skein::local {

class Process::ProcessState : public std::enable_shared_from_this<Process::ProcessState> {
public:
    ProcessState(asio::io_context& loop, Spawned spawned, const Command& command, Events events);

    void begin();
    void terminate();
    void kill();
    void end();

    Identity engine;
    const Identity keeper;

private:
    using Watched = asio::posix::stream_descriptor;

    // Calls `act` once when `watched` is readable.
    void when_readable(Watched& watched, void (ProcessState::*act)());

    void read_log();
    void read_control();
    void keeper_ended();

    bool read_some_log(int reads);
    void tell_line(std::string_view line);
    bool hear();
    void understand(const keeper::Report& report);

    void finish_if_over();
    void tell_exit();
    void bury();

    asio::io_context& loop_;
    const Events events_;
    const std::string program_;
    const std::string folder_;
    Watched log_;
    Watched control_;
    Watched process_;
    std::optional<Exit> exit_;
    Lines lines_;
    std::array<char, 16 * 1024> room_;
    bool keeper_ended_ = false;
    bool over_ = false;    // The process tree is gone.
    bool silent_ = false;  // The `Process` is destroyed: no more events.
};

}  // namespace skein::local
