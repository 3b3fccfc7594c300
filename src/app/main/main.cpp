// Parses the command line and calls the command. Before any thread exists it disables core files
// and fills closed standard streams.
#include "app/command_line.hpp"
#include "json/text.hpp"

#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace skein::app;

// Prevents core files and debuggers, because both would expose API keys and foreign texts.
// RLIMIT_CORE alone is not enough: the kernel ignores it if cores are piped to a program, so the
// process is made non-dumpable as well.
class PrivateMemory {
public:
    PrivateMemory() {
        getrlimit(RLIMIT_CORE, &cores_);
        const rlimit none{0, cores_.rlim_max};
        setrlimit(RLIMIT_CORE, &none);
        dumpable_ = prctl(PR_GET_DUMPABLE);
        prctl(PR_SET_DUMPABLE, 0);
    }

    void give_up() const {
        setrlimit(RLIMIT_CORE, &cores_);
        prctl(PR_SET_DUMPABLE, dumpable_);
    }

private:
    rlimit cores_{};
    int dumpable_ = 0;
};

// Opens /dev/null for each closed standard stream, or a socket or the journal would get its number.
// It is opened in the wrong direction, so that a use of the stream fails at once.
void fill_closed_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) != -1) continue;
        const int wrong_way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        [[maybe_unused]] const int opened =
            open("/dev/null", wrong_way);  // Takes the lowest free number.
    }
}

}  // namespace

int main(int argc, char** argv) {
    const PrivateMemory memory;
    fill_closed_streams();
    try {
        CommandLine line;
        if (const auto status = line.parse(argc, argv)) return *status;
        // Known only after parsing; until here the memory is private.
        if (line.allows_core()) memory.give_up();
        return line.command().call(line.command());
    } catch (const std::exception& error) {
        const auto what = skein::json::printable(error.what());
        std::fprintf(stderr, "skein: internal failure: %s\n", what.c_str());
        return local_failure;
    }
}
