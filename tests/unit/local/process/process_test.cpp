#include "local/process/process.hpp"

#include "process_bench.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>

using namespace skein::local;

namespace {

using Lines = std::vector<std::string>;

bool is_status(const Exit& exit, int number) {
    return exit.how == Exit::How::status && exit.number == number;
}

}  // namespace

TEST_CASE("The exit status of an engine is reported once.", "[local]") {
    LocalBench bench;
    for (const int status : {0, 1, 77, 255}) {
        const auto told = bench.shell("exit " + std::to_string(status));
        REQUIRE(told.exits.size() == 1);
        CHECK(is_status(told.exits[0], status));
        CHECK(told.exit() == "exited with status " + std::to_string(status));
        CHECK(told.engine.pid > 0);
    }
}

TEST_CASE("The exit of an engine is reported even if this process ignores SIGCHLD.", "[local]") {
    LocalBench bench;
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    const auto told = bench.shell("exit 7");
    std::signal(SIGCHLD, before);
    CHECK(told.exit() == "exited with status 7");
}

TEST_CASE("The signal that ended an engine is reported.", "[local]") {
    LocalBench bench;
    const auto told = bench.shell("kill -SEGV $$");
    CHECK(told.exit() == "killed by signal 11 (Segmentation fault)");
}

TEST_CASE("An engine that cannot be executed is reported with the reason.", "[local]") {
    LocalBench bench;
    CHECK(bench.run({"/no/such"}).exit() == "cannot run /no/such: No such file or directory");
    CHECK(bench.run({"no-such"}).exit() == "cannot run no-such: No such file or directory");
    CHECK(bench.run({"/etc/passwd"}).exit() == "cannot run /etc/passwd: Permission denied");
    const auto told = bench.run(Command{{"/bin/true"}, {}, "/no/folder"});
    CHECK(told.exit() == "cannot run in the folder /no/folder: No such file or directory");
    CHECK(told.engine.pid == 0);
    CHECK(told.exits[0].how == Exit::How::not_started);
}

TEST_CASE("A file that is no program is not run by a shell.", "[local]") {
    LocalBench bench;
    const auto script = bench.folder.path() + "/script";
    Descriptor file{::open(script.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0700)};
    REQUIRE(::write(file.number(), "exit 0\n", 7) == 7);
    file = Descriptor{};
    CHECK(bench.run({script}).exit() == "cannot run " + script + ": Exec format error");
}

TEST_CASE("A program is looked up in the PATH of its own environment.", "[local]") {
    LocalBench bench;
    CHECK(is_status(bench.run(Command{{"true"}, {"PATH=/no:/bin:/usr/bin"}, {}}).exits[0], 0));
    CHECK(bench.run(Command{{"true"}, {"PATH=/no"}, {}}).exits[0].how == Exit::How::not_started);
    const auto path = "PATH=" + bench.folder.path() + ":/no";
    std::ofstream{bench.folder.path() + "/true"};
    CHECK(bench.run(Command{{"true"}, {path}, {}}).exit() == "cannot run true: Permission denied");
    CHECK(bench.run(Command{{"true"}, {}, {}}).exits[0].how == Exit::How::not_started);
}

TEST_CASE("An engine gets its arguments, environment and folder, and nothing else.", "[local]") {
    LocalBench bench;
    CHECK(
        bench.run(Command{{"/usr/bin/env"}, {"A=1", "B=two words"}, {}}).lines ==
        Lines{"A=1", "B=two words"}
    );
    CHECK(bench.run({"/bin/echo", "$HOME", "a  b", "*"}).lines == Lines{"$HOME a  b *"});
    CHECK(
        bench.run(Command{{"/bin/pwd"}, {}, bench.folder.path()}).lines ==
        Lines{bench.folder.path()}
    );
}

TEST_CASE(
    "Both outputs of an engine are reported line by line, and its input is empty.", "[local]"
) {
    LocalBench bench;
    const auto told = bench.shell("cat; echo one; echo two >&2; printf 'half'");
    CHECK(told.lines == Lines{"one", "two", "half"});
}

TEST_CASE("An engine inherits no open file of this process.", "[local]") {
    LocalBench bench;
    const Descriptor null{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    const Descriptor open_to_all{::fcntl(null.number(), F_DUPFD, 100)};
    const auto told = bench.run({"/bin/ls", "/proc/self/fd"});
    CHECK(told.lines == Lines{"0", "1", "2", "3"});  // 3 is the folder that it reads.
}

TEST_CASE("An engine starts with the default signal handlers.", "[local]") {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t ours;
    sigset_t before;
    sigemptyset(&ours);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ours, number);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    LocalBench bench;
    const auto told = bench.run({"/bin/cat", "/proc/self/status"});
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    const std::string none = ":\t0000000000000000";
    for (const auto* set : {"SigBlk", "SigIgn", "SigCgt"}) CHECK(told.has(set + none));
}

TEST_CASE("An engine leads its own process group.", "[local]") {
    LocalBench bench;
    const auto told = bench.run(
        {"python3",
         "-c",
         "import os; print(os.getpgid(0) == os.getpid(), os.getsid(0) != os.getpid())"}
    );
    CHECK(told.lines == Lines{"True True"});
}

