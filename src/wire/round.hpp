// Shared by the multis and transfers of one pool: the time of the present round, the timers, and
// the results of the round.
#pragma once
#include "wire/timers.hpp"

#include <skein/time.hpp>

#include <vector>

namespace skein::wire {

class Multi;
class Transfer;

struct Round {
    TimePoint now{};
    Timers timers;
    std::vector<Multi*> at_once;  // Multis with work that must not wait; each is listed once.
    std::vector<Transfer*> done;  // Ended transfers, already removed from their multi.
    bool inside_libcurl = false;  // libcurl must not be called now (no reentrancy).
};

}  // namespace skein::wire
