#include "client/core.hpp"

#include "backend/remote.hpp"
#include "config/check.hpp"
#include "dialect/prepare.hpp"
#include "wire/curl_global.hpp"

#include <chrono>
#include <exception>
#include <random>
#include <utility>

namespace skein {

struct Core::Outstanding {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t count = 0;

    void one_more() {
        const std::lock_guard lock{mutex};
        ++count;
    }
    void one_less() {
        {
            const std::lock_guard lock{mutex};
            if (--count > 0) return;
        }
        changed.notify_all();
    }
};

Core::Core(Settings settings, std::function<void()> after_batch, Duration heartbeat)
    : settings_{std::move(settings)},
      complaint_{check_settings(settings_)},
      delivery_{settings_.log, std::move(after_batch), heartbeat},
      outstanding_{std::make_shared<Outstanding>()} {
    if (settings_.seed == 0) settings_.seed = std::random_device{}();
    if (!complaint_) complaint_ = wire::check_libcurl();
    if (!complaint_) open_mocks();
    if (complaint_) return;
    try {
        engine_ = make_engine();
    } catch (const std::exception& error) {
        complaint_ = ConfigError{"", std::string{"cannot start: "} + error.what()};
    }
}

Core::~Core() { close(); }

void Core::open_mocks() {
    for (auto& endpoint : settings_.endpoints) {
        if (!endpoint.url.starts_with("mock:")) continue;
        mock::Weather weather;
        if (const auto file = endpoint.url.substr(5); !file.empty()) {
            auto loaded = mock::load_weather(file);
            if (!loaded) {
                complaint_ = ConfigError{endpoint.name, loaded.error().text};
                return;
            }
            weather = std::move(*loaded);
        }
        try {
            mocks_.push_back(std::make_unique<mock::Server>(std::move(weather)));
        } catch (const std::exception& error) {
            complaint_ = ConfigError{endpoint.name, error.what()};
            return;
        }
        endpoint.url = mocks_.back()->base_url();
    }
}

std::unique_ptr<Engine> Core::make_engine() {
    std::vector<EndpointLimits> limits;
    for (const auto& endpoint : settings_.endpoints) {
        const auto places = endpoint.in_flight > 0 ? endpoint.in_flight : settings_.in_flight;
        limits.push_back(
            {endpoint.name,
             Room{places},
             TokenBucket::per_minute(endpoint.rpm),
             TokenBucket::per_minute(endpoint.tpm)}
        );
    }
    Dispatcher::Settings dispatch{
        .window = settings_.window,
        .window_bytes = settings_.window_bytes,
        .deadline = settings_.timeouts.request,
        .retry = {
            .attempts = settings_.attempts,
            .backoff = settings_.backoff,
            .longest_park = settings_.longest_park,
            .seed = settings_.seed}};
    return std::make_unique<Engine>(Engine::Parts{
        .desk = Desk{std::move(limits), settings_.in_flight, settings_.longest_park},
        .settings = dispatch,
        .backend = [this](
                       boost::asio::io_context& loop, Backend::Done done
                   ) { return std::make_unique<Remote>(settings_, loop, std::move(done)); },
        .deliver = [this](Sequence seq, Reply reply) { deliver(seq, std::move(reply)); },
        .log = settings_.log});
}

std::optional<Sequence> Core::ask(const Request& request, OnReply on_reply) {
    on_reply = counted(std::move(on_reply));
    const auto refuse = [&](Fault fault) {
        answer_now(std::move(on_reply), std::move(fault));
        return Sequence{0};
    };
    if (complaint_) return refuse({.kind = FaultKind::bad_input, .detail = complaint_->text()});
    if (door_is_shut_) {
        return refuse({.kind = FaultKind::cancelled, .detail = "asked after drain or cancel"});
    }
    auto prepared = prepare(request);
    if (!prepared) return refuse(std::move(prepared.error()));

    const std::lock_guard lock{engine_mutex_};
    if (!engine_) return std::nullopt;
    const auto seq = ++last_seq_;
    {
        const std::lock_guard lock_waiting{waiting_mutex_};
        waiting_.emplace(seq, std::move(on_reply));
    }
    engine_->submit(seq, std::make_shared<const Prepared>(std::move(*prepared)));
    return seq;
}

void Core::cancel(Sequence seq) {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->cancel(seq);
}

void Core::cancel_all() {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->cancel_all();
}

void Core::stop_starting() {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->stop_starting();
}

bool Core::wait_until_done(TimePoint until) {
    std::unique_lock lock{outstanding_->mutex};
    const auto done = [this] { return outstanding_->count == 0; };
    if (delivery_.is_this_thread()) return done();
    if (until != never) return outstanding_->changed.wait_until(lock, until, done);
    outstanding_->changed.wait(lock, done);
    return true;
}

Tally Core::tally() {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) last_tally_ = engine_->tally();
    return last_tally_;
}

void Core::close() {
    shut_the_door();
    std::unique_ptr<Engine> engine;
    {
        const std::lock_guard lock{engine_mutex_};
        if (engine_) last_tally_ = engine_->tally();
        engine = std::move(engine_);
    }
    engine.reset();  // Outside the lock: its last replies still come by `deliver`.
    delivery_.close();
    std::unordered_map<Sequence, OnReply> dropped;
    {
        const std::lock_guard lock{waiting_mutex_};
        dropped.swap(waiting_);
    }
    dropped.clear();
    mocks_.clear();
}

void Core::deliver(Sequence seq, Reply reply) {
    OnReply on_reply;
    {
        const std::lock_guard lock{waiting_mutex_};
        auto node = waiting_.extract(seq);
        if (!node) return;
        on_reply = std::move(node.mapped());
    }
    delivery_.hand_over(std::move(on_reply), std::move(reply));
}

void Core::answer_now(OnReply on_reply, Fault fault) {
    delivery_.hand_over(std::move(on_reply), Reply{.outcome = std::move(fault)});
}

// Counts it as waited for until its callback has returned, or has been dropped.
OnReply Core::counted(OnReply on_reply) {
    outstanding_->one_more();
    std::shared_ptr<void> count{
        nullptr, [outstanding = outstanding_](void*) { outstanding->one_less(); }};
    return [count = std::move(count), on_reply = std::move(on_reply)](Reply reply) {
        on_reply(std::move(reply));
    };
}

}  // namespace skein