TEST_CASE("An engine starts even if this process is non-dumpable.", "[local]") {
    const int before = ::prctl(PR_GET_DUMPABLE);
    ::prctl(PR_SET_DUMPABLE, 0);
    LocalBench bench;
    CHECK(is_status(bench.shell("exit 3").exits[0], 3));
    ::prctl(PR_SET_DUMPABLE, before);
}

TEST_CASE("The keeper runs from a file if memory files must not be executed.", "[local]") {
    LocalBench bench;
    bench.program.move_to_file();
    CHECK_FALSE(bench.program.move_to_file());
    CHECK(bench.program.path().starts_with(bench.folder.path()));
    CHECK(is_status(bench.shell("exit 3").exits[0], 3));
}

TEST_CASE(
    "A keeper that cannot be started is reported as an engine that did not start.", "[local]"
) {
    LocalBench bench;
    bench.program = KeeperProgram{"/no/folder"};
    bench.program.move_to_file();
    Told told;
    const auto process = bench.start(told, {"/bin/true"});
    CHECK_FALSE(told.over());
    bench.run_until([&] { return told.over(); });
    CHECK(told.exit() == "cannot start a process: No such file or directory");
}

TEST_CASE("An engine that handles SIGTERM ends in its own way.", "[local]") {
    LocalBench bench;
    Told told;
    const auto process = bench.start(
        told, {"/bin/sh", "-c", "trap 'echo bye; exit 5' TERM; echo up; while :; do :; done"}
    );
    CHECK(process->pid() == 0);
    bench.run_until_line(told, "up");
    CHECK(process->pid() == told.engine.pid);
    CHECK(identity_of(told.engine.pid) == told.engine);
    process->terminate();
    bench.run_until([&] { return told.over(); });
    CHECK(is_status(told.exits[0], 5));
    CHECK(told.has("bye"));
    process->terminate();
    process->kill();  // No process exists any more.
}

TEST_CASE("An engine that ignores SIGTERM is killed with its process group.", "[local][G10]") {
    LocalBench bench;
    Told told;
    const auto process = bench.start(
        told, {"/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo child $!; echo up; wait; wait"}
    );
    bench.run_until_line(told, "up");
    const auto child = identity_of(told.number("child"));
    process->terminate();
    process->terminate();
    bench.loop.poll();
    CHECK_FALSE(told.over());
    CHECK(lives(told.engine));
    process->kill();
    process->kill();
    bench.run_until([&] { return told.over(); });
    CHECK(told.exit() == "killed by signal 9 (Killed)");
    CHECK_FALSE(lives(told.engine));
    CHECK_FALSE(lives(child));
}

TEST_CASE("A process that is destroyed kills its engine and calls no event.", "[local]") {
    LocalBench bench;
    Told told;
    auto process = bench.start(told, with_daemon());
    bench.run_until_line(told, "ready");
    const auto keeper = process->keeper();
    const auto grandchild = identity_of(told.number("grandchild"));
    CHECK(lives(grandchild));
    process.reset();
    for (const auto& identity : {told.engine, grandchild, keeper}) CHECK_FALSE(lives(identity));
    CHECK(identity_of(keeper.pid).pid == 0);  // Reaped.
    bench.loop.restart();
    CHECK(bench.loop.run_for(30s) < 10);  // No pending handler keeps the loop running.
    CHECK_FALSE(told.over());
}

TEST_CASE("A process may be destroyed directly after its construction.", "[local]") {
    LocalBench bench;
    Told told;
    pid_t keeper = bench.start(told, {"/bin/cat", "/dev/zero"})->keeper().pid;
    CHECK(identity_of(keeper).pid == 0);
    bench.program = KeeperProgram{"/no/folder"};
    bench.program.move_to_file();
    bench.start(told, {"/bin/true"});
    bench.loop.run();
    CHECK_FALSE(told.over());
}

TEST_CASE("A process may be destroyed by each of its callbacks.", "[local]") {
    LocalBench bench;
    const std::string script = "echo one; echo two; echo three; exec sleep 1000";
    for (const std::string at : {"start", "line", "exit"}) {
        Told told;
        int calls = 0;
        std::unique_ptr<Process> process;
        const auto end = [&](const std::string& here) {
            if (here != at) return;
            ++calls;
            process.reset();
        };
        process = std::make_unique<Process>(
            bench.loop,
            bench.program,
            Command{{"/bin/sh", "-c", at == "exit" ? "exit 0" : script}, plain_environment, {}},
            Process::Events{
                [&](const Identity& engine) { told.engine = engine, end("start"); },
                [&](std::string_view) { end("line"); },
                [&](const Exit& exit) { told.exits.push_back(exit), end("exit"); }}
        );
        bench.run_until([&] { return calls > 0; });
        bench.loop.restart();
        bench.loop.run();
        CHECK(calls == 1);
        CHECK(told.over() == (at == "exit"));
        CHECK_FALSE(lives(told.engine));
    }
}
