// Wire threads: each has a loop, a connection pool and the flights on it. Orders come from the
// control thread in batches (Mailbox), events go back in batches. Invariant: each started attempt
// is waiting for a key, in `flights_`, or told; `tell` ends it exactly once. A WireThread's public
// functions belong to the control thread, all else to its loop.
#include "backend/remote.hpp"

#include "backend/flight.hpp"
#include "backend/key_waits.hpp"
#include "backend/mailbox.hpp"
#include "backend/target_cache.hpp"
#include "base/cores.hpp"
#include "base/free_lists.hpp"
#include "wire/curl_global.hpp"
#include "wire/curl_pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace skein {
namespace asio = boost::asio;
namespace {

// Above this, opening the connections keeps one thread busy for longer than an answer takes.
constexpr std::size_t many_in_flight = 2000;

std::size_t default_threads(std::size_t in_flight) {
    return in_flight > many_in_flight && cores_for_us() > 1 ? 2 : 1;
}

}  // namespace

// One loop, one connection pool, and the attempts on it. Public functions: control thread. All
// else: the loop's thread.
class Remote::WireThread {
public:
    struct Move {
        EndpointIndex endpoint;
        WorkerAddress where;
    };

    WireThread(
        const Settings& settings,
        Tell tell,
        std::shared_ptr<KeyKeeper> keys,
        std::shared_ptr<wire::Resolver> resolver,
        std::shared_ptr<const Expectation> expectation,
        asio::io_context* shared,
        LoopWatch* watch,
        Workers workers
    )
        : settings_{settings},
          expectation_{std::move(expectation)},
          workers_{std::move(workers)},
          tell_{std::move(tell)},
          keys_{keys, hooks()},
          watch_{watch},
          own_{shared ? nullptr : std::make_unique<asio::io_context>(1)},
          loop_{shared ? *shared : *own_},
          targets_{
              settings.endpoints.size(), workers_.are_ours ? workers_.first : ~EndpointIndex{0}},
          curl_pool_{std::make_unique<wire::CurlPool>(
              loop_,
              wire::CurlPoolSettings{.in_flight = settings.in_flight, .watch = watch},
              std::move(resolver)
          )} {
        // Called on a fetch thread. `this` is valid there, because `Remote::close` joins the fetch
        // threads before it closes the wire threads.
        keys->listen([this](EndpointIndex endpoint) {
            post([this, endpoint] { keys_.fetched(endpoint); });
        });
        // Last, because the thread uses all members.
        if (own_) thread_ = std::thread{[this] { run(); }};
    }

    ~WireThread() { close(); }

    // Orders are only collected here. `go` hands them over in their order, with one wake-up for
    // all.
    void start(Attempt attempt) {
        ++under_way_;
        given_.emplace_back(std::move(attempt));
    }
    // The id may belong to another wire thread; it is ignored then.
    void stop(AttemptId id) { given_.emplace_back(id); }
    void move(const Move& move) { given_.emplace_back(move); }
    void expect_no_more() { given_.emplace_back(NoMore{}); }
    void go() { orders_.put_all(given_); }
    std::size_t under_way() const { return under_way_; }

    void close() {
        if (!own_) {  // The shared control loop calls this, and goes on running.
            *alive_ = false;
            orders_.close();
            curl_pool_.reset();
            flights_.clear();
        }
        if (!thread_.joinable()) return;
        // The pool is stopped on its own loop, because it is not thread-safe. After the join no
        // thread uses it, so it can be destroyed here.
        post([this] {
            curl_pool_->stop();
            own_->stop();
        });
        thread_.join();
        curl_pool_.reset();
        // Readers of their pipes call this thread no more.
        flights_.clear();
    }

private:
    // Every attempt passes through the key renewal before and after the wire.
    KeyWaits::Hooks hooks() {
        return {
            .launch = [this](
                          Attempt attempt, Flight::Keyed keyed
                      ) { launch(std::move(attempt), std::move(keyed)); },
            .tell = [this](
                        AttemptId id, EndpointIndex endpoint, AttemptResult result
                    ) { tell(id, endpoint, std::move(result)); }};
    }

