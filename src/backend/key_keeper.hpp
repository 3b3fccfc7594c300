// API keys of all endpoints, with renewal, for all wire threads.
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

// Holds each endpoint with its present key, and fetches a new key from a file or by a command, on a
// thread that lives for one fetch. Any thread; no call blocks but `close` and the destructor, which
// join the fetch threads. The decisions are in `KeyRenewal`.
class KeyKeeper {
public:
    using EndpointPtr = std::shared_ptr<const Endpoint>;

    // A fetched key, or the reason of the failure.
    struct Fetched {
        Secret key{};
        std::string failure{};  // Empty: success.
    };
    // Called on the fetch thread. It must return soon after the descriptor `stop` is readable.
    using Fetch = std::function<Fetched(const Endpoint&, int stop)>;

    // The key for a request, and whether to use it, wait or fail.
    struct Key {
        KeyRenewal::Use use = KeyRenewal::Use::present;
        EndpointPtr endpoint{};  // With the key of this generation.
        std::uint64_t generation = 0;
        std::string why_none{};  // For `Use::none`: why the last fetch brought no usable key.
    };

    KeyKeeper(const std::vector<Endpoint>& endpoints, LogFunction log, Fetch fetch = fetch_key);
    ~KeyKeeper();
    KeyKeeper(const KeyKeeper&) = delete;
    KeyKeeper& operator=(const KeyKeeper&) = delete;

    // Can the endpoint's key be renewed? The answer never changes.
    bool is_renewable(EndpointIndex index) const { return entries_[index]->is_renewable; }
    // An endpoint whose key cannot be renewed.
    const EndpointPtr& fixed(EndpointIndex index) const { return entries_[index]->endpoint; }

    // For renewable keys. `Use::wait`: the listeners are called when it is time to ask again.
    Key before_request(EndpointIndex index);
    Key after_refusal(EndpointIndex index, std::uint64_t generation);
    void accepted(EndpointIndex index, std::uint64_t generation);

    // Adds a listener, called on the fetch thread when a fetch has ended. Call before the first
    // request only, because the list has no lock.
    void listen(std::function<void(EndpointIndex)> listener);

    // Stops the running fetches and joins their threads.
    void close();

    // Reads the file or runs the command. If the endpoint had a key before, a failed fetch is
    // repeated up to three times within about five seconds.
    static Fetched fetch_key(const Endpoint& endpoint, int stop);

private:
    struct Entry {
        bool is_renewable = false;
        EndpointPtr endpoint;
        KeyRenewal renewal;
        std::string why_none;
        std::thread thread;
    };

    // `key_of` and `take`: call with the mutex held.
    Key key_of(EndpointIndex index, KeyRenewal::Use use);
    void take(Entry& entry, Fetched fetched);

    void work(EndpointIndex index);
    void say(LogLevel level, const std::string& words) const;

    const LogFunction log_;
    const Fetch fetch_;
    std::vector<std::function<void(EndpointIndex)>> listeners_;
    std::mutex mutex_;
    bool is_closed_ = false;
    int stop_[2] = {-1, -1};  // A pipe: closing its write end stops the fetches.
    std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace skein
