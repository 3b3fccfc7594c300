#include "client/core.hpp"

#include "backend/remote.hpp"
#include "base/random.hpp"
#include "dialect/openai/address.hpp"
#include "dialect/openai/request_writer.hpp"
#include "settings/check/check_settings.hpp"
#include "wire/certificates.hpp"
#include "wire/curl_global.hpp"

#include <chrono>
#include <exception>
#include <random>
#include <utility>

namespace skein {
namespace {

constexpr std::size_t none_is_local = ~std::size_t{0};

EndpointSettings limits_of(const Endpoint& endpoint, const Settings& settings) {
    const auto& backoff = settings.backoff;
    return {
        .name = endpoint.name,
        .places = endpoint.in_flight > 0 ? endpoint.in_flight : settings.in_flight,
        .rpm = endpoint.rpm,
        .tpm = endpoint.tpm,
        .tier = endpoint.tier,
        .weight = endpoint.weight,
        .price = {endpoint.input_price, endpoint.output_price},
        .key_from = endpoint.key_from,
        .push_back = {backoff.throttled_base, backoff.throttled_most},
        .address = shown_url(endpoint.url),
        .address_advice = address_advice(endpoint),
        .first_answer = settings.first_answer,
        .longest_outage = settings.timeouts.request};
}

Desk desk_of(
    const Settings& settings, std::size_t first_local, std::optional<TimePoint> rates_empty_at
) {
    std::vector<EndpointSettings> endpoints;
    for (const auto& endpoint : settings.endpoints) {
        endpoints.push_back(limits_of(endpoint, settings));
        endpoints.back().seed = mix(settings.seed, endpoints.size());
        endpoints.back().rates_empty_at = rates_empty_at;
        if (endpoints.size() <= first_local) continue;
        endpoints.back().is_local = true;
        endpoints.back().after = settings.fallback_after;
    }
    return Desk{
        endpoints,
        {.in_flight = settings.in_flight,
         .longest_park = settings.longest_park,
         .seed = settings.seed,
         .budget = {
             static_cast<double>(settings.max_requests),
             static_cast<double>(settings.max_tokens),
             settings.max_cost}}};
}

LocalCapabilities ability_of(const LocalPool& pool) {
    return {pool.embeddings, static_cast<std::int64_t>(pool.context)};
}

}  // namespace

Core::Core(Settings settings, JobWishes wishes)
    : settings_{std::move(settings)},
      usual_model_{usual_model(settings_.endpoints)},
      complaint_{check_settings(settings_)},
      delivery_{settings_.log, std::move(wishes.batches)},
      outstanding_{std::make_shared<Outstanding>()} {
    if (settings_.seed == 0) settings_.seed = std::random_device{}();
    if (!complaint_) complaint_ = wire::check_libcurl();
    if (!complaint_) complaint_ = wire::check_certificates_for(settings_.endpoints);
    if (!complaint_) open_mocks();
    if (complaint_) return;
    try {
        if (settings_.local) open_local();
        if (complaint_) return;
        engine_ = make_engine(wishes);
        hear_with(engine_.get());
        if (local_ && is_wanted_at_once()) local_->wake();
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

void Core::open_local() {
    remote_endpoints_ = settings_.endpoints.size();
    auto plan = plan_of_local(settings_);
    if (!plan) {
        complaint_ = plan.error();
        return;
    }
    auto why_none = plan->why_none;
    if (plan->pool) {
        auto opened =
            LocalTier::open(std::move(*plan->pool), settings_, [this](EndpointUpdate news) {
                tell(std::move(news));
            });
        if (opened) {
            local_ = std::move(*opened);
            return;
        }
        why_none = opened.error().text();
        if (is_needed(settings_)) {
            complaint_ = opened.error();
            return;
        }
    }
    settings_.local.reset();
    if (settings_.log) {
        settings_.log(LogLevel::warn, "there will be no local pool: " + why_none);
    }
}

void Core::tell(EndpointUpdate news) {
    const std::lock_guard lock{news_mutex_};
    if (hears_) hears_->tell(std::move(news));
}

void Core::hear_with(Engine* engine) {
    const std::lock_guard lock{news_mutex_};
    hears_ = engine;
}

// Where there is nobody else, trouble need not be waited for.
bool Core::is_wanted_at_once() const {
    return remote_endpoints_ == 0 || settings_.local->start == LocalPool::Start::standby;
}

std::unique_ptr<Backend> Core::make_backend(
    boost::asio::io_context& control, const Backend::Tell& tell
) {
    if (local_) return local_->make_backend(settings_, control, tell, watch_);
    return std::make_unique<Remote>(settings_, control, tell, &watch_);
}

std::unique_ptr<Engine> Core::make_engine(const JobWishes& wishes) {
    Dispatcher::Settings dispatch{
        .window = settings_.window,
        .window_bytes = settings_.window_bytes,
        .time = settings_.timeouts.request,
        .same_refusals = settings_.same_refusals,
        .spares = wishes.spares_rows,
        .retry =
            {.attempts = settings_.attempts, .backoff = settings_.backoff, .seed = settings_.seed},
        .longest_park = settings_.longest_park,
        .hedging = settings_.hedging,
        .keeps_place_until_recorded = wishes.keeps_place_until_recorded};
    if (local_) dispatch.local = ability_of(*settings_.local);
    const auto empty_at = wishes.rates_begin_empty ? std::optional{Clock::now()} : std::nullopt;
    return std::make_unique<Engine>(Engine::Parts{
        .desk = desk_of(settings_, local_ ? remote_endpoints_ : none_is_local, empty_at),
        .settings = dispatch,
        .backend = [this](
                       boost::asio::io_context& loop, const Backend::Tell& tell
                   ) { return make_backend(loop, tell); },
        .deliver = [this](auto replies) { deliver(std::move(replies)); },
        .log = settings_.log,
        .call_workers = [this] { local_->wake(); },
        .watch = &watch_});
}

Expected<Prepared, Fault> Core::prepared(const Request& request) const {
    return prepare(request, usual_model_);
}

Expected<RequestPtr, Fault> Core::admitted(Expected<Prepared, Fault> request) const {
    if (complaint_) return Fault{.kind = FaultKind::bad_input, .detail = complaint_->text()};
    if (door_is_shut_) {
        return Fault{.kind = FaultKind::cancelled, .detail = "asked after drain or cancel"};
    }
    if (!request) return std::move(request.error());
    return RequestPtr{std::make_shared<const Prepared>(std::move(*request))};
}

std::optional<Sequence> Core::ask(const Request& request, OnReply on_reply) {
    Waiter waiter{.on_reply = std::move(on_reply), .counted = Counted{outstanding_}};
    auto asked = admitted(prepared(request));
    if (!asked) {
        answer_now(std::move(waiter), std::move(asked.error()));
        return Sequence{0};
    }
    const std::lock_guard lock{engine_mutex_};
    if (!engine_) return std::nullopt;
    const auto seq = ++last_seq_;
    {
        const std::lock_guard lock_waiting{waiting_mutex_};
        waiting_.emplace(seq, std::move(waiter));
    }
    engine_->submit({seq, std::move(*asked)});
    return seq;
}

void Core::ask(std::vector<Question> questions) {
    std::vector<Engine::Submitted> submitted;
    std::vector<Waiter> waiters;
    for (auto& question : questions) {
        auto waiter = std::move(question.waiter);
        waiter.counted = Counted{outstanding_};
        auto asked = admitted(std::move(question.request));
        if (!asked) {
            answer_now(std::move(waiter), std::move(asked.error()));
            continue;
        }
        submitted.push_back({0, std::move(*asked)});
        waiters.push_back(std::move(waiter));
    }
    const std::lock_guard lock{engine_mutex_};
    if (!engine_) {
        for (auto& waiter : waiters) {
            if (waiter.inbox) answer_now(std::move(waiter), client_went_away());
        }
        return;
    }
    {
        const std::lock_guard lock_waiting{waiting_mutex_};
        for (std::size_t i = 0; i < waiters.size(); ++i) {
            submitted[i].seq = ++last_seq_;
            waiting_.emplace(submitted[i].seq, std::move(waiters[i]));
        }
    }
    engine_->submit(std::move(submitted));
}

void Core::cancel(Sequence seq) {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->cancel(seq);
}

void Core::cancel(const Inbox& inbox) {
    std::vector<Sequence> all;
    {
        const std::lock_guard lock{waiting_mutex_};
        for (const auto& [seq, waiter] : waiting_) {
            if (waiter.inbox.get() == &inbox) all.push_back(seq);
        }
    }
    for (const auto seq : all) cancel(seq);
}

void Core::cancel_all() {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->cancel_all();
}

void Core::stop_starting() {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->stop_starting();
}

void Core::expect_no_more() {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->expect_no_more();
}

void Core::recorded(std::size_t count) {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->recorded(count);
}

bool Core::wait_until_done(TimePoint until) {
    return outstanding_->wait_for_none(delivery_.is_this_thread() ? Clock::now() : until);
}

Tally Core::tally() {
    const std::lock_guard lock{engine_mutex_};
    return look();
}

Tally Core::look() {
    if (!engine_) return last_tally_;
    last_tally_ = engine_->tally();
    last_tally_.loop_stall_p99 = watch_.quantile(0.99);
    last_tally_.loop_stall_most = watch_.most();
    return last_tally_;
}

void Core::close() {
    shut_the_door();
    std::unique_ptr<Engine> engine;
    {
        const std::lock_guard lock{engine_mutex_};
        look();
        engine = std::move(engine_);
    }
    hear_with(nullptr);
    engine.reset();  // Outside the lock: its last replies still come by `deliver`.
    delivery_.close();
    std::vector<Waiter> dropped;
    {
        const std::lock_guard lock{waiting_mutex_};
        for (auto& [seq, waiter] : waiting_) dropped.push_back(std::move(waiter));
        waiting_.clear();
    }
    for (auto& waiter : dropped) {  // Who only drops a call is told by its end.
        if (waiter.inbox) answer_now(std::move(waiter), client_went_away());
    }
    dropped.clear();
    if (local_) local_->close();
    mocks_.clear();
}

void Core::deliver(std::vector<Engine::Delivered> replies) {
    std::vector<Handover> handovers;
    handovers.reserve(replies.size());
    {
        const std::lock_guard lock{waiting_mutex_};
        for (auto& [seq, reply] : replies) {
            const auto at = waiting_.find(seq);
            if (at == waiting_.end()) continue;
            handovers.push_back({std::move(at->second), std::move(reply)});
            waiting_.erase(at);
        }
    }
    hand_over(std::move(handovers));
}

// To the inboxes at once, to all others by way of the delivery thread.
void Core::hand_over(std::vector<Handover> replies) {
    std::vector<Inbox::Letter> letters;
    std::shared_ptr<Inbox> inbox;  // Of the letters; mostly that of all of them.
    const auto post = [&] {
        if (inbox) inbox->put(std::exchange(letters, {}));
    };
    for (auto& [waiter, reply] : replies) {
        if (!waiter.inbox) continue;
        if (waiter.inbox != inbox) {
            post();
            inbox = waiter.inbox;
        }
        letters.push_back({waiter.number, std::move(reply)});
    }
    post();
    std::erase_if(replies, [](const Handover& it) { return it.waiter.inbox != nullptr; });
    delivery_.hand_over(std::move(replies));
}

void Core::answer_now(Waiter waiter, Fault fault) {
    std::vector<Handover> one;
    one.push_back({std::move(waiter), Reply{.outcome = std::move(fault)}});
    hand_over(std::move(one));
}

}  // namespace skein
