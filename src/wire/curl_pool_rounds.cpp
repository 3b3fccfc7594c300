// The rounds of a pool. A round begins with an event (sockets, timer, resolver answer, new
// exchange); libcurl works; then `on_end` is called for every exchange that has ended. Invariant:
// `on_end` runs only between the calls of libcurl, never inside one. Loop thread only.
#include "base/assert.hpp"
#include "wire/curl_pool.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace skein::wire {

LoopWatch::Turn CurlPool::begin_round() {
    round_.now = Clock::now();
    return {settings_.watch, round_.now};
}

void CurlPool::on_sockets() {
    const auto watched = begin_round();
    read_sockets();
    finish_round();
}

std::size_t CurlPool::read_sockets() {
    return sockets_.each_event([this](Multi& multi, curl_socket_t fd, int events) {
        if (!multi.on_socket_event(fd, events)) broken(multi);
    });
}

void CurlPool::on_time() {
    const auto watched = begin_round();
    // Sockets are read before timeouts: after a pause of the whole process (SIGSTOP, suspend) the
    // answer may have been waiting here, and the exchange must not fail as timed out.
    for (std::size_t seen = 0; seen <= sockets_.open_sockets(); seen += SocketSet::handful) {
        if (read_sockets() < SocketSet::handful) break;
    }
    while (const auto key = round_.timers.pop(round_.now)) {
        if (*key < settings_.in_flight) {
            expire(*transfers_[*key]);
        } else if (auto& multi = *multis_[*key - settings_.in_flight]; !multi.on_moment()) {
            broken(multi);
        }
    }
    finish_round();
}

// `take_back` needs the phase before the timeout: the handle must leave its multi, or the name its
// resolver.
void CurlPool::expire(Transfer& transfer) {
    const auto phase = transfer.phase();
    if (!transfer.expire(round_.now)) return;
    take_back(transfer, phase);
    round_.done.push_back(&transfer);
}

void CurlPool::finish_round() {
    in_round_ = true;
    collect();
    if (!tell()) return;
    act_at_once();  // Exchanges that `on_end` started leave now, not after another loop iteration.
    collect();
    if (!tell()) return;
    in_round_ = false;
    if (!round_.at_once.empty() || !ended_.empty()) plan_round();
    set_clock();
}

// Lets each listed multi work once. Work that a multi asks for meanwhile waits for the next round,
// because otherwise one multi could starve the others.
void CurlPool::act_at_once() {
    const auto count = static_cast<std::ptrdiff_t>(round_.at_once.size());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        auto& multi = *round_.at_once[static_cast<std::size_t>(i)];
        if (!multi.on_moment()) broken(multi);
    }
    round_.at_once.erase(round_.at_once.begin(), round_.at_once.begin() + count);
}

void CurlPool::collect() {
    for (auto* transfer : round_.done) {
        const auto fault = transfer->ending().fault;
        if (fault == FaultKind::connect || fault == FaultKind::timeout_connect) {
            // The name's addresses may have changed: look it up again.
            if (transfer->addresses()) {
                const auto& host = transfer->exchange().target->dialed_host;  // Of a proxy, if any.
                resolver_->drop(host, transfer->addresses());
            }
        }
        ended_.push_back(transfer->id());
    }
    round_.done.clear();
}

// libcurl failed on a multi handle: every exchange on it ends as a lost connection.
void CurlPool::broken(Multi& multi) {
    for (auto& transfer : transfers_) {
        if (&multi_of(*transfer) != &multi) continue;
        if (transfer->phase() != Transfer::Phase::running) continue;
        multi.remove(*transfer);
        fail(*transfer, FaultKind::connection_lost, "libcurl gave up on its connections");
    }
    multi.rebuild();
}

// Calls `on_end` for the ended exchanges. It may start, cancel and stop exchanges, and destroy the
// pool: then the result is false, and no member may be touched.
bool CurlPool::tell() {
    const std::weak_ptr alive{alive_};
    const auto count = static_cast<std::ptrdiff_t>(ended_.size());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        auto* transfer = find(ended_[static_cast<std::size_t>(i)]);
        if (!transfer) continue;  // An earlier `on_end` has cancelled it.
        auto last = release(*transfer);
        [&]() noexcept { last.on_end(std::move(last.ending)); }();
        if (alive.expired()) return false;
    }
    ended_.erase(ended_.begin(), ended_.begin() + count);
    return true;
}

// Posts one round for new exchanges, so that many `start` calls share it.
void CurlPool::plan_round() {
    if (in_round_ || round_planned_) return;
    round_planned_ = true;
    asio::post(loop_, [this, alive = std::weak_ptr{alive_}] {
        if (alive.expired()) return;
        round_planned_ = false;
        const auto watched = begin_round();
        act_at_once();
        finish_round();
    });
}

// Only moves the timer earlier: if it fires too early, the round finds nothing due and sets it
// again.
void CurlPool::set_clock() {
    const auto next = round_.timers.next();
    if (next >= clock_set_for_) return;
    clock_set_for_ = next;
    clock_.expires_at(next);
    clock_.async_wait([this, alive = std::weak_ptr{alive_}](auto error) {
        if (error || alive.expired()) return;
        clock_set_for_ = never;
        on_time();
    });
}

}  // namespace skein::wire
