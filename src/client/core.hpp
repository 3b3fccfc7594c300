#pragma once
#include "base/free_lists.hpp"
#include "client/assembly/local_tier.hpp"
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
#include <unordered_map>
#include <vector>

namespace skein {

// What a file job wants of what is below, beyond its settings.
struct JobWishes {
    Batches batches{};
    // Its replies keep their places in `in_flight` until they are `recorded`.
    bool keeps_place_until_recorded = false;
    // Its requests may have left a moment ago, by a run that ended: nothing of `rpm` and `tpm` has
    // been saved up.
    bool rates_begin_empty = false;
    // Rows that an outage has used up, and that no server has worked on, are left to the next run.
    bool spares_rows = false;
};

// What a Client and a Run stand on: the engine, the thread that hands over its replies, who waits
// for which, and the mock servers of `mock:` endpoints. All of it may be called on any thread.
class Core {
public:
    explicit Core(Settings settings, JobWishes wishes = {});

    // As `close`.
    ~Core();

    const std::optional<ConfigError>& complaint() const { return complaint_; }
    const Settings& settings() const { return settings_; }

    // Makes a request ready for the endpoints here.
    Expected<Prepared, Fault> prepared(const Request& request) const;

    // `on_reply` is called once, on the delivery thread, or dropped by `close`. Nothing if this is
    // closed; then it has been dropped.
    std::optional<Sequence> ask(const Request& request, OnReply on_reply);

    // The same of many, for less, and of such as are prepared already or cannot be.
    struct Question {
        Expected<Prepared, Fault> request;
        Waiter waiter;
    };
    void ask(std::vector<Question> questions);

    void cancel(Sequence seq);
    void cancel(const Inbox& inbox);  // All whose replies would go there.
    void cancel_all();
    void stop_starting();
    void expect_no_more();             // Nobody will ask any more.
    void recorded(std::size_t count);  // So many more replies are written down.

    // Who asks from now on is answered by `cancelled`.
    void shut_the_door() { door_is_shut_ = true; }

    // Waits until nobody waits for a reply. True if that was so by `until`. From the delivery
    // thread it does not wait.
    bool wait_until_done(TimePoint until);

    // Runs a call on the delivery thread, after what has been handed over so far.
    void post(std::function<void()> call) { delivery_.post(std::move(call)); }

    Tally tally();

    // Ends the threads, in bounded time; nothing is called afterwards.
    void close();

private:
    void open_mocks();
    void open_local();
    void tell(EndpointUpdate news);
    void hear_with(Engine* engine);
    bool is_wanted_at_once() const;
    std::unique_ptr<Backend> make_backend(
        boost::asio::io_context& control, const Backend::Tell& tell
    );
    std::unique_ptr<Engine> make_engine(const JobWishes& wishes);
    void deliver(std::vector<Engine::Delivered> replies);
    Expected<RequestPtr, Fault> admitted(Expected<Prepared, Fault> request) const;
    void hand_over(std::vector<Handover> replies);
    void answer_now(Waiter waiter, Fault fault);

    Settings settings_;
    std::string usual_model_;
    std::optional<ConfigError> complaint_;
    std::vector<std::unique_ptr<mock::Server>> mocks_;
    std::size_t remote_endpoints_ = 0;  // Of the settings; those behind them are workers.
    std::unique_ptr<LocalTier> local_;  // The last to go.
    Delivery delivery_;

    std::mutex waiting_mutex_;  // The control thread takes this one, and no other.
    FreeLists waiting_nodes_;
    std::pmr::unordered_map<Sequence, Waiter> waiting_{&waiting_nodes_};

    std::shared_ptr<Outstanding> outstanding_;  // Kept alive by whoever waits.
    std::atomic<bool> door_is_shut_ = false;

    Tally look();  // With the engine's mutex held.

    // Workers bring news on threads of their own, also while somebody waits for the control thread
    // with the engine's mutex held; so they have one for themselves, under which nobody waits.
    std::mutex news_mutex_;
    Engine* hears_ = nullptr;  // Where news go; null while there is no engine.

    LoopWatch watch_;                 // Of the engine's loops.
    std::mutex engine_mutex_;         // Taken before the other, where both are.
    std::unique_ptr<Engine> engine_;  // The first to go.
    Sequence last_seq_ = 0;
    Tally last_tally_;
};

}  // namespace skein
