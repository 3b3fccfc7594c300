#include "local/process/run_folder.hpp"

#include "local/process/run_records.hpp"
#include "local/process/sweep.hpp"
#include "process_bench.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <fstream>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace skein::local;
namespace fs = std::filesystem;

namespace {

// A sleeping process in its own process group, like an engine that a dead run has left behind.
class Leftover {
public:
    Leftover() {
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        char program[] = "/bin/sleep";
        char time[] = "1000";
        char* arguments[] = {program, time, nullptr};
        pid_t pid = 0;
        REQUIRE(::posix_spawn(&pid, program, nullptr, &attributes, arguments, environ) == 0);
        posix_spawnattr_destroy(&attributes);
        identity_ = identity_of(pid);
    }
    ~Leftover() {
        ::kill(identity_.pid, SIGKILL);
        ::waitpid(identity_.pid, nullptr, 0);
    }
    Leftover(const Leftover&) = delete;
    Leftover& operator=(const Leftover&) = delete;

    const Identity& identity() const { return identity_; }

private:
    Identity identity_;
};

// The identity of a process that has ended.
Identity somebody_dead() { return Leftover{}.identity(); }

// The folder of a run whose owner has died.
struct Remains {
    TempFolder runs;
    std::string folder;

    explicit Remains(const Owner& owner)
        : folder{runs.path() + "/" + pool_name(owner.process.pid, 0)} {
        fs::create_directory(folder);
        std::ofstream{owner_file(folder)} << owner.process.pid << ' ' << owner.process.start << '\n'
                                          << owner.boot << '\n';
        std::ofstream{folder + "/main-0.sock"};
    }
    void worker(const Identity& engine) const {
        write_worker(folder, "main-0", {somebody_dead(), engine});
    }
    bool are_there() const { return fs::exists(folder); }
};

Owner dead_owner() { return {somebody_dead(), this_process().boot}; }

void set_variable(const char* name, const char* value) {
    value ? ::setenv(name, value, 1) : ::unsetenv(name);
}

// Sets an environment variable for one test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_{name} {
        if (const char* before = std::getenv(name)) before_ = before;
        set_variable(name, value);
    }
    ~Variable() { set_variable(name_, before_ ? before_->c_str() : nullptr); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

bool refused(const auto& result, const std::string& because) {
    INFO((result.has_error() ? result.error().what : "not refused"));
    CHECK(result.has_error());
    return result.has_error() && result.error().what.find(because) != std::string::npos;
}

}  // namespace

TEST_CASE("The folder of a pool has mode 0700 and is removed with the pool.", "[local]") {
    TempFolder runs;
    std::string path;
    {
        auto first = RunFolder::make(runs.path());
        auto second = RunFolder::make(runs.path());
        REQUIRE(first.has_value());
        REQUIRE(second.has_value());
        path = first->path();
        CHECK(path == runs.path() + "/pool-" + std::to_string(::getpid()) + "-0");
        CHECK(second->path() == runs.path() + "/pool-" + std::to_string(::getpid()) + "-1");
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0700);
        CHECK((read_owner(path) == this_process()));
        std::ofstream{path + "/main-0.sock"};
        CHECK(sweep(runs.path()).folders == 0);
        CHECK(fs::exists(path));
    }
    CHECK(fs::is_empty(runs.path()));
}

TEST_CASE("The processes of a worker are recorded in the folder while it lives.", "[local]") {
    TempFolder runs;
    auto folder = RunFolder::make(runs.path());
    REQUIRE(folder.has_value());
    folder->write_down("main-0", {11, 12}, {13, 14});
    folder->write_down("main-1", {21, 22}, {23, 24});
    folder->strike_out("main-0");
    const auto workers = read_workers(folder->path());
    REQUIRE(workers.size() == 1);
    CHECK((workers[0].keeper == Identity{21, 22}));
    CHECK((workers[0].engine == Identity{23, 24}));
}

TEST_CASE(
    "An orphaned worker of a dead run is killed, and its folder is removed.", "[local][G16]"
) {
    const Leftover engine;
    const Remains remains{dead_owner()};
    remains.worker(engine.identity());
    const auto swept = sweep(remains.runs.path());
    CHECK(swept.folders == 1);
    CHECK(swept.workers == 1);
    CHECK_FALSE(lives(engine.identity()));
    CHECK_FALSE(remains.are_there());
}

TEST_CASE("A process that has only the pid of a dead worker is left alone.", "[local][G16]") {
    const Leftover stranger;
    const Remains remains{dead_owner()};
    remains.worker({stranger.identity().pid, stranger.identity().start - 1});
    const auto swept = sweep(remains.runs.path());
    CHECK(swept.folders == 1);
    CHECK(swept.workers == 0);
    CHECK(lives(stranger.identity()));
    CHECK_FALSE(remains.are_there());
}

TEST_CASE("No process is killed by records of an earlier boot.", "[local][G16]") {
    const Leftover stranger;
    const Remains remains{{this_process().process, "another-boot"}};
    remains.worker(stranger.identity());
    CHECK(sweep(remains.runs.path()).folders == 1);
    CHECK(lives(stranger.identity()));
}

