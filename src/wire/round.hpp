// What the multis and transfers of one pool share: the time of this round of work, and what the
// round has brought.
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
    std::vector<Multi*> at_once;  // Have work that must not wait; each is listed once.
    std::vector<Transfer*> done;  // libcurl is through with them, and has let go of them.
    bool inside_libcurl = false;  // Nobody may call libcurl now.
};

}  // namespace skein::wire
