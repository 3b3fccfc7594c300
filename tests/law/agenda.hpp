// Virtual time for a dispatcher: its future events in order of time.
#pragma once
#include "dispatch/dispatcher.hpp"

#include <map>
#include <utility>

namespace skein::law {

using Agenda = std::multimap<TimePoint, Dispatcher::Event>;

// Jumps to the next event of the agenda or to `wake_at` of the dispatcher, and calls `tell` with
// it. False if no event will ever come.
template <class Tell>
bool advance(const Dispatcher& dispatcher, Agenda& agenda, TimePoint& now, Tell tell) {
    const auto wake = dispatcher.wake_at(now);
    if (agenda.empty() && wake == never) return false;
    if (agenda.empty() || wake < agenda.begin()->first) {
        now = wake;
        tell(Dispatcher::TimePassed{});
    } else {
        auto first = agenda.extract(agenda.begin());
        now = first.key();
        tell(std::move(first.mapped()));
    }
    return true;
}

}  // namespace skein::law
