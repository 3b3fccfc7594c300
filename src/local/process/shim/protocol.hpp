// What skein and a keeper say to each other: a packet each, over a pair of sockets. For the keeper
// too, so there is nothing here but libc.
//
// skein says `terminate`, and that is all it can say: when it closes its end, or dies, or shuts
// down its direction, everything below the keeper is killed. That cannot fail, nor be said twice.
#pragma once
#include <cstdint>

namespace skein::local::keeper {

// Where a keeper finds its end, and what the engine is to write to. Its standard streams are
// /dev/null. Its arguments: its name, the working folder or nothing, the engine's arguments.
inline constexpr int control = 3;
inline constexpr int log = 4;

inline constexpr char terminate = 'T';  // SIGTERM to the engine's process group.

struct Report {
    enum class What : std::int32_t {
        started,     // `pid` and `start` of the engine.
        no_process,  // `value` is an errno; the last report.
        no_folder,   // The same.
        no_program,  // The same.
        over,        // `value` is what `wait` said of the engine. Nothing lives any more.
    };
    What what = What::over;
    std::int32_t value = 0;
    std::int32_t pid = 0;
    std::uint64_t start = 0;
};

}  // namespace skein::local::keeper
