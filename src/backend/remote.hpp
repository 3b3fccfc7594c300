#pragma once
#include "backend/backend.hpp"
#include "local/lifecycle/workers.hpp"
#include "measure/loop_watch.hpp"

#include <skein/settings.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

namespace skein {

class KeyKeeper;

// Makes attempts over the network: the wire carries bytes, the dialect says what they mean. Each
// wire thread owns a loop, a pool of connections and the readers of what comes back on them.
class Remote final : public Backend {
public:
    // `control` carries the wire if there are no wire threads. The settings must be checked. The
    // watch, if there is one, is told of every turn on every loop, and outlives us.
    Remote(
        const Settings& settings,
        boost::asio::io_context& control,
        Tell tell,
        LoopWatch* watch = nullptr,
        Workers workers = {}
    );
    ~Remote() override;

    void start(Attempt attempt) override;
    void stop(AttemptId id) override;
    void move(EndpointIndex endpoint, const WorkerAddress& where) override;
    void go() override;
    void expect_no_more() override;
    void close() override;

private:
    class WireThread;

    std::shared_ptr<KeyKeeper> keys_;  // Tells the threads, which therefore end after it.
    std::vector<std::unique_ptr<WireThread>> threads_;
};

}  // namespace skein
