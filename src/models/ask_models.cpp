// Asks each endpoint on one event loop of the calling thread, page after page.
//
// Invariant: an inquiry has one exchange in flight until it is over, and the loop stops when all
// are. The request is a GET for a list, so nothing is billed; redirects are never followed.
#include "models/ask_models.hpp"

#include "backend/key_keeper.hpp"
#include "backend/reaching_hint.hpp"
#include "client/assembly/mocks.hpp"
#include "dialect/dialects.hpp"
#include "dialect/http/error_answer.hpp"
#include "dialect/http/redact.hpp"
#include "settings/proxy.hpp"
#include "wire/curl_global.hpp"
#include "wire/curl_pool.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <utility>

namespace skein {
namespace {

namespace asio = boost::asio;
using State = ModelsAnswer::State;
using Key = ModelsAnswer::Key;

constexpr Duration patience = std::chrono::seconds{30};
constexpr std::size_t max_body = 4 * 1024 * 1024;
constexpr std::size_t max_pages = 50;
constexpr std::size_t max_models = 50'000;

Expected<wire::TargetPtr, ConfigError> target_at(const Endpoint& endpoint, const Address& address) {
    auto proxy = config::proxy_for(endpoint, config::from_environment);
    if (!proxy) return proxy.error();
    HeaderLines lines{endpoint};
    dialect_of(endpoint).sign(lines, endpoint);
    return wire::make_target(
        {.url = address.url,
         .ca_file = endpoint.ca_file,
         .socket = address.socket,
         .client_cert = endpoint.client_cert,
         .client_key = endpoint.client_key,
         .proxy = std::move(proxy->url),
         .proxy_login = std::move(proxy->login)},
        lines.take()
    );
}

// The statuses of a server that has no such list.
bool means_no_list(int status) { return status == 404 || status == 405 || status == 501; }

bool is_about_key(FaultKind kind) {
    return kind == FaultKind::auth || kind == FaultKind::forbidden;
}

// One endpoint and its exchanges. Loop thread only.
class Inquiry {
public:
    Inquiry(
        Endpoint endpoint, Duration connect, wire::CurlPool& pool, std::function<void()> on_over
    )
        : endpoint_{std::move(endpoint)},
          connect_{connect},
          pool_{pool},
          on_over_{std::move(on_over)} {}

    void begin() {
        deadline_ = Clock::now() + patience;
        const auto where = models_address(endpoint_);
        if (!where.why_none.empty()) return over(State::no_list, where.why_none);
        answer_.address = shown_url(where.address.url);
        if (!where.address.socket.empty()) answer_.address += " at " + where.address.socket;
        ask(endpoint_, where.address);
    }

    void fail(std::string why) { over(State::failed, std::move(why)); }

    ModelsAnswer take() {
        auto& models = answer_.models;
        std::ranges::sort(models, {}, &OfferedModel::name);
        const auto same = [](const OfferedModel& a, const OfferedModel& b) {
            return a.name == b.name;
        };
        models.erase(std::unique(models.begin(), models.end(), same), models.end());
        return std::move(answer_);
    }

private:
    void ask(const Endpoint& endpoint, const Address& address) {
        auto target = target_at(endpoint, address);
        if (!target) return over(State::failed, target.error().text());
        body_.clear();
        headers_ = {};
        wire::Exchange exchange;
        exchange.target = std::move(*target);
        exchange.is_get = true;
        exchange.patience.connect = connect_;
        exchange.deadline = deadline_;
        exchange.limits.body = max_body;
        exchange.on_head = [this](int, const Headers& headers) { headers_ = headers; };
        exchange.on_body = [this](std::string_view bytes, TimePoint) {
            body_ += bytes;
            return ReadState::more;
        };
        exchange.on_end = [this](wire::Ending ending) { ended(std::move(ending)); };
        pool_.start(std::move(exchange));
    }

    void ended(wire::Ending ending) {
        if (asks_without_key_) return answered_without_key(ending);
        answer_.status = ending.status;
        if (ending.fault) {
            const Fault fault{.kind = *ending.fault};
            auto why = std::string{to_string(fault.kind)} + ": " + ending.detail;
            if (const auto hint = reaching_hint(fault, endpoint_); !hint.empty()) {
                why += "; " + hint;
            }
            return over(State::failed, redacted(std::move(why), endpoint_));
        }
        if (ending.status < 200 || ending.status >= 300) return refused(ending.status);
        auto page = read_models(endpoint_, body_);
        if (!page.wrong.empty()) return over(State::failed, std::move(page.wrong));
        std::ranges::move(page.models, std::back_inserter(answer_.models));
        turn_to(page.next);
    }

