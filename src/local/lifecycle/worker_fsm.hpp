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

namespace skein::worker {

struct LifeSettings {
    std::string name = "local-0";  // In messages.
    // False: it runs by itself, and is looked at only.
    bool is_ours = true;
    Duration startup = std::chrono::minutes{10};
    Duration first_look =
        std::chrono::milliseconds{10};               // Between looks while it loads; then twice
    Duration last_look = std::chrono::seconds{1};    // as long each time, up to this.
    Duration liveness = std::chrono::seconds{5};     // Between looks while it serves.
    int misses = 3;                                  // In a row, and it is killed.
    Duration progress = std::chrono::seconds{60};    // Zero: not looked at.
    Duration drain = std::chrono::seconds{30};       // For what is in flight at a recycling.
    Duration second_term = std::chrono::seconds{2};  // After the first SIGTERM.
    Duration kill = std::chrono::seconds{5};         // After the second.
    RestartSettings restarts{};
    std::uint64_t seed = 0;
};

// The life of one worker as one value: events come in, commands go out, nothing waits here.
//
//     asleep ──Wake──> loading ──healthy──> warming ──a completion──> serving ──Due──> draining
//                      ^     │ too late, exit │         dead, stuck, CUDA error │  nothing left │
//                      │     └────────────────┴──> ending <─────────────────────┴───────────────┘
//                      │                             │
//                      ├──────────Exited, was Due────┤
//                      └── resting <──Exited─────────┴──Exited too often──> given up
//
// A worker is looked at as long as it lives: is it healthy, and does it get anywhere with what it
// is at? Any exit is a failure, also with status 0. It is killed when it does not answer, and when
// it has had a CUDA error; not because it is slow to load. Five starts in five minutes, and it is
// given up. Out of memory while it loads: once more with less, then it is given up.
class WorkerFsm {
public:
    enum class Look : std::uint8_t { health, completion };
    enum class Answer : std::uint8_t {
        well,
        loading,  // It is alive and says so, or does not listen yet.
        silent,   // It does not answer, or not as it should.
    };

    struct Wake {};
    struct Exited {
        std::string how;  // `exit status 1`, and the last it said.
        bool out_of_memory = false;
    };  // It, and all that it had started.
    struct Looked {
        std::uint64_t look = 0;
        Answer answer = Answer::silent;
        std::string why{};       // If it is not well.
        std::string progress{};  // What it says of how far it has come; any change is progress.
        EndpointActivity::Reading activity{};  // Of now.
    };
    struct Suspected {
        bool has_cuda_error = false;
        std::string why{};
    };              // By whoever sent it requests.
    struct Due {};  // To be replaced by a fresh one.
    struct TimePassed {
        EndpointActivity::Reading activity{};
    };
    struct Stop {};
    using Event = std::variant<Wake, Exited, Looked, Suspected, Due, TimePassed, Stop>;

    struct Start {
        int smaller = 0;  // Steps by which it is to need less memory.
    };
    struct LookAt {
        std::uint64_t look;
        Look what;
    };  // Its Looked must come; after the next LookAt it is ignored.
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

    // When `on(TimePassed)` is due.
    TimePoint wake_at() const;

    // It was stopped, and nothing of it is left.
    bool is_over() const { return is_stopped_ && !lives(); }
    bool is_serving() const { return state_ == State::serving; }
    // Is it neither on its way to be ready for the first time, nor asleep?
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
    bool is_awake_ = false;  // It was woken once.
    bool is_stopped_ = false;
    bool process_lives_ = false;
    bool is_told_there_ = false;
    bool is_replaced_ = false;  // Its end is wanted: it is started again at once.
    int smaller_ = 0;
    std::string end_reason_{};  // Why we ended it.
    TimePoint since_{};         // When the process was started, or has gone away.
    bool was_ever_ready_ = false;
    TimePoint next_ = never;      // When the state wants something next,
    TimePoint too_late_ = never;  // and when it has taken too long.
    int terms_ = 0;               // SIGTERMs sent.

    // Of the looks.
    std::uint64_t look_ = 0;
    bool is_looking_ = false;
    bool is_suspected_ = false;  // That is why.
    Duration pause_{};
    int missed_ = 0;
    std::string last_why_{};
    TimePoint looked_at_{};
    bool was_busy_ = false;  // Something was in flight then.
    Duration still_{};       // How long something was in flight without a sign since the last.
    std::uint64_t signs_ = 0;
    std::string progress_{};
};

}  // namespace skein::worker