    struct NoMore {};
    using Order = std::variant<Attempt, AttemptId, Move, NoMore>;  // An AttemptId: stop it.

    // Batch size: large enough to be cheap, small enough that sockets do not wait long. Ten
    // thousand connections started in one batch would all be open before the first one is written
    // to.
    static constexpr std::size_t orders_at_once = 64;

    void obey(std::span<Order> orders) {
        const LoopWatch::Turn watched{watch_, Clock::now()};
        for (auto& order : orders) std::visit([this](auto& o) { obey(o); }, order);
    }

    void obey(Attempt& attempt) { keys_.begin(std::move(attempt)); }

    // An attempt that has already ended is in none of the two maps: its result is on its way, and
    // the stop is ignored.
    void obey(AttemptId id) {
        if (keys_.stop(id)) return;
        const auto at = flights_.find(id);
        if (at == flights_.end()) return;
        const auto transfer = at->second.transfer;
        // Read before `cancel`, which forgets the transfer.
        const bool sent = curl_pool_->has_left(transfer);
        if (!curl_pool_->cancel(transfer)) return;
        const auto node = flights_.extract(at);
        auto& flight = node.mapped();
        const auto endpoint = flight.endpoint();
        // A complete answer counts even if the stop came first, because it has been paid for.
        if (auto early = flight.early_result()) return tell(id, endpoint, std::move(*early));
        tell(
            id, endpoint, {Fault{.kind = FaultKind::cancelled, .detail = "told to stop"}, {}, sent}
        );
    }

    void obey(Move& move) { targets_.move(move.endpoint, std::move(move.where)); }

    void obey(NoMore&) { curl_pool_->keep_none(); }

    // Ends an attempt and reports it.
    void tell(AttemptId id, EndpointIndex endpoint, AttemptResult result) {
        --under_way_;
        if (workers_.has(endpoint)) worker_ended(endpoint, result);
        tell(AttemptDone{id, std::move(result)});
    }

    // Reports an end to the pool of local workers: that the worker has served its number of
    // requests, or has probably died. `judge_worker` changes the fault, so this comes before
    // AttemptDone.
    void worker_ended(EndpointIndex endpoint, AttemptResult& result) {
        const auto served = workers_.activity(endpoint)->ended();
        const auto turn = workers_.recycle_after;
        if (turn > 0 && served >= turn) workers_.due(endpoint - workers_.first);
        auto* fault = std::get_if<Fault>(&result.outcome);
        const auto death = fault ? judge_worker(*fault, workers_.are_ours) : std::nullopt;
        if (!death || !workers_.suspect) return;
        const auto why = death->has_cuda_error ? fault->remote_message : fault->detail;
        workers_.suspect(endpoint - workers_.first, death->has_cuda_error, why);
    }

    // Collects the events of one round of the loop, and posts them as one batch.
    template <class Event>
    void tell(Event event) {
        untold_.emplace_back(std::in_place_type<Event>, std::move(event));
        if (untold_.size() == 1) post([this] { tell_(std::exchange(untold_, {})); });
    }

    template <class Call>
    void post(Call call) {
        asio::post(loop_, [alive = alive_, call = std::move(call)]() mutable {
            if (*alive) call();
        });
    }

    // The work guard keeps the loop running while no exchange is in flight; `close` stops it.
    void run() {
        auto work = asio::make_work_guard(*own_);
        own_->run();
    }