    Fault fault_of(int status) const {
        const auto now = std::chrono::system_clock::now();
        return fault_of_answer(status, headers_, body_, now, endpoint_);
    }

    // The status and the body tell whether it is the key that was refused: Google answers a wrong
    // one with 400.
    void refused(int status) {
        const auto fault = fault_of(status);
        auto why = "HTTP " + std::to_string(status);
        if (!fault.remote_message.empty()) why += ": " + fault.remote_message;
        if (is_about_key(fault.kind)) {
            answer_.key = endpoint_.api_key.empty() ? Key::none : Key::refused;
            return over(State::refused, std::move(why));
        }
        if (status >= 300 && status < 400) why += "a redirect, which is not followed";
        over(means_no_list(status) ? State::no_list : State::failed, std::move(why));
    }

    // A server may send the same mark for ever, so the pages are counted.
    void turn_to(const std::string& next) {
        ++pages_;
        if (next.empty()) return check_key();
        if (pages_ >= max_pages || answer_.models.size() >= max_models) {
            answer_.is_cut = true;
            return check_key();
        }
        ask(endpoint_, models_address(endpoint_, next).address);
    }

    // Some servers list their models for anybody, which says nothing of the key: so the list is
    // asked for once more, without one.
    void check_key() {
        if (endpoint_.api_key.empty()) {
            answer_.key = Key::none;
            return over(State::listed, {});
        }
        asks_without_key_ = true;
        auto stranger = endpoint_;
        stranger.api_key = {};
        ask(stranger, models_address(stranger).address);
    }

    // Any other answer, such as one for too many requests, says nothing of the key.
    void answered_without_key(const wire::Ending& ending) {
        const bool is_listed = ending.status >= 200 && ending.status < 300;
        if (is_listed) {
            answer_.key = Key::unchecked;
        } else if (ending.status > 0 && is_about_key(fault_of(ending.status).kind)) {
            answer_.key = Key::accepted;
        }
        over(State::listed, {});
    }

    void over(State state, std::string why) {
        answer_.state = state;
        answer_.why = std::move(why);
        on_over_();
    }

    const Endpoint endpoint_;
    const Duration connect_;
    wire::CurlPool& pool_;
    const std::function<void()> on_over_;
    TimePoint deadline_ = never;
    std::string body_;
    Headers headers_;
    std::size_t pages_ = 0;
    bool asks_without_key_ = false;
    ModelsAnswer answer_;
};

// An endpoint with its key.
struct Keyed {
    Endpoint endpoint;
    std::string failure;  // Not empty: it has no key, because …
};

Keyed with_key(Endpoint endpoint) {
    if (endpoint.api_key_command.empty()) return {std::move(endpoint), {}};
    auto fetched = KeyKeeper::fetch_key(endpoint, -1);
    endpoint.api_key = std::move(fetched.key);
    return {std::move(endpoint), std::move(fetched.failure)};
}

// Runs the commands that print keys all at the same time.
std::vector<Keyed> keyed(const std::vector<Endpoint>& endpoints) {
    std::vector<std::future<Keyed>> waiting;
    for (const auto& endpoint : endpoints) {
        const auto when =
            endpoint.api_key_command.empty() ? std::launch::deferred : std::launch::async;
        waiting.push_back(std::async(when, with_key, endpoint));
    }
    std::vector<Keyed> all;
    for (auto& one : waiting) all.push_back(one.get());
    return all;
}

}  // namespace

Expected<std::vector<ModelsAnswer>, ConfigError> ask_models(const ClientPlan& plan) {
    auto addressed = plan.settings().endpoints;
    const auto mocks = start_mocks(plan, addressed);
    if (!mocks) return mocks.error();
    auto endpoints = keyed(addressed);
    wire::start_libcurl();
    asio::io_context loop{1};
    auto pool = std::make_unique<wire::CurlPool>(
        loop,
        wire::CurlPoolSettings{.in_flight = std::max<std::size_t>(endpoints.size(), 1)},
        std::make_shared<wire::Resolver>()
    );
    std::size_t open = endpoints.size();
    std::vector<std::unique_ptr<Inquiry>> inquiries;
    for (auto& [endpoint, failure] : endpoints) {
        inquiries.push_back(std::make_unique<Inquiry>(
            std::move(endpoint),
            plan.settings().timeouts.connect,
            *pool,
            [&] {
                if (--open == 0) loop.stop();
            }
        ));
        failure.empty() ? inquiries.back()->begin() : inquiries.back()->fail(std::move(failure));
    }
    if (open > 0) loop.run();
    std::vector<ModelsAnswer> answers;
    for (auto& inquiry : inquiries) answers.push_back(inquiry->take());
    pool.reset();
    return answers;
}

}  // namespace skein
