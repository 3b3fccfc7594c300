#include "backend/remote.hpp"

#include "backend/flight.hpp"
#include "dialect/address.hpp"
#include "wire/curl_global.hpp"
#include "wire/herd.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace skein {
namespace asio = boost::asio;
namespace {

// From here on opening connections keeps one thread busy for longer than an answer takes.
constexpr std::size_t many_in_flight = 2000;

}  // namespace

// One loop, one herd, and who is under way on it. Everything but `post_` happens on the loop.
class Remote::WireThread {
public:
    WireThread(
        const Settings& settings,
        Done done,
        std::shared_ptr<wire::Resolver> resolver,
        asio::io_context* shared
    )
        : settings_{settings},
          done_{std::move(done)},
          own_{shared ? nullptr : std::make_unique<asio::io_context>(1)},
          loop_{shared ? *shared : *own_},
          herd_{std::make_unique<wire::Herd>(
              loop_, wire::HerdSettings{.in_flight = settings.in_flight}, std::move(resolver)
          )} {
        if (own_) thread_ = std::thread{[this] { run(); }};
    }

    ~WireThread() { close(); }

    void start(Attempt attempt) { put(std::move(attempt)); }
    void stop(AttemptId id) { put(id); }

    void close() {
        if (!own_) {  // Called on the loop, which goes on without us.
            *alive_ = false;
            herd_.reset();
        }
        if (!thread_.joinable()) return;
        post([this] {
            herd_->stop();
            own_->stop();
        });
        thread_.join();
        herd_.reset();
    }

private:
    using Order = std::variant<Attempt, AttemptId>;  // Start this one, stop that one.

    // Enough at once to be cheap, and few enough that sockets do not wait long for their turn: ten
    // thousand connections begun in one go would all be open before the first is written to.
    static constexpr std::size_t orders_at_once = 64;

    void put(Order order) {
        {
            const std::lock_guard lock{mutex_};
            orders_.push_back(std::move(order));
            if (orders_.size() > 1) return;  // Somebody has already knocked.
        }
        post([this] { obey(); });
    }

    void obey() {
        std::vector<Order> batch;
        bool more = false;
        {
            const std::lock_guard lock{mutex_};
            while (!orders_.empty() && batch.size() < orders_at_once) {
                batch.push_back(std::move(orders_.front()));
                orders_.pop_front();
            }
            more = !orders_.empty();
        }
        for (auto& order : batch) std::visit([this](auto& o) { obey(o); }, order);
        if (more) post([this] { obey(); });
    }

    void obey(Attempt& attempt) { launch(std::move(attempt)); }

    void obey(AttemptId id) {
        const auto at = flights_.find(id);
        if (at == flights_.end()) return;
        const auto transfer = at->second->transfer;
        const bool sent = herd_->has_left(transfer);
        if (!herd_->cancel(transfer)) return;
        const auto flight = std::move(at->second);
        flights_.erase(at);
        if (auto early = flight->early_result()) return done_(id, std::move(*early));
        done_(id, {Fault{.kind = FaultKind::cancelled, .detail = "told to stop"}, {}, sent});
    }

    template <class Call>
    void post(Call call) {
        asio::post(loop_, [alive = alive_, call = std::move(call)]() mutable {
            if (*alive) call();
        });
    }

    void run() {
        auto work = asio::make_work_guard(*own_);
        own_->run();
    }

    void launch(Attempt attempt) {
        const auto& endpoint = settings_.endpoints[attempt.endpoint];
        auto target = target_of(attempt.endpoint, attempt.request->path);
        if (!target) {
            auto fault = Fault{.kind = FaultKind::bad_input, .detail = target.error().text()};
            asio::post(
                loop_,
                [this, alive = alive_, id = attempt.id, fault = std::move(fault)]() mutable {
                    if (*alive) done_(id, {std::move(fault), {}, false});
                }
            );
            return;
        }
        const auto id = attempt.id;
        auto flight = std::make_unique<Flight>(std::move(attempt), endpoint, settings_);
        auto exchange = flight->exchange(*target, [this, id](wire::Ending ending) {
            const auto node = flights_.extract(id);
            done_(id, node.mapped()->result(std::move(ending)));
        });
        auto& kept = *flights_.emplace(id, std::move(flight)).first->second;
        kept.transfer = herd_->start(std::move(exchange));
    }

    // Made when first needed; the same for every attempt at this path.
    Expected<wire::TargetPtr, ConfigError> target_of(EndpointIndex index, const std::string& path) {
        const auto known = targets_.find({index, path});
        if (known != targets_.end()) return known->second;
        const auto& endpoint = settings_.endpoints[index];
        auto made = wire::make_target(
            url_for(endpoint, path), header_lines_for(endpoint), endpoint.ca_file
        );
        if (made) targets_.emplace(std::pair{index, path}, *made);
        return made;
    }

    const Settings settings_;
    const Done done_;
    std::unique_ptr<asio::io_context> own_;  // None, if the wire shares the control loop.
    asio::io_context& loop_;
    std::mutex mutex_;
    std::deque<Order> orders_;
    std::map<std::pair<EndpointIndex, std::string>, wire::TargetPtr> targets_;
    std::unordered_map<AttemptId, std::unique_ptr<Flight>> flights_;
    std::unique_ptr<wire::Herd> herd_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::thread thread_;
};

Remote::Remote(const Settings& settings, asio::io_context& control, Done done) {
    wire::start_libcurl();
    auto resolver = std::make_shared<wire::Resolver>();
    const auto count = settings.wire_threads.value_or(settings.in_flight > many_in_flight ? 2 : 1);
    if (count == 0) {
        threads_.push_back(std::make_unique<WireThread>(settings, done, resolver, &control));
    }
    while (threads_.size() < count) {
        threads_.push_back(std::make_unique<WireThread>(settings, done, resolver, nullptr));
    }
}

Remote::~Remote() { close(); }

void Remote::start(Attempt attempt) { thread_of(attempt.id).start(std::move(attempt)); }

void Remote::stop(AttemptId id) { thread_of(id).stop(id); }

void Remote::close() {
    for (auto& thread : threads_) thread->close();
}

Remote::WireThread& Remote::thread_of(AttemptId id) {
    return *threads_[static_cast<std::uint64_t>(id) % threads_.size()];
}

}  // namespace skein
