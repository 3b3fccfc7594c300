#include "local/process/process.hpp"

#include "base/assert.hpp"
#include "local/process/process_state.hpp"

#include <cstring>

namespace skein::local {

std::string Exit::text() const {
    switch (how) {
        case How::status:
            return "exited with status " + std::to_string(number);
        case How::signal:
            return "killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
        case How::not_started:
            return why;
        case How::lost:
            break;
    }
    return "killed, because the process that watches over it was killed";
}

Process::Process(
    asio::io_context& loop, KeeperProgram& program, const Command& command, Events events
) {
    SKEIN_ASSERT(!command.arguments.empty());
    life_ =
        std::make_shared<ProcessState>(loop, spawn(program, command), command, std::move(events));
    life_->begin();
}

Process::~Process() { life_->end(); }

void Process::terminate() { life_->terminate(); }

void Process::kill() { life_->kill(); }

pid_t Process::pid() const { return life_->engine.pid; }

Identity Process::keeper() const { return life_->keeper; }

}  // namespace skein::local
