// Starts the shim (keeper) with posix_spawn: standard streams on /dev/null, a control socket and a
// log pipe at fixed descriptors.
//
// Invariant: the child inherits no other descriptor of ours, because all of them are close-on-exec.
// Blocks for about a millisecond. Must run on a thread that outlives the child.
#include "local/process/spawn.hpp"

#include "local/process/as_c.hpp"
#include "local/process/shim/protocol.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace skein::local {
namespace {

std::vector<std::string> arguments_for(const Command& command) {
    std::vector<std::string> arguments{"skein-keeper", command.folder};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    return arguments;
}

// The open files of the child: the standard streams, and the two descriptors of the protocol.
class Files {
public:
    Files(int control, int log) {
        posix_spawn_file_actions_init(&actions_);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            posix_spawn_file_actions_addopen(&actions_, stream, "/dev/null", O_RDWR, 0);
        }
        // dup2 clears close-on-exec, so that these two descriptors reach the child.
        posix_spawn_file_actions_adddup2(&actions_, control, keeper::control);
        posix_spawn_file_actions_adddup2(&actions_, log, keeper::log);
    }
    ~Files() { posix_spawn_file_actions_destroy(&actions_); }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

// The child gets its own session, so that our terminal sends it no signals and its processes can be
// found by the session id.
class Session {
public:
    Session() {
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID);
    }
    ~Session() { posix_spawnattr_destroy(&attributes_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

// A pair of descriptors: ours and the child's.
struct Pair {
    Descriptor ours;
    Descriptor theirs;
};

Pair pair_of(const int (&ends)[2]) {
    return {out_of_the_way(Descriptor{ends[0]}), out_of_the_way(Descriptor{ends[1]})};
}

Pair socket_pair() {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {};
    return pair_of(ends);
}

// Our end is non-blocking. The other end blocks, as programs expect.
Pair log_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    auto pair = pair_of(ends);
    if (pair.ours.is_open()) ::fcntl(pair.ours.number(), F_SETFL, O_NONBLOCK);
    return pair;
}

// Returns 0 or an errno.
int start(const KeeperProgram& program, const Command& command, const Files& files, pid_t& pid) {
    const Session session;
    const auto arguments = arguments_for(command);
    return ::posix_spawn(
        &pid,
        program.path().c_str(),
        files.get(),
        session.get(),
        as_c(arguments).data(),
        as_c(command.environment).data()
    );
}

bool is_forbidden(int error) { return error == EACCES || error == EPERM || error == ENOENT; }

}  // namespace

Descriptor out_of_the_way(Descriptor descriptor) {
    constexpr int low = 16;
    if (!descriptor.is_open() || descriptor.number() >= low) return descriptor;
    return Descriptor{::fcntl(descriptor.number(), F_DUPFD_CLOEXEC, low)};
}

Spawned spawn(KeeperProgram& program, const Command& command) {
    auto control = socket_pair();
    auto log = control.theirs.is_open() ? log_pipe() : Pair{};
    Spawned spawned;
    if (!control.ours.is_open() || !log.ours.is_open() || !log.theirs.is_open()) {
        spawned.error = errno;
        return spawned;
    }
    const Files files{control.theirs.number(), log.theirs.number()};
    pid_t pid = 0;
    spawned.error = program.error() != 0 ? program.error() : start(program, command, files, pid);
    // Some systems forbid to execute memory files; the shim is then run from a file.
    if (is_forbidden(spawned.error) && program.move_to_file()) {
        spawned.error = start(program, command, files, pid);
    }
    if (spawned.error != 0) return spawned;
    ProcStat stat;
    read_stat(pid, stat);  // Cannot fail for a missing process: a child exists until it is reaped.
    spawned.identity = stat.identity;
    spawned.process = Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    if (!spawned.process.is_open()) spawned.error = errno;
    spawned.control = std::move(control.ours);
    spawned.log = std::move(log.ours);
    // Without a pidfd (too many open files) the child is given up: it ends when its socket is
    // closed.
    if (spawned.error != 0) {
        spawned.control = Descriptor{};
        ::waitpid(pid, nullptr, 0);
    }
    return spawned;
}

}  // namespace skein::local
