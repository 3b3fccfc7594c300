// Lookups run on detached threads, at most `Settings::threads`; a thread ends when no host waits.
// Invariant: `State` is touched with its mutex held, and a host is looked up once at a time,
// however many tickets wait for it. The threads share the ownership of `State`, so that a hanging
// lookup may outlive the resolver.
#include "wire/resolver.hpp"

#include <boost/asio/post.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <deque>
#include <exception>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

namespace skein::wire {
namespace {

// The address as libcurl reads it. Empty for an address with a scope id (IPv6 link-local), because
// libcurl cannot be told the network interface.
std::string text_of(const addrinfo& info) {
    char text[INET6_ADDRSTRLEN] = {};
    if (info.ai_family == AF_INET) {
        const auto& v4 = *reinterpret_cast<const sockaddr_in*>(info.ai_addr);
        return inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text) ? text : std::string{};
    }
    if (info.ai_family != AF_INET6) return {};
    const auto& v6 = *reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
    if (v6.sin6_scope_id != 0 || !inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text)) return {};
    return "[" + std::string{text} + "]";
}

Resolver::Failure failure_of(int code) {
    // EAI_AGAIN: the name server did not answer. EAI_MEMORY: this process has no memory now. Both
    // say nothing of the name.
    if (code == EAI_NONAME) return Resolver::Failure::no_such_name;
    const bool passing = code == EAI_AGAIN || code == EAI_MEMORY;
    return passing ? Resolver::Failure::passing : Resolver::Failure::usual;
}

struct Waiter {
    asio::io_context* loop = nullptr;
    Resolver::Done done;
};

struct Name {
    Resolver::Answer answer;
    TimePoint fresh_until = TimePoint::min();
    // Members: `looking` while the host is in `waiting` or on a thread; `was_found` stays true for
    // the whole run; `askers` may hold tickets that were forgotten meanwhile.
    bool looking = false;
    bool was_found = false;
    std::vector<Resolver::Ticket> askers;
};

}  // namespace

// Shared with the lookup threads; it outlives the resolver while a lookup hangs.
struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
    State(Settings settings, Lookup lookup) : settings{settings}, lookup{std::move(lookup)} {}

    const Settings settings;
    const Lookup lookup;
    std::mutex mutex;
    std::unordered_map<std::string, Name> names;
    std::unordered_map<std::uint64_t, Waiter> askers;
    std::deque<std::string> waiting;
    std::uint64_t last_ticket = 0;
    std::size_t threads = 0;
    bool over = false;

    // `fresh`, `look_up`, `settle_waiting`, `settle` and `tell`: call with the mutex held.
    const Answer* fresh(const std::string& host, TimePoint now) {
        const auto found = names.find(host);
        if (found == names.end() || now >= found->second.fresh_until) return nullptr;
        return &found->second.answer;
    }

    // Queues the host unless it is queued or being looked up, and starts a thread while fewer than
    // the most are running.
    void look_up(const std::string& host) {
        auto& name = names[host];
        if (name.looking) return;
        name.looking = true;
        waiting.push_back(host);
        if (threads == settings.threads) return;
        try {
            std::thread{[self = shared_from_this()] { self->work(); }}.detach();
            ++threads;
        } catch (const std::system_error& error) {
            // A running thread will take the host from the queue. Without any thread it has failed.
            if (threads == 0) settle_waiting(std::string{"no thread: "} + error.what());
        }
    }

    void settle_waiting(const std::string& reason) {
        while (!waiting.empty()) {
            settle(waiting.front(), {nullptr, reason});
            waiting.pop_front();
        }
    }

    // Stores the answer and posts it to every asker. A forgotten ticket has no entry in `askers`
    // any more.
    void settle(const std::string& host, Answer answer) {
        auto& name = names[host];
        name.looking = false;
        name.was_found = name.was_found || answer.addresses;
        // NXDOMAIN for a name that resolved before is temporary: DNS is probably being changed.
        if (name.was_found && answer.failure == Failure::no_such_name) {
            answer.failure = Failure::usual;
        }
        name.fresh_until = Clock::now() + keep_for(answer);
        name.answer = std::move(answer);
        for (const auto ticket : std::exchange(name.askers, {})) {
            auto waiter = askers.extract(static_cast<std::uint64_t>(ticket));
            if (waiter) tell(std::move(waiter.mapped()), name.answer);
        }
    }

    // Temporary failures are not cached: a retry after a pause must not meet an old failure.
    Duration keep_for(const Answer& answer) const {
        if (answer.addresses) return settings.keep;
        return answer.failure == Failure::passing ? Duration::zero() : settings.keep_failures;
    }

    static void tell(Waiter waiter, const Answer& answer) {
        asio::post(*waiter.loop, [done = std::move(waiter.done), answer] { done(answer); });
    }

    // Called without the mutex. An exception must not leave the thread, because it would end the
    // program.
    Answer guarded_lookup(const std::string& host) {
        try {
            return lookup(host);
        } catch (const std::exception& error) {
            return {nullptr, error.what()};
        }
    }

    // Body of a lookup thread. Called without the mutex.
    void work() {
        std::unique_lock lock{mutex};
        while (!over && !waiting.empty()) {
            const auto host = std::move(waiting.front());
            waiting.pop_front();
            lock.unlock();
            auto answer = guarded_lookup(host);
            lock.lock();
            // After the resolver has gone, the loops of the askers may be gone as well: the answer
            // is dropped.
            if (!over) settle(host, std::move(answer));
        }
        --threads;
    }
};

