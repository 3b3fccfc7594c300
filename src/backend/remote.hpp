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

// Makes attempts over HTTP. Each wire thread owns an event loop, a connection pool and the readers
// of its answers. Called on the control thread; `tell` is called on the wire threads.
class Remote final : public Backend {
public:
    // `settings` must be checked. With no wire threads, the exchanges run on the loop `control`.
    // `watch` measures every turn of every loop, and must outlive this object; it may be null.
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

    std::shared_ptr<KeyKeeper> keys_;  // Posts to the wire threads, so it is closed before them.
    std::vector<std::unique_ptr<WireThread>> threads_;
};

}  // namespace skein
