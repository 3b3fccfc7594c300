// The wire: HTTP exchanges on one event loop, spread over several libcurl multi handles.
//
// libcurl looks for a kept connection by going through all of a multi's, so a multi stays small;
// a new exchange takes the place that was freed last, for its connection is the warmest.
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

struct HerdSettings {
    std::size_t in_flight = 64;  // Most exchanges at once; whoever starts them keeps count.
    std::size_t per_multi = 128;
    LoopWatch* watch = nullptr;  // Of the rounds; outlives the pool.
};

// Used on the loop's thread only, and made and destroyed there or while it does not run. While it
// lives, the loop has work. Destroying it drops what is in flight, as `stop` does, and waits for
// nobody. Making it throws if the system has no descriptor left.
class CurlPool {
public:
    CurlPool(asio::io_context& loop, HerdSettings settings, std::shared_ptr<Resolver> resolver);
    ~CurlPool();
    CurlPool(const CurlPool&) = delete;
    CurlPool& operator=(const CurlPool&) = delete;

    // Never calls back before it returns.
    TransferId start(Exchange exchange);

    // True: `on_end` will never be called. False: it has been, or is being, called.
    bool cancel(TransferId id);

    // May the server have seen something of it? False also for one that is gone.
    bool has_left(TransferId id);

    // Drops everything, silently.
    void stop();

    // Few more will be started: from now on a connection is closed when its exchange has ended.
    // That takes as long as opening it, and now there is time for it.
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
    const HerdSettings settings_;
    const std::shared_ptr<Resolver> resolver_;

    SocketSet sockets_;
    Round round_;
    std::vector<std::unique_ptr<Transfer>> transfers_;  // By place.
    std::vector<std::unique_ptr<Multi>> multis_;        // Each serves `per_multi` places in a row.
    std::vector<Transfer::Place> free_;                 // The last is the warmest.
    std::vector<TransferId> ended_;                     // To be told.
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
