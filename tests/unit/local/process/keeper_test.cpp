// No process of an engine's tree survives when the engine, a keeper or skein itself is killed.
#include "process_bench.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

using namespace skein::local;
namespace fs = std::filesystem;

namespace {

// An engine with a daemon below it, and its two keepers.
struct Family {
    LocalBench bench;
    Told told;
    std::unique_ptr<Process> process;
    Identity guard;
    Identity keeper;
    Identity grandchild;

    explicit Family(const std::string& first = {}) {
        process = bench.start(told, with_daemon(first));
        bench.run_until_line(told, "ready");
        guard = process->keeper();
        keeper = identity_of(parent_of(told.engine.pid));
        grandchild = identity_of(told.number("grandchild"));
        REQUIRE(parent_of(keeper.pid) == guard.pid);
        REQUIRE(lives(grandchild));
    }

    std::string run_to_the_end() {
        bench.run_until([&] { return told.over(); });
        return told.exit();
    }
    // The keeper may still be exiting.
    bool is_gone() const {
        return !lives(told.engine) && !lives(grandchild) && identity_of(guard.pid).pid == 0 &&
               ends_in_time(keeper);
    }
};

void kill_at_once(const std::vector<pid_t>& them) {
    for (const auto signal : {SIGSTOP, SIGKILL}) {
        for (const auto pid : them) {
            REQUIRE(pid > 1);
            REQUIRE(::kill(pid, signal) == 0);
        }
    }
}

std::size_t open_files() {
    fs::directory_iterator files{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

std::size_t children() {
    std::size_t count = 0;
    each_process([&](const ProcStat& stat) { count += stat.parent == ::getpid(); });
    return count;
}

// Starts this test program again for one hidden test, with `file` as descriptor 3.
pid_t run_hidden_test(const char* tag, int file) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, file, 3);
    std::vector<std::string> arguments{"shell_tests", tag, "-o", "/dev/null"};
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_t pid = 0;
    REQUIRE(
        ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, pointers.data(), environ) == 0
    );
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

}  // namespace

TEST_CASE(
    "A daemon that an engine leaves behind ends before the exit is reported.", "[local][G11]"
) {
    Family family{"signal.signal(signal.SIGTERM, lambda *_: os._exit(3))"};
    family.process->terminate();
    CHECK(family.run_to_the_end() == "exited with status 3");
    CHECK(family.is_gone());
}

TEST_CASE("A daemon that an engine has started is killed with it.", "[local][G11]") {
    Family family;
    family.process->kill();
    CHECK(family.run_to_the_end() == "killed by signal 9 (Killed)");
    CHECK(family.is_gone());
}

TEST_CASE("Daemons that fork faster than a scan of /proc are all killed.", "[local][G11]") {
    LocalBench bench;
    Told told;
    const auto process = bench.start(told, {"python3", "-c", R"(
import os
for i in range(20):
    if os.fork() == 0:
        os.setsid()
        for i in range(3000):  # Seconds; and no more, should nobody stop them.
            if os.fork() != 0:
                os._exit(0)
            os.setsid()
        os._exit(0)
print("ready", flush=True)
while True:
    try:
        os.wait()
    except ChildProcessError:
        pass
)"});
    bench.run_until_line(told, "ready");
    const auto session = process->keeper().pid;
    process->kill();
    bench.run_until([&] { return told.over(); });
    std::size_t left = 0;
    each_process([&](const ProcStat& stat) {
        left += stat.session == session || stat.identity == told.engine;
    });
    CHECK(left == 0);
}

TEST_CASE("Everything below a killed keeper is killed.", "[local]") {
    Family family;
    kill_at_once({family.keeper.pid});
    CHECK(family.run_to_the_end() == "killed, because the process that watches over it was killed");
    CHECK(family.is_gone());
}

TEST_CASE("Everything below a keeper whose guard is killed is killed.", "[local]") {
    Family family;
    kill_at_once({family.guard.pid});
    CHECK(family.run_to_the_end() == "killed by signal 9 (Killed)");
    CHECK(family.is_gone());
}

TEST_CASE(
    "The engine and its session are killed if keeper and guard are killed together.", "[local]"
) {
    LocalBench bench;
    Told told;
    const auto process =
        bench.start(told, {"/bin/sh", "-c", "sleep 1000 & echo child $!; echo up; wait"});
    bench.run_until_line(told, "up");
    const auto child = identity_of(told.number("child"));
    const auto guard = process->keeper().pid;
    const auto keeper = parent_of(told.engine.pid);
    kill_at_once({guard, keeper});
    bench.run_until([&] { return told.over(); });
    CHECK(told.exits[0].how == Exit::How::lost);
    CHECK_FALSE(lives(told.engine));
    CHECK_FALSE(lives(child));
    CHECK(children() == 0);
}

TEST_CASE("No process of a worker outlives skein, whichever signal kills skein.", "[local][G9]") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Descriptor ours{ends[0]};
    Descriptor theirs{ends[1]};
    const auto parent = run_hidden_test("[local_victim]", theirs.number());
    theirs = Descriptor{};
    pid_t pids[4] = {};
    REQUIRE(::read(ours.number(), pids, sizeof pids) == sizeof pids);
    std::vector<Identity> family;
    for (const auto pid : pids) family.push_back(identity_of(pid));
    for (const auto& identity : family) REQUIRE(lives(identity));

    REQUIRE(::kill(parent, SIGKILL) == 0);
    REQUIRE(::waitpid(parent, nullptr, 0) == parent);
    for (const auto& identity : family) CHECK(ends_in_time(identity));
}

TEST_CASE(
    "A victim process with an engine and a daemon below it waits to be killed.", "[.][local_victim]"
) {
    Family family;
    fs::remove_all(family.bench.folder.path());
    const pid_t pids[] = {
        family.guard.pid, family.keeper.pid, family.told.engine.pid, family.grandchild.pid};
    REQUIRE(::write(3, pids, sizeof pids) == sizeof pids);
    family.run_to_the_end();
}

TEST_CASE("Keepers do not keep a working folder busy.", "[local]") {
    LocalBench bench;
    Told told;
    const auto process =
        bench.start(told, Command{{"/bin/sleep", "1000"}, plain_environment, bench.folder.path()});
    bench.run_until([&] { return told.engine.pid != 0; });
    const auto folder_of = [](pid_t pid) {
        return fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd").string();
    };
    CHECK(folder_of(told.engine.pid) == bench.folder.path());
    CHECK(folder_of(parent_of(told.engine.pid)) == "/");
}

TEST_CASE("A thousand engines leave no zombie and no open file behind.", "[local][G18]") {
    LocalBench bench;
    bench.shell("exit 0");
    const auto files_before = open_files();
    CHECK(children() == 0);
    for (int i = 0; i < 500; ++i) {
        CHECK(bench.shell("echo hello; exit 1").exit() == "exited with status 1");
        Told told;
        const auto process = bench.start(told, {"/bin/sleep", "1000"});
        bench.run_until([&] { return told.engine.pid != 0; });
        if (i % 2 == 0) process->kill();
    }
    bench.loop.restart();
    bench.loop.run();
    CHECK(open_files() == files_before);
    CHECK(children() == 0);
}
