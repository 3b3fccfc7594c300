// Simulated time for a dispatcher: what will happen to it, and when.
#pragma once
#include "dispatch/dispatcher.hpp"

#include <map>
#include <utility>

namespace skein::law {

using Agenda = std::multimap<TimePoint, Dispatcher::Event>;

// Time jumps to what comes next, on the agenda or by the dispatcher's own appointment, and `tell`
// is called with it. False if nothing will ever come.
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
