// The keys of all endpoints, for all wire threads.
#pragma once
#include "limit/key_renewal.hpp"
#include "model/attempt.hpp"

#include <skein/settings.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace skein {

// Holds the endpoints, each with its present key, and fetches another one from its file or by its
// command, on a thread that lives for the fetch. May be called from any thread; a call waits for
// nothing. What is decided is in `KeyRenewal`.
class KeyKeeper {
public:
    using EndpointPtr = std::shared_ptr<const Endpoint>;

    // A key that was fetched, or why there is none.
    struct Fetched {
        Secret key{};
        std::string failure{};  // Empty: there is one.
    };
    // Called on the thread of the fetch; returns soon after `stop`, a descriptor, is readable.
    using Fetch = std::function<Fetched(const Endpoint&, int stop)>;

    // What a request has to go by.
    struct Key {
        KeyRenewal::Use use = KeyRenewal::Use::present;
        EndpointPtr endpoint{};  // With the key of this generation.
        std::uint64_t generation = 0;
        std::string why_none{};  // For `Use::none`: what was wrong with the last fetch, if it was.
    };

    KeyKeeper(const std::vector<Endpoint>& endpoints, LogFunction log, Fetch fetch = fetch_key);
    ~KeyKeeper();
    KeyKeeper(const KeyKeeper&) = delete;
    KeyKeeper& operator=(const KeyKeeper&) = delete;

    // Can its key change? It stays as it is during the life of this object.
    bool is_renewable(EndpointIndex index) const { return entries_[index]->is_renewable; }
    // Of one whose key cannot change.
    const EndpointPtr& fixed(EndpointIndex index) const { return entries_[index]->endpoint; }

    // Of one whose key can. `Use::wait`: all listeners are told when to ask again.
    Key before_request(EndpointIndex index);
    Key after_refusal(EndpointIndex index, std::uint64_t generation);
    void accepted(EndpointIndex index, std::uint64_t generation);

    // Called on the thread of a fetch when it has ended. Before the first request only.
    void listen(std::function<void(EndpointIndex)> listener);

    // Ends what is being fetched, and tells nobody any more.
    void close();

    // From the file or by the command. Where there was a key before, one that fails is tried three
    // times more within some seconds.
    static Fetched fetch_key(const Endpoint& endpoint, int stop);

private:
    struct Entry {
        bool is_renewable = false;
        EndpointPtr endpoint;
        KeyRenewal renewal;
        std::string why_none;
        std::thread thread;
    };

    // All with the mutex held.
    Key key_of(EndpointIndex index, KeyRenewal::Use use);
    void take(Entry& entry, Fetched fetched);

    void work(EndpointIndex index);
    void say(LogLevel level, const std::string& words) const;

    const LogFunction log_;
    const Fetch fetch_;
    std::vector<std::function<void(EndpointIndex)>> listeners_;
    std::mutex mutex_;
    bool is_closed_ = false;
    int stop_[2] = {-1, -1};  // A pipe: its end tells a fetch to end.
    std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace skein