Resolver::Resolver(Settings settings, Lookup lookup)
    : state_{std::make_shared<State>(settings, std::move(lookup))} {}

// Does not join, because a lookup that hangs in `getaddrinfo` cannot be ended. Its thread keeps
// `State` alive.
Resolver::~Resolver() {
    const std::lock_guard lock{state_->mutex};
    state_->over = true;
    state_->askers.clear();
}

std::optional<Resolver::Answer> Resolver::known(const std::string& host, TimePoint now) {
    const std::lock_guard lock{state_->mutex};
    if (const auto* answer = state_->fresh(host, now)) return *answer;
    return std::nullopt;
}

Resolver::Ticket Resolver::ask(const std::string& host, asio::io_context& loop, Done done) {
    const std::lock_guard lock{state_->mutex};
    const Ticket ticket{++state_->last_ticket};
    // Looked at again, because a lookup may have ended since the caller asked `known`.
    if (const auto* answer = state_->fresh(host, Clock::now())) {
        State::tell({&loop, std::move(done)}, *answer);
        return ticket;
    }
    state_->askers.emplace(state_->last_ticket, Waiter{&loop, std::move(done)});
    state_->names[host].askers.push_back(ticket);
    state_->look_up(host);
    return ticket;
}

void Resolver::forget(Ticket ticket) {
    const std::lock_guard lock{state_->mutex};
    state_->askers.erase(static_cast<std::uint64_t>(ticket));
}

// Only if the cache still holds these addresses. A newer answer is kept, which the caller has not
// tried.
void Resolver::drop(const std::string& host, const AddressesPtr& addresses) {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->names.find(host);
    if (found == state_->names.end() || found->second.answer.addresses != addresses) return;
    found->second.fresh_until = TimePoint::min();
}

Resolver::Answer Resolver::system_lookup(const std::string& host) {
    addrinfo hints{};
    // Without a socket type every address would come three times (TCP, UDP, raw).
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (code == EAI_SYSTEM) {
        return {nullptr, std::generic_category().message(errno), Failure::passing};
    }
    if (code != 0) return {nullptr, gai_strerror(code), failure_of(code)};
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list{found, freeaddrinfo};
    Addresses addresses;
    for (const auto* info = found; info; info = info->ai_next) {
        if (auto text = text_of(*info); !text.empty()) addresses.push_back(std::move(text));
    }
    if (addresses.empty()) return {nullptr, "no usable address"};
    return {std::make_shared<const Addresses>(std::move(addresses)), {}};
}

}  // namespace skein::wire
