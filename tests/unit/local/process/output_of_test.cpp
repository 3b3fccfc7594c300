#include "local/process/output_of.hpp"

#include "local/process/proc_stat.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <unistd.h>

using namespace skein;
using namespace skein::local;
using namespace std::chrono_literals;

namespace {

Printed shell(const std::string& script, Duration patience = 60s, int stop = -1) {
    return output_of({"sh", "-c", script}, patience, stop);
}

}  // namespace

TEST_CASE("The output of a command is returned unchanged, with its errors apart.", "[command]") {
    const auto printed = shell("echo key; echo words >&2");
    CHECK(printed.output == "key\n");
    CHECK(printed.errors == "words\n");
    CHECK_FALSE(printed.failure);
}

TEST_CASE("Arguments reach a command unchanged.", "[command]") {
    CHECK(output_of({"printf", "%s|", "a b", "$HOME", ""}, 60s, -1).output == "a b|$HOME||");
}

TEST_CASE("A failed command is reported with its exit status or signal.", "[command]") {
    CHECK(shell("exit 7").failure == "exit status 7");
    CHECK(shell("kill -9 $$").failure == "signal 9");
    CHECK_THAT(
        output_of({"no-such-program"}, 60s, -1).failure.value_or(""),
        Catch::Matchers::Contains("no-such-program")
    );
}

TEST_CASE("A command has no input.", "[command]") {
    CHECK(shell("cat; echo end").output == "end\n");
}

TEST_CASE(
    "Signals that are ignored or blocked in this process have defaults in a command.", "[command]"
) {
    sigset_t term, before;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &term, &before);
    const auto old = ::signal(SIGTERM, SIG_IGN);
    CHECK(shell("kill $$; echo lived").failure == "signal 15");
    ::signal(SIGTERM, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("A command that takes too long is killed with all its children.", "[command]") {
    const auto began = Clock::now();
    const auto printed = shell("sleep 1000 & echo $!; sleep 1000", 200ms);
    CHECK(printed.failure == "it did not end in time");
    CHECK(Clock::now() - began < 30s);
    const auto child = static_cast<pid_t>(std::stol(printed.output));
    ProcStat stat;
    CHECK((!read_stat(child, stat) || stat.state == 'Z'));
}

TEST_CASE("A command is killed when its caller stops.", "[command]") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[1]);
    CHECK(shell("sleep 1000", 60s, ends[0]).failure == "the run has ended");
    ::close(ends[0]);
}

TEST_CASE("A command whose child keeps the pipe open ends with its own exit.", "[command]") {
    const auto printed = shell("echo key; sleep 1000 &");
    CHECK(printed.output == "key\n");
    CHECK_FALSE(printed.failure);
}

TEST_CASE(
    "A command that floods its output is killed, and the end of its errors is kept.", "[command]"
) {
    CHECK(shell("cat /dev/zero").failure == "it prints more than a key");
    const auto printed = shell("head -c 100000 /dev/zero >&2; echo end >&2; exit 1");
    CHECK(printed.failure == "exit status 1");
    CHECK(printed.errors.size() == 2048);
    CHECK(printed.errors.ends_with("end\n"));
}
