// Connection pool: HTTP exchanges on one event loop, spread over several libcurl multi handles.
//
// A multi stays small, because libcurl searches its kept connections one after the other. A new
// exchange takes the place that was freed last, because its connection was used most recently.
#pragma once
#include "measure/loop_watch.hpp"
#include "wire/exchange.hpp"
#include "wire/multi.hpp"
#include "wire/resolver.hpp"
#include "wire/round.hpp"
#include "wire/socket_set.hpp"
#include "wire/transfer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace skein::wire {

struct CurlPoolSettings {
    std::size_t in_flight = 64;  // Most exchanges at once; the caller must not start more.
    std::size_t per_multi = 128;
    LoopWatch* watch = nullptr;  // Measures the rounds; must outlive the pool.
};

// Thread: the loop's thread only; construction and destruction also while the loop does not run.
// Lifetime: the pool keeps the loop busy while it lives. The destructor drops all exchanges in
// flight, like `stop`, and does not wait. The constructor throws if the system has no descriptor
// left.
class CurlPool {
public:
    CurlPool(asio::io_context& loop, CurlPoolSettings settings, std::shared_ptr<Resolver> resolver);
    ~CurlPool();
    CurlPool(const CurlPool&) = delete;
    CurlPool& operator=(const CurlPool&) = delete;

    // Starts an exchange. No callback runs before `start` returns.
    TransferId start(Exchange exchange);

    // True: `on_end` will never be called. False: it has been called, or is running.
    bool cancel(TransferId id);

    // May the server have received a part of the request? False for an exchange that has ended.
    bool has_left(TransferId id);

    // The reader that has refused bytes (`ReadState::later`) takes them now: `on_body` is called
    // from inside this call. Ignored for an exchange that is not paused, or over.
    void resume(TransferId id);

    // Drops all exchanges without calling `on_end`.
    void stop();

    // Call when few exchanges will follow. From now on a multi keeps at most one connection, and
    // closes the others as their exchanges end, because closing takes as long as opening and the
    // end of a run has time for it.
    void keep_none();

    std::size_t in_flight() const { return in_flight_; }
    std::size_t open_sockets() const { return sockets_.open_sockets(); }

private:
    static constexpr unsigned place_bits = 20;

    Transfer& free_place();
    Transfer* find(TransferId id);
    Multi& multi_of(const Transfer& transfer);
    void add_multi();

    void lead(Transfer& transfer);
    void resolved(TransferId id, const Resolver::Answer& answer);
    void launch(Transfer& transfer, AddressesPtr addresses);
    void fail(Transfer& transfer, FaultKind kind, std::string detail);
    void take_back(Transfer& transfer, Transfer::Phase from);
    Transfer::Last release(Transfer& transfer);
    void drop(Transfer& transfer);

    LoopWatch::Turn begin_round();
    void on_sockets();
    std::size_t read_sockets();
    void on_time();
    void expire(Transfer& transfer);
    void finish_round();
    void act_at_once();
    void collect();
    void broken(Multi& multi);
    bool tell();
    void plan_round();
    void set_clock();

    asio::io_context& loop_;
    const CurlPoolSettings settings_;
    const std::shared_ptr<Resolver> resolver_;

    SocketSet sockets_;
    Round round_;
    std::vector<std::unique_ptr<Transfer>> transfers_;  // By place.
    std::vector<std::unique_ptr<Multi>> multis_;        // Each serves `per_multi` places in a row.
    std::vector<Transfer::Place> free_;                 // A stack: the last was freed last.
    std::vector<TransferId> ended_;                     // `on_end` is still to be called.
    std::uint64_t last_serial_ = 0;
    std::size_t in_flight_ = 0;

    asio::steady_timer clock_;
    TimePoint clock_set_for_ = never;
    bool round_planned_ = false;
    bool in_round_ = false;
    bool keeps_connections_ = true;
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace skein::wire
