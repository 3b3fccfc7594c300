// DNS resolver with a cache. `getaddrinfo` runs on threads of its own, so that a slow name server
// never blocks the loop, and a name server that does not answer never delays the end of the
// program.
#pragma once
#include <skein/time.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skein::wire {

namespace asio = boost::asio;

// The addresses of one host, in the order in which they should be tried; IPv6 in brackets.
using Addresses = std::vector<std::string>;
using AddressesPtr = std::shared_ptr<const Addresses>;

// Any thread; one resolver may serve any number of pools.
class Resolver {
public:
    struct Settings {
        Duration keep = std::chrono::seconds{60};
        Duration keep_failures = std::chrono::seconds{5};
        std::size_t threads = 4;  // Most lookups at once.
    };
    enum class Failure : std::uint8_t {
        usual,
        passing,       // Temporary: no name server answered. Not cached.
        no_such_name,  // NXDOMAIN, and the name has never resolved in this run.
    };
    // Addresses, or null and the reason.
    struct Answer {
        AddressesPtr addresses;
        std::string reason;
        Failure failure = Failure::usual;
    };
    // The lookup itself. It blocks, and is called on several threads at once.
    using Lookup = std::function<Answer(const std::string& host)>;
    using Done = std::function<void(Answer)>;
    enum class Ticket : std::uint64_t {};

    Resolver() : Resolver{Settings{}, system_lookup} {}
    Resolver(Settings settings, Lookup lookup);

    // Never waits: a lookup that still hangs is abandoned on its detached thread, and its result is
    // dropped.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // The cached answer, if it is fresh.
    std::optional<Answer> known(const std::string& host, TimePoint now);

    // Posts `done` to the loop as soon as there is an answer, cached or looked up. The loop must
    // live until a later `forget` has returned, or the resolver is destroyed.
    Ticket ask(const std::string& host, asio::io_context& loop, Done done);

    // After this call nothing more is posted for the ticket; a `done` that was posted before still
    // runs. No resolver thread is inside a post when `forget` returns.
    void forget(Ticket ticket);

    // The caller could not connect to these addresses: the next `ask` looks the name up again.
    void drop(const std::string& host, const AddressesPtr& addresses);

    // `getaddrinfo`, for TCP.
    static Answer system_lookup(const std::string& host);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skein::wire
