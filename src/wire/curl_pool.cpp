// Connection pool: start, cancel and the way of an exchange from the resolver to libcurl.
// Invariant: an exchange is in exactly one phase, and its place returns to `free_` exactly once
// (`release`). A TransferId is a serial number plus the place, so that an old id never finds a new
// exchange. Loop thread only, and never from inside a libcurl callback.
#include "wire/curl_pool.hpp"

#include "base/assert.hpp"
#include "wire/curl_global.hpp"

#include <algorithm>
#include <utility>

namespace skein::wire {

CurlPool::CurlPool(
    asio::io_context& loop, CurlPoolSettings settings, std::shared_ptr<Resolver> resolver
)
    : loop_{loop},
      settings_{settings},
      resolver_{std::move(resolver)},
      sockets_{loop},
      clock_{loop} {
    SKEIN_ASSERT(settings.in_flight > 0 && settings.in_flight < (1u << place_bits));
    SKEIN_ASSERT(settings.per_multi > 0 && resolver_);
    start_libcurl();
    sockets_.watch([this] { on_sockets(); });
}

CurlPool::~CurlPool() {
    alive_.reset();
    stop();
    // Takes the resolver's mutex: after this call none of its threads is posting to our loop.
    resolver_->forget({});
}

// Takes a place and begins the exchange. An exchange that fails here is only noted in `ended_`; its
// `on_end` runs in the next round.
TransferId CurlPool::start(Exchange exchange) {
    SKEIN_ASSERT(!round_.inside_libcurl);
    SKEIN_ASSERT(in_flight_ < settings_.in_flight);
    round_.now = Clock::now();
    auto& transfer = free_place();
    const TransferId id{++last_serial_ << place_bits | transfer.place()};
    transfer.begin(id, std::move(exchange), round_.now);
    ++in_flight_;
    lead(transfer);
    plan_round();
    return id;
}

// An ended exchange whose `on_end` has not run yet can still be cancelled: `tell` skips its id.
bool CurlPool::cancel(TransferId id) {
    SKEIN_ASSERT(!round_.inside_libcurl);
    auto* transfer = find(id);
    if (!transfer) return false;
    drop(*transfer);
    return true;
}

bool CurlPool::has_left(TransferId id) {
    const auto* transfer = find(id);
    return transfer && transfer->has_left();
}

// An exchange that ends within is only noted, like any other of the round.
void CurlPool::resume(TransferId id) {
    SKEIN_ASSERT(!round_.inside_libcurl);
    auto* transfer = find(id);
    if (!transfer || !transfer->is_paused()) return;
    round_.now = Clock::now();
    multi_of(*transfer).resume(*transfer);
    plan_round();
}

void CurlPool::stop() {
    SKEIN_ASSERT(!round_.inside_libcurl);
    for (auto& transfer : transfers_) {
        if (transfer->phase() != Transfer::Phase::free) drop(*transfer);
    }
}

void CurlPool::keep_none() {
    keeps_connections_ = false;
    for (auto& multi : multis_) multi->keep_one();
}

// The place that was freed last, because its connection is the warmest. Without a free place a new
// one is made; there are never more than `in_flight`, which `start` asserts.
Transfer& CurlPool::free_place() {
    if (free_.empty()) {
        const auto place = static_cast<Transfer::Place>(transfers_.size());
        if (place / settings_.per_multi == multis_.size()) add_multi();
        transfers_.push_back(std::make_unique<Transfer>(place, sockets_, round_));
        return *transfers_.back();
    }
    const auto place = free_.back();
    free_.pop_back();
    return *transfers_[place];
}

void CurlPool::add_multi() {
    // Timer keys: first the places, then the multis.
    const auto key = static_cast<Timers::Key>(settings_.in_flight + multis_.size());
    const auto places = std::min(settings_.per_multi, settings_.in_flight);
    multis_.push_back(std::make_unique<Multi>(sockets_, round_, key, static_cast<long>(places)));
    // A multi that is made after `keep_none` must follow it as well.
    if (!keeps_connections_) multis_.back()->keep_one();
}

// Null for an id whose exchange is over. The place alone does not identify an exchange, because
// places are reused; so the whole id is compared.
Transfer* CurlPool::find(TransferId id) {
    const auto place = static_cast<std::uint64_t>(id) & ((1u << place_bits) - 1);
    if (place >= transfers_.size()) return nullptr;
    auto* transfer = transfers_[place].get();
    if (transfer->id() != id || transfer->phase() == Transfer::Phase::free) return nullptr;
    return transfer;
}

Multi& CurlPool::multi_of(const Transfer& transfer) {
    return *multis_[transfer.place() / settings_.per_multi];
}

// Hands the exchange to libcurl, after a name lookup if the host is not an address.
void CurlPool::lead(Transfer& transfer) {
    const auto& exchange = transfer.exchange();
    if (exchange.deadline <= round_.now) {
        return fail(transfer, FaultKind::deadline, "the deadline passed before the start");
    }
    const auto& target = *exchange.target;
    if (target.numeric || !target.socket.empty()) return launch(transfer, nullptr);
    const auto& host = target.dialed_host;
    if (auto known = resolver_->known(host, round_.now)) return resolved(transfer.id(), *known);
    // Runs on the loop. The pool may be gone by then, or the exchange cancelled: `alive` and the id
    // tell.
    auto answered = [this, alive = std::weak_ptr{alive_}, id = transfer.id()](auto answer) {
        if (alive.expired()) return;
        const auto watched = begin_round();
        resolved(id, answer);
        finish_round();
    };
    transfer.await_name(resolver_->ask(host, loop_, std::move(answered)));
}

// Continues an exchange with the answer of the resolver. An exchange that has timed out meanwhile
// is ended, and stays so.
void CurlPool::resolved(TransferId id, const Resolver::Answer& answer) {
    auto* transfer = find(id);
    if (!transfer || transfer->phase() == Transfer::Phase::ended) return;
    if (answer.addresses && !answer.addresses->empty()) return launch(*transfer, answer.addresses);
    const auto& host = transfer->exchange().target->dialed_host;
    const bool unknown = answer.failure == Resolver::Failure::no_such_name;
    fail(
        *transfer,
        unknown ? FaultKind::unknown_host : FaultKind::connect,
        "cannot resolve " + host +
            (transfer->exchange().target->proxy.empty() ? "" : ", the proxy") + ": " + answer.reason
    );
}

// From here on libcurl owns the work on the exchange, until `Multi::act` reports its end or
// `take_back` removes it.
void CurlPool::launch(Transfer& transfer, AddressesPtr addresses) {
    if (auto refused = transfer.prepare(std::move(addresses))) {
        return fail(transfer, FaultKind::internal, *refused);
    }
    if (!multi_of(transfer).add(transfer)) {
        fail(transfer, FaultKind::internal, "libcurl would not take the transfer");
    }
}

// Ends the exchange with a fault. `on_end` is called later, because `start` must not call back.
void CurlPool::fail(Transfer& transfer, FaultKind kind, std::string detail) {
    transfer.end(kind, std::move(detail));
    ended_.push_back(transfer.id());
}

void CurlPool::drop(Transfer& transfer) {
    take_back(transfer, transfer.phase());
    const auto last = release(transfer);
}

// Takes the exchange back from its holder: the resolver or libcurl, depending on the phase.
void CurlPool::take_back(Transfer& transfer, Transfer::Phase from) {
    if (from == Transfer::Phase::resolving) resolver_->forget(transfer.ticket());
    if (from == Transfer::Phase::running) multi_of(transfer).remove(transfer);
}

// Frees the place before `on_end` is called, so that `on_end` may start the next exchange in it.
Transfer::Last CurlPool::release(Transfer& transfer) {
    free_.push_back(transfer.place());
    --in_flight_;
    return transfer.release();
}

}  // namespace skein::wire
