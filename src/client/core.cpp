// Assembles the engine with its endpoints (remote, mock, local), admits requests and hands out
// replies.
//
// Invariant: every admitted request gets one reply, or its sink is destroyed by `close`. A caller
// may wait for the control thread with `engine_mutex_` held, so the control thread never takes that
// mutex.
#include "client/core.hpp"

#include "backend/remote.hpp"
#include "base/assert.hpp"
#include "base/random.hpp"
#include "client/assembly/mocks.hpp"
#include "dialect/dialects.hpp"
#include "dialect/expectation.hpp"
#include "dialect/request/body.hpp"
#include "dialect/request/request_writer.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <random>
#include <utility>

namespace skein {
namespace {

// More than any number of endpoints.
constexpr std::size_t none_is_local = ~std::size_t{0};

// `Endpoint::on`, with indices for the names, which are checked.
std::vector<std::pair<FaultKind, EndpointIndex>> ways_on(
    const Endpoint& endpoint, const std::vector<Endpoint>& all
) {
    std::vector<std::pair<FaultKind, EndpointIndex>> ways;
    for (const auto& [kind, name] : endpoint.on) {
        const auto at = std::ranges::find(all, name, &Endpoint::name);
        SKEIN_ASSERT(at != all.end());
        ways.emplace_back(kind, static_cast<EndpointIndex>(at - all.begin()));
    }
    return ways;
}

// The limits of one endpoint. Without a limit of its own it has as many places as the whole run, so
// only the limit of the run binds.
EndpointSettings limits_of(const Endpoint& endpoint, const Settings& settings) {
    const auto& backoff = settings.backoff;
    return {
        .name = endpoint.name,
        .places = endpoint.in_flight > 0 ? endpoint.in_flight : settings.in_flight,
        .rpm = endpoint.rpm,
        .tpm = endpoint.tpm,
        .input_tpm = endpoint.input_tpm,
        .output_tpm = endpoint.output_tpm,
        .counts_cached = dialect_of(endpoint.api).limits_count_cached,
        .tier = endpoint.tier,
        .weight = endpoint.weight,
        .on = ways_on(endpoint, settings.endpoints),
        .price = {endpoint.prices, endpoint.price_rules},
        .key_from = endpoint.key_from,
        .push_back = {backoff.throttled_base, backoff.throttled_max},
        .address = shown_url(endpoint.url),
        .address_advice = address_advice(endpoint),
        .first_answer = settings.first_answer,
        .max_outage = settings.timeouts.request};
}

// The scheduler with all endpoints of the settings. The endpoints from `first_local` on are the
// local workers, which `LocalTier` has appended.
Desk desk_of(
    const Settings& settings, std::size_t first_local, std::optional<TimePoint> rates_empty_at
) {
    std::vector<EndpointSettings> endpoints;
    for (const auto& endpoint : settings.endpoints) {
        endpoints.push_back(limits_of(endpoint, settings));
        // A seed for each, or the pauses of all endpoints would have the same jitter.
        endpoints.back().seed = mix(settings.seed, endpoints.size());
        endpoints.back().rates_empty_at = rates_empty_at;
        if (endpoints.size() <= first_local) continue;
        endpoints.back().is_local = true;
        endpoints.back().after = settings.fallback_after;
    }
    return Desk{
        endpoints,
        {.in_flight = settings.in_flight,
         .max_retry_after = settings.max_retry_after,
         .seed = settings.seed,
         .budget = {
             static_cast<double>(settings.max_requests),
             static_cast<double>(settings.max_tokens),
             settings.max_cost}}};
}

LocalCapabilities ability_of(const LocalPool& pool) {
    return {pool.embeddings, static_cast<std::int64_t>(pool.context_tokens)};
}

}  // namespace

Core::Core(ClientPlan plan, JobWishes wishes)
    : Core{plan.settings(), std::move(plan), std::move(wishes)} {}

Core::Core(Settings settings, JobWishes wishes)
    : Core{settings, plan_client(settings), std::move(wishes)} {}

Core::Core(Settings settings, Expected<ClientPlan, ConfigError> plan, JobWishes wishes)
    : settings_{std::move(settings)},
      usual_model_{usual_model(settings_.endpoints)},
      choosy_{choosy_endpoints(settings_.endpoints)},
      response_format_{response_format_of(settings_.expect)},
      delivery_{settings_.log, std::move(wishes.batches)},
      outstanding_{std::make_shared<Outstanding>()} {
    // 0 means that no seed is set; a seed makes the jitter of a run reproducible.
    if (settings_.seed == 0) settings_.seed = std::random_device{}();
    if (wishes.window) settings_.window = *wishes.window;
    if (!plan) {
        // There is no engine then: `admitted` answers every request with the complaint.
        complaint_ = plan.error();
        return;
    }
    open_mocks(*plan);
    if (complaint_) return;
    try {
        if (settings_.local) open_local(plan->local());
        if (complaint_) return;
        engine_ = make_engine(wishes);
        // Before `wake`, because the first update of a worker would find no receiver and be lost.
        hear_with(engine_.get());
        if (local_ && is_wanted_at_once()) local_->wake();
    } catch (const std::exception& error) {
        complaint_ = ConfigError{"", std::string{"cannot start: "} + error.what()};
    }
}

Core::~Core() { close(); }

void Core::open_mocks(const ClientPlan& plan) {
    auto mocks = start_mocks(plan, settings_.endpoints);
    if (!mocks) {
        complaint_ = mocks.error();
        return;
    }
    mocks_ = std::move(*mocks);
}

// Appends the local workers to the endpoints, or does without them and says why, if the job can run
// without them.
void Core::open_local(const LocalPlan& plan) {
    // Counted before `LocalTier::open` appends the workers.
    remote_endpoints_ = settings_.endpoints.size();
    auto why_none = plan.why_none;
    if (plan.pool) {
        auto opened = LocalTier::open(*plan.pool, settings_, [this](EndpointUpdate news) {
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

// True if the local workers load at once: there is no remote endpoint whose failure they could wait
// for, or the pool is on standby.
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
        .answers = settings_.expect.schema_attempts,
        .max_retry_after = settings_.max_retry_after,
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
        // Never null here: the dispatcher asks for workers only if `dispatch.local` is set.
        .call_workers = [this] { local_->wake(); },
        .watch = &watch_});
}

Expected<Prepared, Fault> Core::prepared(const Request& request) const {
    return prepare(request, usual_model_, response_format_);
}

// The request as the engine takes it, or the fault that answers it now.
Expected<RequestPtr, Fault> Core::admitted(Expected<Prepared, Fault> request) const {
    if (complaint_) return Fault{.kind = FaultKind::bad_input, .detail = complaint_->text()};
    if (door_is_shut_) {
        return Fault{.kind = FaultKind::cancelled, .detail = "asked after drain or cancel"};
    }
    if (!request) return std::move(request.error());
    // The loop of `misfits` is empty for most clients.
    auto unable = misfits(settings_.endpoints, choosy_, *request);
    if (unable.are_all) return Fault{.kind = FaultKind::bad_input, .detail = unable.why};
    request->cannot = unable.endpoints;
    return RequestPtr{std::make_shared<const Prepared>(std::move(*request))};
}

std::optional<Sequence> Core::ask(const Request& request, OnReply on_reply) {
    // Counted before the door is looked at. A request that finds the door open is thus one that
    // `drain` waits for; counted later it could be missed.
    ReplySink sink{
        .counted = Counted{outstanding_}, .on_reply = std::move(on_reply), .tag = request.tag};
    return submit(prepared(request), std::move(sink));
}

std::optional<Sequence> Core::submit(Expected<Prepared, Fault> request, ReplySink sink) {
    auto asked = admitted(std::move(request));
    if (!asked) {
        answer_now(std::move(sink), std::move(asked.error()));
        // No request has this number, so a `cancel` of it does nothing.
        return Sequence{0};
    }
    const std::lock_guard lock{engine_mutex_};
    if (!engine_) return std::nullopt;
    const auto seq = ++last_seq_;
    if (sink.chunks) sink.chunks->id = RequestId{seq};
    engine_->submit({seq, std::move(*asked), std::move(sink)});
    return seq;
}

void Core::ask(std::vector<Question> questions) {
    std::vector<Engine::Submitted> submitted;
    submitted.reserve(questions.size());
    for (auto& question : questions) {
        auto sink = std::move(question.sink);
        sink.counted = Counted{outstanding_};
        auto asked = admitted(std::move(question.request));
        if (asked) {
            submitted.push_back({0, std::move(*asked), std::move(sink)});
        } else {
            answer_now(std::move(sink), std::move(asked.error()));
        }
    }
    const std::lock_guard lock{engine_mutex_};
    if (!engine_) return;  // Closed: a destroyed sink with a ticket tells its inbox.
    // Under the lock, so that requests reach the engine in the order of their numbers.
    for (auto& request : submitted) request.seq = ++last_seq_;
    engine_->submit(std::move(submitted));
}

void Core::cancel(Sequence seq) {
    delivery_.stop_reading(RequestId{seq});
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->cancel(seq);
}

void Core::cancel(std::shared_ptr<const Inbox> inbox) {
    const std::lock_guard lock{engine_mutex_};
    if (engine_) engine_->cancel(std::move(inbox));
}

void Core::cancel_all() {
    delivery_.stop_reading();
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
    last_tally_.loop_stall_max = watch_.max();
    return last_tally_;
}

void Core::close() {
    shut_the_door();
    std::unique_ptr<Engine> engine;
    {
        const std::lock_guard lock{engine_mutex_};
        // The last tally is kept for callers that ask after the end.
        look();
        engine = std::move(engine_);
    }
    // Updates of workers stop before the engine is destroyed, because they refer to it.
    hear_with(nullptr);
    // Outside the lock, because the engine still delivers its last replies by `deliver`. Sinks
    // without a reply are destroyed last, when no callback runs any more.
    if (engine) engine->halt();
    delivery_.close();
    engine.reset();
    // Workers and mock servers end last, because attempts may use them until the engine is gone.
    if (local_) local_->close();
    mocks_.clear();
}

// Hands replies to inboxes directly, and to callbacks by way of the delivery thread. Consecutive
// replies for the same inbox are put in together, because each `put` may wake a thread.
void Core::deliver(std::vector<Engine::Delivered> replies) {
    std::vector<Inbox::Letter> letters;
    std::shared_ptr<Inbox> inbox;  // The inbox of `letters`.
    const auto post = [&] {
        if (inbox) inbox->put(std::exchange(letters, {}));
    };
    for (auto& [seq, reply, sink] : replies) {
        reply->tag = sink.tag;
        // No inbox: a callback, or a reply without a receiver.
        if (!sink.ticket.inbox()) continue;
        if (sink.ticket.inbox() != inbox) {
            post();
            inbox = sink.ticket.inbox();
        }
        letters.push_back(sink.ticket.use(std::move(reply)));
    }
    post();
    // Callbacks run on the delivery thread only, because here a slow one would hold up all other
    // replies.
    std::erase_if(replies, [](const Engine::Delivered& it) { return !it.sink.on_reply; });
    delivery_.hand_over(std::move(replies));
}

// The reply of a request that never reaches the engine. Runs on the thread of the caller; its
// callback still runs on the delivery thread.
void Core::answer_now(ReplySink sink, Fault fault) {
    std::vector<Engine::Delivered> one;
    one.push_back({0, Reply{.outcome = std::move(fault)}, std::move(sink)});
    deliver(std::move(one));
}

}  // namespace skein
