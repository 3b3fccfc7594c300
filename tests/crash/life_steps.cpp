// The steps of a run in a crash test: reading rows, events in the order of their times, flushes of
// the delivery thread, and the checks after each step.
#include "crash/life.hpp"

#include <algorithm>
#include <utility>

namespace skein::crash {
namespace {

using namespace std::chrono_literals;

constexpr Duration heartbeat = 1s;
constexpr Duration grace = 2s;

std::string about(Sequence row) { return " (row " + std::to_string(row) + ")"; }

}  // namespace

// Executes the next event. False if the run is over: every row is answered and recorded.
bool Life::step() {
    feed();
    const bool all_taken = next_row_ == scene_.requests || is_stopping_;
    const auto counts = gate_.counts();
    if (all_taken && counts.asked == counts.answered && known_.empty()) return false;
    const auto wake = dispatcher_.wake_at(now_);
    const auto event = agenda_.empty() ? never : agenda_.begin()->first;
    const auto next = std::min({wake, event, flush_at_, ctrl_c_at_, grace_ends_at_});
    must(next != never, "everybody waits, and nothing will happen");
    now_ = std::max(now_, next);
    if (next == flush_at_) {
        flush();
    } else if (next == ctrl_c_at_) {
        ctrl_c_at_ = never;
        gate_.stop({RunError::Kind::stopped, "stopped on request"});
    } else if (next == grace_ends_at_) {
        grace_ends_at_ = never;
        tell(Dispatcher::CancelAll{});
    } else if (next == event) {
        auto first = agenda_.extract(agenda_.begin());
        tell(std::move(first.mapped()));
    } else {
        tell(Dispatcher::TimePassed{});
    }
    look_at_the_stop();
    look_around();
    if (++steps_ == plan_.crash_at_step) throw Crash{};
    return true;
}

// Reacts to a stop: requests in flight may finish, further rows are left to the next life.
void Life::look_at_the_stop() {
    if (is_stopping_ || !gate_.stopped()) return;
    is_stopping_ = true;
    grace_ends_at_ = now_ + grace;
    tell(Dispatcher::StopStarting{});
}

void Life::feed() {
    while (next_row_ < scene_.requests && !is_stopping_ && gate_.has_room()) take(next_row_++);
    if (!known_.empty()) flush_at_ = std::min(flush_at_, now_ + plan_.linger);
}

// Mirrors `RunSession::take`.
void Life::take(Sequence row) {
    const auto place = index_.find(line_of(row));
    if (place && !place->is_to_ask_again()) {
        must(place->is_of(hash_of(world_.plan, row)), "the journal is of another row" + about(row));
        gate_.take_known(1, place->ok() ? 0 : 1);
        known_.push_back({row, *place});
        return;
    }
    gate_.take_asked(line_of(row), 100);
    seen_.admitted[row] = now_;
    if (is_bad(world_.plan, row)) {
        inbox_.emplace_back(row, Reply{.outcome = Fault{.kind = FaultKind::bad_input}});
        flush_at_ = std::min(flush_at_, now_ + plan_.linger);
        return;
    }
    must(dispatcher_.has_room(), "the gate lets in more than the dispatcher holds");
    held_.insert(row);
    tell(Dispatcher::Submitted{row, law::request_of(scene_, row)});
}

// Does the work of the delivery thread.
void Life::flush() {
    const bool has_news = !known_.empty() || !inbox_.empty();
    flush_at_ = never;
    recorder_->known(std::exchange(known_, {}));
    for (auto& [row, reply] : inbox_) {
        const auto known = index_.find(line_of(row));
        const bool has_answer = known && known->ok();
        const AskedRow asked{
            .number = row,
            .line = line_of(row),
            .row = line_of(row),
            .hash = hash_of(world_.plan, row),
            .bytes = 100,
            .custom_id = id_of(row),
            .keeps_place = !is_bad(world_.plan, row),
            .answer = has_answer ? *known : job::RecordRef{}};
        recorder_->reply(asked, reply);
        recorder_->flush_if_much(now_);
        unwritten_.insert(row);
        if (undone_.contains(row) && !has_answer) world_.books.leave_out(row);
    }
    inbox_.clear();
    recorder_->flush(now_);
    world_.books.read_journal(world_.disk, now_);
    const bool is_in_trouble = gate_.stopped() && world_.disk.errors() > 0;
    if (is_in_trouble || has_news) flush_at_ = now_ + heartbeat;
    if (is_in_trouble) return;
    check_what_is_written();
    if (recorded_ > 0) tell(Dispatcher::Recorded{std::exchange(recorded_, 0)});
    if (world_.plan.durability == Output::Durability::each) world_.books.expect_durable(now_);
    if (world_.plan.durability == Output::Durability::interval)
        world_.books.expect_durable(now_ - heartbeat);
}

// Checks that every reply that answers its row is recorded, and no other reply.
void Life::check_what_is_written() {
    std::erase_if(unwritten_, [this](Sequence row) { return world_.books.find(row) != nullptr; });
    must(std::ranges::includes(undone_, unwritten_), "a reply was not written down");
    for (const auto row : undone_) {
        const bool is_new = world_.books.find(row) && !index_.find(line_of(row));
        must(!is_new, "what is no answer to the row was written down" + about(row));
    }
}

}  // namespace skein::crash
