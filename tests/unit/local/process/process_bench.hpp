// Test support: an event loop, a keeper program, and the recorded events of processes.
#pragma once
#include "local/process/process.hpp"
#include "support/catch.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

namespace skein::local {

using namespace std::chrono_literals;

class TempFolder {
public:
    TempFolder() {
        auto name = (std::filesystem::temp_directory_path() / "skein-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TempFolder() { std::filesystem::remove_all(path_); }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

inline const std::vector<std::string> plain_environment{"PATH=/usr/local/bin:/usr/bin:/bin"};

inline Identity identity_of(pid_t pid) {
    ProcStat stat;
    return read_stat(pid, stat) ? stat.identity : Identity{};
}

inline pid_t parent_of(pid_t pid) {
    ProcStat stat;
    return read_stat(pid, stat) ? stat.parent : 0;
}

// A zombie that its parent has not reaped counts as gone.
inline bool lives(const Identity& identity) {
    ProcStat stat;
    return read_stat(identity.pid, stat) && stat.identity == identity && stat.state != 'Z';
}

// False if the process still lives after a long time.
inline bool ends_in_time(const Identity& identity) {
    const Descriptor process{open_process(identity)};
    if (!process.is_open()) return true;
    pollfd waiting{process.number(), POLLIN, 0};
    return ::poll(&waiting, 1, 30'000) == 1;
}

struct Told {
    std::vector<std::string> lines;
    std::vector<Exit> exits;
    Identity engine;

    bool over() const { return !exits.empty(); }
    std::string exit() const {
        REQUIRE(exits.size() == 1);
        return exits.front().text();
    }
    bool has(const std::string& line) const {
        return std::find(lines.begin(), lines.end(), line) != lines.end();
    }
    // The rest of the line that begins with `name `.
    pid_t number(const std::string& name) const {
        for (const auto& line : lines) {
            if (line.starts_with(name + " ")) return std::stoi(line.substr(name.size() + 1));
        }
        return 0;
    }
};

class LocalBench {
public:
    TempFolder folder;
    boost::asio::io_context loop;
    KeeperProgram program{folder.path()};

    static Process::Events events(Told& told) {
        return {
            .on_start = [&told](const Identity& engine) { told.engine = engine; },
            .on_line =
                [&told](std::string_view line) {
                    CHECK(told.engine.pid != 0);
                    told.lines.emplace_back(line);
                },
            .on_exit = [&told](const Exit& exit) { told.exits.push_back(exit); }};
    }

    std::unique_ptr<Process> start(Told& told, const Command& command) {
        return std::make_unique<Process>(loop, program, command, events(told));
    }
    std::unique_ptr<Process> start(Told& told, std::vector<std::string> arguments) {
        return start(told, Command{std::move(arguments), plain_environment, {}});
    }

    // Runs a process from its start to its end.
    Told run(const Command& command) {
        Told told;
        const auto process = start(told, command);
        run_until([&] { return told.over(); });
        return told;
    }
    Told run(std::vector<std::string> arguments) {
        return run(Command{std::move(arguments), plain_environment, {}});
    }
    Told shell(const std::string& script) { return run({"/bin/sh", "-c", script}); }

    template <class Done>
    void run_until(Done done) {
        loop.restart();
        while (!done()) {
            if (loop.run_one_for(30s) == 0) FAIL("nothing happens any more");
        }
    }
    void run_until_line(const Told& told, const std::string& line) {
        run_until([&] { return told.has(line) || told.over(); });
        REQUIRE(told.has(line));
    }
};

// A Python program that starts a daemon (a grandchild in its own session, which ignores SIGTERM,
// SIGHUP and SIGINT) and prints `grandchild PID` and then `ready`.
inline std::vector<std::string> with_daemon(const std::string& first = {}) {
    return {"python3", "-c", R"(
import os, signal
told, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.write(tell, str(os.getpid()).encode())
        while True:
            signal.pause()
    os._exit(0)
os.wait()
)" + first + R"(
print("grandchild", os.read(told, 100).decode(), flush=True)
print("ready", flush=True)
while True:
    signal.pause()
)"};
}

}  // namespace skein::local
