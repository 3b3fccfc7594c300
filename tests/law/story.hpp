// The twin: a reference model of the dispatcher, written as one coroutine for each request. Read
// `Story::serve` first; it is the shortest description of what skein does with a request. The rest
// makes it wait.
//
// The twin shares the limits, the desk and `next_try` with the product, and nothing of the
// dispatcher. Both must agree on every event and its time, in any weather.
#pragma once
#include "law/run.hpp"

#include <coroutine>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <variant>

namespace skein::law {

// Virtual time: it stands still while there is work, and jumps to the next call when there is none.
class Timeline {
public:
    using Calls = std::multimap<TimePoint, std::function<void()>>;
    using Appointment = Calls::iterator;

    TimePoint now() const { return now_; }
    Appointment call_at(TimePoint when, std::function<void()> call) {
        return calls_.emplace(when, std::move(call));
    }
    void forget(Appointment appointment) { calls_.erase(appointment); }
    void resume_soon(std::coroutine_handle<> teller) { ready_.push_back(teller); }

    void run_ready();
    TimePoint next() const { return calls_.empty() ? never : calls_.begin()->first; }
    void jump_to(TimePoint when);  // Makes every call that is due at that time.

private:
    TimePoint now_ = dawn;
    Calls calls_;
    std::deque<std::coroutine_handle<>> ready_;
};

// A detached coroutine: it starts at once and destroys itself at its end.
struct Telling {
    struct promise_type {
        Telling get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

class Story {
public:
    explicit Story(const Scene& scene)
        : scene_{scene}, desk_{desk_of(scene)}, refusals_{scene.settings.same_refusals} {}

    Run tell();

private:
    // State of one request.
    struct Self {
        Sequence seq;
        RequestPtr request;
        TimePoint admitted;
        TimePoint clock = never;  // Start and end of its time limit.
        TimePoint deadline = never;
        std::optional<Fault> unfit{};  // Why no worker on this machine can serve it.
        EndpointSet cannot{};          // The endpoints that cannot serve it.
        EndpointSet left{};            // Those that it had to leave for another one.
        std::optional<FaultKind> stopped{};
        TimePoint stopped_at = never;
        std::function<void(FaultKind)> interrupt{};  // Ends its present wait.
    };
    using Leave = std::variant<Desk::Grant, Fault>;

    struct LineWait;
    struct AnswerWait;
    struct PauseWait;
    struct HeldWait;

    Telling serve(Self self);
    void start_clock(Self& self);
    void deliver(
        const Self& self,
        Outcome outcome,
        int attempts,
        int maybe,
        std::optional<EndpointIndex> last,
        TimePoint sent
    );
    void interrupt(Sequence seq, FaultKind why);
    void take(EndpointUpdate news);
    bool is_for_others(
        const Self& self, EndpointIndex endpoint, const Fault& fault, int sent_elsewhere
    ) const;
    bool goes_on(Self& self, EndpointIndex endpoint, const Fault& fault) const;
    bool is_refused(EndpointIndex endpoint, const Fault& fault) const;
    bool is_outage_since(TimePoint since) const;
    FaultKind why_of(FaultKind why, const Self& self) const;
    Fault judged(Fault fault) const;
    void release_held();
    void suspect(EndpointIndex endpoint);
    void interrupt_all(bool in_flight_too);
    void feed();
    void go_on();
    void serve_line();
    void send_home(FaultKind why);
    void send_home_what_nobody_can_serve();

    const Scene& scene_;
    Desk desk_;
    Timeline timeline_;
    Run run_;
    Sequence asked_ = 0;
    bool stopping_ = false;
    std::map<Sequence, Self*> alive_;
    std::map<Sequence, std::function<void(Leave)>> in_line_;
    std::set<Sequence> flying_;
    std::set<Sequence> pausing_;
    Refusals refusals_;
    std::map<Sequence, std::function<void()>> held_;
};

}  // namespace skein::law