TEST_CASE("An owner whose pid belongs to another process is dead.", "[local][G16]") {
    auto owner = this_process();
    ++owner.process.start;
    const Remains remains{owner};
    CHECK(sweep(remains.runs.path()).folders == 1);
}

TEST_CASE("A living run is left alone, even in another container.", "[local][G16]") {
    const Leftover engine;
    const Remains here{this_process()};
    here.worker(engine.identity());
    CHECK(sweep(here.runs.path()).folders == 0);

    const Remains elsewhere{dead_owner()};  // Its owner only seems dead from here.
    elsewhere.worker(engine.identity());
    Descriptor lock{::open(owner_file(elsewhere.folder).c_str(), O_RDWR | O_CLOEXEC)};
    REQUIRE(::flock(lock.number(), LOCK_EX | LOCK_NB) == 0);
    CHECK(sweep(elsewhere.runs.path()).folders == 0);
    CHECK(lives(engine.identity()));
    lock = Descriptor{};
    CHECK(sweep(elsewhere.runs.path()).folders == 1);
    CHECK_FALSE(lives(engine.identity()));
}

TEST_CASE(
    "A folder without an owner file belongs to the process whose pid is in its name.",
    "[local][G16]"
) {
    TempFolder runs;
    const auto living = runs.path() + "/" + pool_name(::getpid(), 0);
    const auto dead = runs.path() + "/" + pool_name(somebody_dead().pid, 0);
    for (const auto& folder : {living, dead}) fs::create_directory(folder);
    CHECK(sweep(runs.path()).folders == 1);
    CHECK(fs::exists(living));
    CHECK_FALSE(fs::exists(dead));
}

TEST_CASE("A folder that belongs to no pool is left alone.", "[local]") {
    TempFolder runs;
    TempFolder other;
    std::ofstream{other.path() + "/precious"};
    fs::create_directory(runs.path() + "/pool-x");
    fs::create_directory(runs.path() + "/something");
    fs::create_directory_symlink(
        other.path(), runs.path() + "/" + pool_name(somebody_dead().pid, 0)
    );
    CHECK(sweep(runs.path()).folders == 0);
    CHECK(fs::exists(other.path() + "/precious"));
    CHECK(sweep(runs.path() + "/nowhere").folders == 0);
}

TEST_CASE("Malformed records kill no process.", "[local][G16]") {
    const Remains remains{dead_owner()};
    for (const char* text : {"", "1 2\n", "1 2\n-1 0\n", "1 2\n1 0\n", "1 2\n0 0\n", "x\ny\n"}) {
        std::ofstream{remains.folder + "/worker-main-0"} << text;
        CHECK(read_workers(remains.folder).empty());
    }
}

TEST_CASE("A folder that other users could change is refused with the reason.", "[local]") {
    TempFolder place;
    const auto path = place.path() + "/skein";
    CHECK(private_folder(path).has_value());
    CHECK(private_folder(path).has_value());  // The folder exists already.

    fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
    CHECK(refused(private_folder(path), "is open to other users"));
    fs::remove(path);
    TempFolder target;
    fs::create_directory_symlink(target.path(), path);
    CHECK(refused(private_folder(path), path + " is a symbolic link, which is refused; remove it"));
    fs::remove(path);
    std::ofstream{path};
    CHECK(refused(private_folder(path), "is not a folder"));
    CHECK(refused(private_folder("/no/such/skein"), "cannot make the folder /no/such/skein"));
    if (::geteuid() == 0) {
        fs::remove(path);
        fs::create_directory(path);
        fs::permissions(path, fs::perms::owner_all);
        REQUIRE(::chown(path.c_str(), 12345, 0) == 0);
        CHECK(refused(private_folder(path), "belongs to user 12345, not to you (user 0)"));
    }
}

TEST_CASE("Pools are below XDG_RUNTIME_DIR if it is private, else below /tmp.", "[local]") {
    TempFolder place;
    const auto in_tmp = "/tmp/skein-" + std::to_string(::geteuid());
    const bool was_there = fs::exists(in_tmp);
    {
        const Variable runtime{"XDG_RUNTIME_DIR", place.path().c_str()};
        CHECK(runs_folder().value() == place.path() + "/skein");
        fs::permissions(place.path(), fs::perms::others_read, fs::perm_options::add);
        CHECK(runs_folder().value() == in_tmp);
    }
    for (const char* unfit : {static_cast<const char*>(nullptr), "", "relative", "/no/such"}) {
        const Variable runtime{"XDG_RUNTIME_DIR", unfit};
        CHECK(runs_folder().value() == in_tmp);
    }
    if (!was_there) fs::remove(in_tmp);  // Removes the folder only if it is empty.
}

TEST_CASE("A socket path above the system's limit is refused.", "[local]") {
    TempFolder runs;
    auto folder = RunFolder::make(runs.path());
    REQUIRE(folder.has_value());
    const auto room = 107 - folder->path().size() - std::string{"/.sock"}.size();
    const auto max_length = folder->socket_path(std::string(room, 'a'));
    REQUIRE(max_length.has_value());
    CHECK(max_length->size() == 107);
    CHECK(refused(folder->socket_path(std::string(room + 1, 'a')), "107 bytes"));
}
