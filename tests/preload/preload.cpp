// Loaded before everything else into a program under test (LD_PRELOAD): a name server, a wall clock
// and a fate that do what a folder, `SKEIN_PRELOAD`, says at the moment when they are asked.
//
//   names   lines `[TIMES] HOST [after SECONDS] ANSWER`. The answer is an address, `never`, `again`
//           (EAI_AGAIN) or `none` (EAI_NONAME). The first line of a host counts; one with TIMES
//           does so only for the first questions. Hosts without a line are the system's.
//   clock   by how many seconds the wall clock is wrong
//   fate    `CALL TIMES SIGNAL`: this call, when it comes for that time, finds the process under
//           that signal, by number. Calls are those at the end of this file.
//   writes  `badly`: of two writes of more than a few bytes, one is interrupted, one half done
//   sync    MILLISECONDS that each fdatasync takes longer
//
// What was asked is added to `asked`: the host, `clock` and by how much it was wrong, or `sync`
// when one begins.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <mutex>
#include <netdb.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace {

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string path_of(const char* file) {
    const char* folder = std::getenv("SKEIN_PRELOAD");
    return folder ? std::string{folder} + "/" + file : std::string{};
}

void note(const std::string& line) {
    const int fd =
        ::open(path_of("asked").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return;
    [[maybe_unused]] const auto written = ::write(fd, line.data(), line.size());
    ::close(fd);
}

int times_asked(const std::string& what) {
    static std::mutex mutex;
    static auto& counts = *new std::map<std::string, int>;  // A look-up may outlive `main`.
    const std::lock_guard lock{mutex};
    return ++counts[what];
}

// `answer`, and how long it takes; empty for a host that is not ours.
std::string rule_for(const std::string& host, unsigned& seconds) {
    const int question = times_asked(host);
    std::ifstream names{path_of("names")};
    for (std::string line; std::getline(names, line);) {
        std::istringstream words{line};
        int times = 0;
        if (!(words >> times)) words.clear();
        std::string name, answer;
        words >> name >> answer;
        if (name != host || (times > 0 && question > times)) continue;
        if (answer == "after") words >> seconds >> answer;
        return answer;
    }
    return {};
}

long clock_error() {
    const int fd = ::open(path_of("clock").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    char text[32] = {};
    const auto count = ::read(fd, text, sizeof text - 1);
    ::close(fd);
    return count > 0 ? std::strtol(text, nullptr, 10) : 0;
}

bool writes_badly() {
    std::ifstream writes{path_of("writes")};
    std::string how;
    return writes >> how && how == "badly";
}

// A slow disk.
void take_longer() {
    std::ifstream sync{path_of("sync")};
    unsigned milliseconds = 0;
    if (!(sync >> milliseconds) || milliseconds == 0) return;
    note("sync\n");
    ::usleep(milliseconds * 1000);
}

// A signal to the process, as from outside: whichever thread takes it.
void meet_fate(const char* call) {
    std::ifstream fate{path_of("fate")};
    std::string name;
    int times = 0;
    int signal = 0;
    if (!(fate >> name >> times >> signal) || name != call || times_asked(name) != times) return;
    note(name + "\n");
    ::kill(::getpid(), signal);
}

}  // namespace

extern "C" int getaddrinfo(
    const char* host, const char* service, const addrinfo* hints, addrinfo** found
) {
    const auto system = next<decltype(getaddrinfo)>("getaddrinfo");
    unsigned seconds = 0;
    const auto answer = host ? rule_for(host, seconds) : std::string{};
    if (answer.empty()) return system(host, service, hints, found);
    note(std::string{host} + "\n");
    if (answer == "never") {
        for (;;) ::pause();
    }
    ::sleep(seconds);
    if (answer == "again") return EAI_AGAIN;
    if (answer == "none") return EAI_NONAME;
    return system(answer.c_str(), service, hints, found);
}

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    static const auto system = next<int(clockid_t, timespec*)>("clock_gettime");
    const int result = system(clock, time);
    if (clock != CLOCK_REALTIME || result != 0) return result;
    if (const long error = clock_error(); error != 0) {
        time->tv_sec += error;
        note("clock " + std::to_string(error) + "\n");
    }
    return result;
}

extern "C" int flock(int fd, int operation) noexcept {
    meet_fate("flock");
    return next<int(int, int)>("flock")(fd, operation);
}

extern "C" ssize_t pread(int fd, void* room, std::size_t size, off_t offset) {
    meet_fate("pread");
    return next<ssize_t(int, void*, std::size_t, off_t)>("pread")(fd, room, size, offset);
}

extern "C" int fdatasync(int fd) {
    meet_fate("fdatasync");
    take_longer();
    return next<int(int)>("fdatasync")(fd);
}

extern "C" int fsync(int fd) {
    meet_fate("fsync");
    return next<int(int)>("fsync")(fd);
}

extern "C" int rename(const char* from, const char* to) noexcept {
    meet_fate("rename");
    return next<int(const char*, const char*)>("rename")(from, to);
}

extern "C" ssize_t write(int fd, const void* data, std::size_t size) {
    static const auto system = next<ssize_t(int, const void*, std::size_t)>("write");
    constexpr std::size_t a_few = 64;  // What wakes a thread is written whole.
    if (size <= a_few || !writes_badly()) return system(fd, data, size);
    if (times_asked("write") % 2 == 0) return system(fd, data, size / 2);
    note("write\n");
    errno = EINTR;
    return -1;
}
