#pragma once
#include "local/lifecycle/endpoint_activity.hpp"
#include "local/lifecycle/restarts.hpp"
#include "model/availability.hpp"

#include <skein/log.hpp>
#include <skein/time.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace skein::local {

struct LifeSettings {
    std::string name = "local-0";  // For messages.
    // False: a foreign server, which is probed but never started or killed.
    bool is_ours = true;
    Duration startup = std::chrono::minutes{10};
    Duration first_look =
        std::chrono::milliseconds{10};               // First pause between probes while loading;
    Duration last_look = std::chrono::seconds{1};    // doubled each time, up to this.
    Duration liveness = std::chrono::seconds{5};     // Pause between probes while serving.
    int misses = 3;                                  // Missed probes in a row until it is killed.
    Duration progress = std::chrono::seconds{60};    // Stall timeout; zero: not watched.
    Duration drain = std::chrono::seconds{30};       // For requests in flight at a recycling.
    Duration second_term = std::chrono::seconds{2};  // From the first SIGTERM to the second.
    Duration kill = std::chrono::seconds{5};         // From the second SIGTERM to SIGKILL.
    RestartSettings restarts{};
    std::uint64_t seed = 0;
};

// The finite state machine of one worker: events come in, commands go out. A pure value that never
// waits and reads no clock.
//
//     asleep ──Wake──> loading ──healthy──> warming ──a completion──> serving ──Due──> draining
//                      ^     │ too late, exit │         dead, stuck, CUDA error │  nothing left │
//                      │     └────────────────┴──> ending <─────────────────────┴───────────────┘
//                      │                             │
//                      ├──────────Exited, was Due────┤
//                      └── resting <──Exited─────────┴──Exited too often──> given up
//
// A living worker is probed regularly: is it healthy, and do its requests make progress? Any exit
// is a failure, even with status 0. A worker is killed if it does not answer or after a CUDA error.
// A worker that loads slowly is killed only after the startup timeout. It is given up after five
// starts in five minutes. If it runs out of memory before it was ever ready, it is started once
// more with less memory and then given up.
class WorkerFsm {
public:
    enum class Look : std::uint8_t { health, completion };
    enum class Answer : std::uint8_t {
        well,
        loading,  // The worker says that it is loading, or does not listen yet.
        silent,   // The worker does not answer, or not as expected.
    };

    struct Wake {};
    struct Exited {
        std::string how;  // `exit status 1`, and the last log lines.
        bool out_of_memory = false;
    };  // The process and all its descendants are gone.
    struct Looked {
        std::uint64_t look = 0;
        Answer answer = Answer::silent;
        std::string why{};       // The reason if the worker is not well.
        std::string progress{};  // Its progress counters as text; any change is progress.
        EndpointActivity::Reading activity{};  // The counters at this moment.
    };
    struct Suspected {
        bool has_cuda_error = false;
        std::string why{};
    };              // Sent by the backend whose request broke off, or for a log line.
    struct Due {};  // The process is to be replaced by a fresh one.
    struct TimePassed {
        EndpointActivity::Reading activity{};
    };
    struct Stop {};
    using Event = std::variant<Wake, Exited, Looked, Suspected, Due, TimePassed, Stop>;

    struct Start {
        int smaller = 0;  // Number of steps to less memory.
    };
    struct LookAt {
        std::uint64_t look;
        Look what;
    };  // Must be answered by a Looked, which is ignored after the next LookAt.
    struct Terminate {};
    struct Kill {};
    struct Tell {
        Availability availability;
        std::string why{};
    };
    struct Say {
        LogLevel level;
        std::string text;
    };
    using Command = std::variant<Start, LookAt, Terminate, Kill, Tell, Say>;
    using Commands = std::vector<Command>;

    explicit WorkerFsm(LifeSettings settings);

    void on(TimePoint now, Event event, Commands& out);

    // The time at which `on(TimePassed)` is due.
    TimePoint wake_at() const;

    // True if the worker was stopped and its process is gone.
    bool is_over() const { return is_stopped_ && !lives(); }
    bool is_serving() const { return state_ == State::serving; }
    // True if loading is over: the worker became ready, failed or was given up.
    bool has_come_out_of_loading() const {
        return state_ != State::asleep && state_ != State::loading && state_ != State::warming;
    }
    bool is_given_up() const { return state_ == State::given_up; }
    std::uint64_t starts() const { return restarts_.starts(); }

private:
    enum class State : std::uint8_t {
        asleep,
        resting,
        loading,
        warming,
        serving,
        draining,
        ending,
        given_up
    };

    void handle(TimePoint now, Wake&, Commands& out);
    void handle(TimePoint now, Exited& e, Commands& out);
    void handle(TimePoint now, Looked& e, Commands& out);
    void handle(TimePoint now, Suspected& e, Commands& out);
    void handle(TimePoint now, Due&, Commands& out);
    void handle(TimePoint now, TimePassed& e, Commands& out);
    void handle(TimePoint now, Stop&, Commands& out);

    void start(TimePoint now, Commands& out);
    void look(Look what, Commands& out);
    void looked_while_loading(TimePoint now, const Looked& e, Commands& out);
    void looked_while_serving(TimePoint now, const Looked& e, Commands& out);
    bool is_stuck(TimePoint now, const Looked& e);
    void serve(TimePoint now, Commands& out);
    void terminate(TimePoint now, Commands& out);
    void fail(TimePoint now, std::string why, Commands& out);
    void start_smaller_or_give_up(TimePoint now, const std::string& how, Commands& out);
    void rest_or_give_up(TimePoint now, const std::string& how, Commands& out);
    void give_up(std::string why, Commands& out);
    void tell(Availability availability, std::string why, Commands& out);
    void say(LogLevel level, std::string text, Commands& out);
    bool lives() const { return process_lives_; }

    LifeSettings settings_;
    Restarts restarts_;
    State state_ = State::asleep;
    bool is_awake_ = false;  // A Wake has come.
    bool is_stopped_ = false;
    bool process_lives_ = false;
    bool is_told_there_ = false;
    bool is_replaced_ = false;  // A planned replacement: the next process starts at once.
    int smaller_ = 0;
    std::string end_reason_{};  // The reason for which skein killed the process.
    TimePoint since_{};         // Start of the process, or loss of a foreign server.
    bool was_ever_ready_ = false;
    TimePoint next_ = never;      // The next step of the present state.
    TimePoint too_late_ = never;  // Deadline of the present state.
    int terms_ = 0;               // SIGTERMs sent.

    // State of the probes.
    std::uint64_t look_ = 0;
    bool is_looking_ = false;
    bool is_suspected_ = false;  // The present probe was caused by a suspicion.
    Duration pause_{};
    int missed_ = 0;
    std::string last_why_{};
    TimePoint looked_at_{};
    bool was_busy_ = false;  // Requests were in flight at the last probe.
    Duration still_{};       // Time with requests in flight and without progress.
    std::uint64_t signs_ = 0;
    std::string progress_{};
};

}  // namespace skein::local
