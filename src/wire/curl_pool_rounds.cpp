// How a pool works: round after round. A round begins with what happened (sockets, time, an
// answer of the resolver); libcurl works; then those whose exchange has ended are told.
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
    // What has come is read first: after a pause of the whole process it is we who are late.
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
    act_at_once();  // What was just started leaves now, not a trip through the loop later.
    collect();
    if (!tell()) return;
    in_round_ = false;
    if (!round_.at_once.empty() || !ended_.empty()) plan_round();
    set_clock();
}

// Each once: what it asks for meanwhile is for the next round, or others would never have a turn.
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
            // The name may lead elsewhere by now.
            if (transfer->addresses()) {
                resolver_->drop(transfer->exchange().target->host, transfer->addresses());
            }
        }
        ended_.push_back(transfer->id());
    }
    round_.done.clear();
}

// libcurl has lost track of a multi's sockets, and so of every exchange on it.
void CurlPool::broken(Multi& multi) {
    for (auto& transfer : transfers_) {
        if (&multi_of(*transfer) != &multi) continue;
        if (transfer->phase() != Transfer::Phase::running) continue;
        multi.remove(*transfer);
        fail(*transfer, FaultKind::connection_lost, "libcurl gave up on its connections");
    }
    multi.rebuild();
}

// False if the pool is gone: `on_end` may start, cancel, stop, and destroy us.
bool CurlPool::tell() {
    const std::weak_ptr alive{alive_};
    const auto count = static_cast<std::ptrdiff_t>(ended_.size());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        auto* transfer = find(ended_[static_cast<std::size_t>(i)]);
        if (!transfer) continue;  // Cancelled since.
        auto last = release(*transfer);
        [&]() noexcept { last.on_end(std::move(last.ending)); }();
        if (alive.expired()) return false;
    }
    ended_.erase(ended_.begin(), ended_.begin() + count);
    return true;
}

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
