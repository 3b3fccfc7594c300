#pragma once
#include "client/assembly/client_plan.hpp"
#include "client/delivery.hpp"
#include "engine/engine.hpp"
#include "measure/loop_watch.hpp"
#include "mock_server/server.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace skein {

// Options of a file job that a plain client does not need.
struct JobWishes {
    Batches batches{};
    // A reply keeps its place in `in_flight` until it is `recorded`.
    bool keeps_place_until_recorded = false;
    // The token buckets of `rpm`, `tpm` and the like begin empty, because an earlier run may have
    // sent requests a moment ago.
    bool rates_begin_empty = false;
    // A row that failed because of an outage, and that no server has executed, is left undone for
    // the next run.
    bool spares_rows = false;
    // Maximum of requests held at once, instead of the one in the settings.
    std::optional<std::size_t> window{};
};

// The common base of Client and Run: the engine, the delivery thread, the local workers, and the
// mock servers of `mock:` endpoints. Thread-safe.
class Core {
public:
    explicit Core(ClientPlan plan, JobWishes wishes = {});

    // The same, but makes the plan itself. If that fails, `complaint` tells why and every request
    // fails.
    explicit Core(Settings settings, JobWishes wishes = {});

    // Calls `close`.
    ~Core();

    const std::optional<ConfigError>& complaint() const { return complaint_; }
    const Settings& settings() const { return settings_; }

    // Prepares a request for the endpoints of these settings, or says why it cannot be sent.
    Expected<Prepared, Fault> prepared(const Request& request) const;

    // Submits a request. `on_reply` is called once, on the delivery thread, unless `close` drops
    // it. Returns nothing if the core is closed; `on_reply` has been dropped then.
    std::optional<Sequence> ask(const Request& request, OnReply on_reply);

    // The same for a request whose answer is handed on piece by piece, on the delivery thread.
    std::optional<Sequence> stream(const Request& request, OnChunk on_chunk, OnReply on_reply);

    // The same with a reader of the caller's own, whose `ready` says when pieces wait. What it has
    // not taken by then comes to its `on_chunk` on the delivery thread, right before the reply.
    std::optional<Sequence> stream(
        const Request& request, std::shared_ptr<ChunkSink> chunks, OnReply on_reply
    );

    // Submits many requests at once, which costs less for each. The requests are prepared already,
    // or carry the fault that will be their reply.
    struct Question {
        Expected<Prepared, Fault> request;
        ReplySink sink;
    };
    void ask(std::vector<Question> questions);

    void cancel(Sequence seq);
    void cancel(std::shared_ptr<const Inbox> inbox);  // All requests of this inbox.
    void cancel_all();
    void stop_starting();
    void expect_no_more();             // No more requests will be submitted.
    void recorded(std::size_t count);  // `count` more replies are recorded.

    // A request that is submitted from now on gets the fault `cancelled`.
    void shut_the_door() { door_is_shut_ = true; }

    // Waits until no request is without a reply. True if that was so by `until`. On the delivery
    // thread it does not wait, because it would wait for itself.
    bool wait_until_done(TimePoint until);

    // Runs a call on the delivery thread, after all replies handed over so far.
    void post(std::function<void()> call) { delivery_.post(std::move(call)); }

    Tally tally();

    // Ends all threads in bounded time. No callback is called afterwards.
    void close();

private:
    Core(Settings settings, Expected<ClientPlan, ConfigError> plan, JobWishes wishes);

    void open_mocks(const ClientPlan& plan);
    void open_local(const LocalPlan& plan);
    void tell(EndpointUpdate news);
    void hear_with(Engine* engine);
    bool is_wanted_at_once() const;
    std::unique_ptr<Backend> make_backend(
        boost::asio::io_context& control, const Backend::Tell& tell
    );
    std::unique_ptr<Engine> make_engine(const JobWishes& wishes);
    void deliver(std::vector<Engine::Delivered> replies);
    Expected<RequestPtr, Fault> admitted(Expected<Prepared, Fault> request) const;
    void answer_now(ReplySink sink, Fault fault);
    std::optional<Sequence> submit(Expected<Prepared, Fault> request, ReplySink sink);

    Settings settings_;
    std::string usual_model_;
    std::vector<EndpointIndex> choosy_;  // Endpoints whose API cannot be asked for everything.
    std::string response_format_;        // Of chats without one.
    std::optional<ConfigError> complaint_;
    std::vector<std::unique_ptr<mock::Server>> mocks_;
    std::size_t remote_endpoints_ = 0;  // Endpoints after these in the settings are workers.
    std::unique_ptr<LocalTier> local_;  // Destroyed after the engine, which uses it.
    Delivery delivery_;

    std::shared_ptr<Outstanding> outstanding_;  // Shared with every `Counted`.
    std::atomic<bool> door_is_shut_ = false;

    Tally look();  // Requires `engine_mutex_`.

    // Workers send updates from their own threads, even while a caller holds `engine_mutex_` and
    // waits for the control thread. A separate mutex, under which no thread waits, avoids a
    // deadlock.
    std::mutex news_mutex_;
    Engine* hears_ = nullptr;  // Receiver of updates; null while there is no engine.

    LoopWatch watch_;                 // Measures the event loops of the engine.
    std::mutex engine_mutex_;         // Guards the members below. Not for the control thread.
    std::unique_ptr<Engine> engine_;  // Destroyed first, because its threads use all the others.
    Sequence last_seq_ = 0;
    Tally last_tally_;
};

}  // namespace skein
