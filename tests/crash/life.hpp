// One run of the program on one thread in simulated time, with the shipped dispatcher, recorder,
// journal and output, from opening the files to its end or its crash.
#pragma once
#include "crash/books.hpp"
#include "job/journal/index.hpp"
#include "job/run/recorder.hpp"
#include "law/run.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace skein::crash {

// State that outlives a run of the program.
struct World {
    const Plan& plan;
    MemoryDisk disk{};
    Books books{plan};
    TimePoint now = law::dawn;
    std::set<Sequence> begun{};    // Rows that were sent at least once.
    std::set<Sequence> at_risk{};  // Rows of `begun` that the last end may have lost.
    std::uint64_t again = 0;       // Rows that were sent again after a loss.
};

enum class End { whole, stopped, failed, crashed };

class Life {
public:
    Life(World& world, const LifePlan& plan);
    End run();

private:
    struct Flight {
        Attempt attempt;
        std::multimap<TimePoint, Dispatcher::Event>::iterator at;
        TimePoint stopped = never;  // Time at which it was told to stop.
    };

    End from_start_to_end();
    std::optional<End> open();
    End finish();
    End fail(const RunError& error);

    bool step();
    void feed();
    void take(Sequence row);
    void flush();
    void look_at_the_stop();
    void tell(Dispatcher::Event event);
    void obey(Dispatcher::StartAttempt& start);
    void obey(Dispatcher::StopAttempt& stop);
    void obey(Dispatcher::Deliver& deliver);
    void obey(Dispatcher::HandOn&) {}  // A job has no readers.
    void obey(Dispatcher::Say&) {}
    void obey(Dispatcher::CallWorkers&) {}
    std::size_t in_memory() const;
    void look_around();
    void check_what_is_written();
    void close_the_books(End end);

    World& world_;
    const LifePlan plan_;
    const law::Scene scene_;
    const Job job_;
    TimePoint& now_;
    Dispatcher dispatcher_;
    job::Interrupt writing_;
    std::optional<job::Journal> journal_;
    job::Index index_;
    std::optional<job::OrderedOutput> output_;
    Gate gate_;
    std::optional<Recorder> recorder_;

    std::multimap<TimePoint, Dispatcher::Event> agenda_;
    std::map<AttemptId, Flight> flying_;
    TimePoint flush_at_ = never;
    TimePoint ctrl_c_at_ = never;
    TimePoint grace_ends_at_ = never;
    Sequence next_row_ = 0;
    std::vector<KnownRow> known_;                    // Known rows not handed over yet.
    std::vector<std::pair<Sequence, Reply>> inbox_;  // Replies delivered but not recorded yet.
    std::set<Sequence> held_;                        // Rows submitted but not delivered.
    std::set<Sequence> unwritten_;                   // Rows recorded but not in the journal.
    std::set<Sequence> undone_;                      // Rows whose reply says nothing about them.
    std::size_t recorded_ = 0;                       // Freed places that are not reported yet.
    bool is_stopping_ = false;
    int steps_ = 0;
    law::Run seen_;
};

}  // namespace skein::crash
