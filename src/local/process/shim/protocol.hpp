// The protocol between skein and a keeper: one packet for each message over a socket pair. Uses
// libc only, because the shim includes it as well.
//
// skein sends one kind of message, `terminate`. Everything below the keeper is killed when skein
// closes its end, shuts down its direction, or dies. This cannot fail and cannot happen twice.
#pragma once
#include <cstdint>

namespace skein::local::keeper {

// Fixed descriptors of a keeper: its end of the socket, and the pipe for the engine's output. Its
// standard streams are /dev/null. Its arguments: its name, the working folder or an empty text, and
// the engine's arguments.
inline constexpr int control = 3;
inline constexpr int log = 4;

inline constexpr char terminate = 'T';  // SIGTERM to the engine's process group.

struct Report {
    enum class What : std::int32_t {
        started,     // `pid` and `start` of the engine.
        no_process,  // `value` is an errno; the last report.
        no_folder,   // The same, if the working folder cannot be entered.
        no_program,  // The same, if the program cannot be executed.
        over,        // `value` is the wait status of the engine. All descendants are gone.
    };
    What what = What::over;
    std::int32_t value = 0;
    std::int32_t pid = 0;
    std::uint64_t start = 0;
};

}  // namespace skein::local::keeper
