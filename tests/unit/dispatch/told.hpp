// A dispatcher under test: it takes events, and its commands are collected by kind.
#pragma once
#include "dispatch/dispatcher.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skein::test {

struct Told {
    Told(
        Dispatcher::Settings settings,
        const std::vector<EndpointSettings>& endpoints,
        const Desk::Settings& desk = {.in_flight = 8}
    )
        : dispatcher{Desk{endpoints, desk}, settings} {}

    void tell(TimePoint now, Dispatcher::Event event) {
        Dispatcher::Commands commands;
        dispatcher.on(now, std::move(event), commands);
        for (auto& command : commands) {
            if (auto* s = std::get_if<Dispatcher::StartAttempt>(&command))
                started.push_back(s->attempt);
            if (auto* s = std::get_if<Dispatcher::StopAttempt>(&command)) stopped.push_back(s->id);
            if (auto* h = std::get_if<Dispatcher::HandOn>(&command)) handed_on.push_back(h->id);
            if (auto* d = std::get_if<Dispatcher::Deliver>(&command))
                delivered.push_back({d->seq, std::move(*d->reply)});
            if (auto* s = std::get_if<Dispatcher::Say>(&command)) said.push_back(s->text);
            if (std::holds_alternative<Dispatcher::CallWorkers>(command)) ++calls;
        }
    }
    void submit(TimePoint now, Sequence seq, std::optional<Duration> deadline = {}) {
        auto request = std::make_shared<Prepared>();
        request->deadline = deadline;
        tell(now, Dispatcher::Submitted{seq, request});
    }
    void finish(TimePoint now, AttemptId id, Outcome outcome, const Trail& trail) {
        tell(now, Dispatcher::AttemptDone{id, AttemptResult{std::move(outcome), trail}});
    }
    const Fault& last_fault() const { return std::get<Fault>(delivered.back().reply.outcome); }

    Dispatcher dispatcher;
    std::vector<Attempt> started;
    std::vector<AttemptId> stopped;
    std::vector<AttemptId> handed_on;
    struct Delivered {
        Sequence seq;
        Reply reply;
    };
    std::vector<Delivered> delivered;
    std::vector<std::string> said;
    int calls = 0;  // Of the workers.
};

}  // namespace skein::test