    // Puts an attempt on the wire. `began` comes first, because `tell` counts the end of every
    // attempt of a worker, also of one without a target.
    void launch(Attempt attempt, Flight::Keyed keyed) {
        auto* const activity = workers_.activity(attempt.endpoint);
        if (activity) activity->began();
        auto target = targets_.of(attempt, keyed);
        if (!target) {
            auto fault = Fault{.kind = FaultKind::bad_input, .detail = target.error().text()};
            return tell(attempt.id, attempt.endpoint, {std::move(fault), {}, false});
        }
        const auto id = attempt.id;
        // A node of the map: the flight stays at its address until `extract`, because the exchange
        // points to it.
        auto& flight = flights_
                           .try_emplace(
                               id,
                               std::move(attempt),
                               std::move(keyed),
                               settings_,
                               activity,
                               expectation_.get()
                           )
                           .first->second;
        // `on_end` takes the flight out of the map first, so that an attempt is in one place only:
        // in `flights_`, with `keys_`, or told.
        auto exchange = flight.exchange(*target, [this, id](wire::Ending ending) {
            const auto node = flights_.extract(id);
            auto& flown = node.mapped();
            keys_.ended(id, flown, flown.result(std::move(ending)));
        });
        if (flight.has_pipe()) {
            flight.on_first_chunk = [this, id] { tell(AttemptChunk{id}); };
            flight.on_room([this, id] { post([this, id] { resume(id); }); });
        }
        // Only with hedging, because AttemptBegan costs one more event for each attempt.
        if (settings_.hedging) {
            exchange.on_head = [this, id, read = std::move(exchange.on_head), told = false](
                                   int status, const Headers& headers
                               ) mutable {
                if (!std::exchange(told, true)) tell(AttemptBegan{id});
                read(status, headers);
            };
        }
        flight.transfer = curl_pool_->start(std::move(exchange));
    }

    // The reader has taken enough: a paused transfer goes on.
    void resume(AttemptId id) {
        const LoopWatch::Turn watched{watch_, Clock::now()};
        const auto at = flights_.find(id);
        if (at != flights_.end()) curl_pool_->resume(at->second.transfer);
    }

    const Settings settings_;
    const std::shared_ptr<const Expectation> expectation_;
    const Workers workers_;
    const Tell tell_;
    KeyWaits keys_;
    LoopWatch* const watch_;
    std::unique_ptr<asio::io_context> own_;  // Null if the wire shares the control loop.
    asio::io_context& loop_;
    std::atomic<std::size_t> under_way_ = 0;
    std::vector<Order> given_;  // Orders since the last `go`; control thread only.
    std::vector<AttemptEvent> untold_;
    TargetCache targets_;
    FreeLists nodes_;
    std::pmr::unordered_map<AttemptId, Flight> flights_{&nodes_};
    std::unique_ptr<wire::CurlPool> curl_pool_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Mailbox<Order> orders_{loop_, orders_at_once, [this](auto orders) { obey(orders); }};
    std::thread thread_;
};

Remote::Remote(
    const Settings& settings,
    asio::io_context& control,
    Tell tell,
    LoopWatch* watch,
    Workers workers
)
    : keys_{std::make_shared<KeyKeeper>(settings.endpoints, settings.log)} {
    wire::start_libcurl();
    auto resolver = std::make_shared<wire::Resolver>();
    const auto expectation = std::make_shared<const Expectation>(settings.expect);
    // All threads share one resolver, so that a name is looked up once for all of them.
    const auto count = settings.wire_threads.value_or(default_threads(settings.in_flight));
    if (count == 0) {
        threads_.push_back(std::make_unique<WireThread>(
            settings, tell, keys_, resolver, expectation, &control, watch, workers
        ));
    }
    while (threads_.size() < count) {
        threads_.push_back(std::make_unique<WireThread>(
            settings, tell, keys_, resolver, expectation, nullptr, watch, workers
        ));
    }
}

Remote::~Remote() { close(); }

// Starts the attempt on the thread with the fewest attempts in flight. So the load is even, and
// each thread can reuse the connections that it has opened.
void Remote::start(Attempt attempt) {
    const auto idlest = std::ranges::min_element(threads_, {}, [](const auto& thread) {
        return thread->under_way();
    });
    (*idlest)->start(std::move(attempt));
}

// To every thread, because no table remembers on which one an attempt runs; the others ignore it.
void Remote::stop(AttemptId id) {
    for (auto& thread : threads_) thread->stop(id);
}

void Remote::move(EndpointIndex endpoint, const WorkerAddress& where) {
    for (auto& thread : threads_) thread->move({endpoint, where});
}

void Remote::go() {
    for (auto& thread : threads_) thread->go();
}

void Remote::expect_no_more() {
    for (auto& thread : threads_) thread->expect_no_more();
}

void Remote::close() {
    // Keys first: their fetch threads post to the loops of the wire threads.
    keys_->close();
    for (auto& thread : threads_) thread->close();
}

}  // namespace skein
