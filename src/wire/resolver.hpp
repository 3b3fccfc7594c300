// Names to addresses, looked up on threads of our own, so that a slow name server never holds up
// the loop, nor one that does not answer at all the end of the program.
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

// Of one host, in the order in which they should be tried; IPv6 ones in brackets.
using Addresses = std::vector<std::string>;
using AddressesPtr = std::shared_ptr<const Addresses>;

// Shared by any number of pools, from any thread.
class Resolver {
public:
    struct Settings {
        Duration keep = std::chrono::seconds{60};
        Duration keep_failures = std::chrono::seconds{5};
        std::size_t threads = 4;  // Most look-ups at once.
    };
    enum class Failure : std::uint8_t {
        usual,
        passing,       // A name server did not answer: worth asking again at once.
        no_such_name,  // Nor was there ever, since we began to ask.
    };
    // Addresses, or none and why.
    struct Answer {
        AddressesPtr addresses;
        std::string reason;
        Failure failure = Failure::usual;
    };
    // What is asked when nothing is known; blocks. Called on several threads at once.
    using Lookup = std::function<Answer(const std::string& host)>;
    using Done = std::function<void(Answer)>;
    enum class Ticket : std::uint64_t {};

    Resolver() : Resolver{Settings{}, system_lookup} {}
    Resolver(Settings settings, Lookup lookup);

    // Never waits: a look-up that still hangs is left behind, and what it finds is dropped.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // What is known and fresh.
    std::optional<Answer> known(const std::string& host, TimePoint now);

    // Posts `done` to the loop as soon as there is an answer, maybe one that is already there. The
    // loop must live until a later `forget` has returned, or the resolver is gone.
    Ticket ask(const std::string& host, asio::io_context& loop, Done done);

    // After this nothing more is posted for this ticket; what has been posted stays posted. Whoever
    // was posting to a loop has finished.
    void forget(Ticket ticket);

    // These addresses turned out to be no good: the next to ask has the name looked up again.
    void drop(const std::string& host, const AddressesPtr& addresses);

    // `getaddrinfo`, for TCP.
    static Answer system_lookup(const std::string& host);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace skein::wire
