// Fetches API keys. A fetch has a thread of its own, because a file may hang on a network and a
// command may take seconds. Invariant: at most one fetch runs for each endpoint; its thread is
// joined before the next one starts, and in `close`. The mutex guards every Entry; no fetch and no
// listener runs with it held.
#include "backend/key_keeper.hpp"

#include "json/text.hpp"
#include "local/process/output_of.hpp"
#include "settings/header_rules.hpp"
#include "settings/key_file.hpp"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace skein {
namespace {

constexpr Duration patience_with_commands = std::chrono::seconds{30};
constexpr Duration pauses_of_a_fetch[] = {
    std::chrono::milliseconds{200}, std::chrono::seconds{1}, std::chrono::seconds{4}};

std::string without_line_end(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

KeyKeeper::Fetched read_file(const Endpoint& endpoint) {
    KeyKeeper::Fetched fetched;
    if (auto wrong = config::read_key_file(endpoint.api_key_file, fetched.key)) {
        fetched.failure = *std::move(wrong);
    }
    return fetched;
}

// The command's error output for a message, with the old and the new key redacted.
std::string words_of(const local::Printed& printed, const Secret& key, const Endpoint& endpoint) {
    if (printed.errors.empty()) return {};
    const auto words = endpoint.api_key.redact(key.redact(printed.errors));
    return ": \"" + json::printable(without_line_end(words), 400) + '"';
}

// Runs the command, and takes all that it prints as the key. The key is checked here, because a
// control character in it could add a header line to every request.
KeyKeeper::Fetched run_command(const Endpoint& endpoint, int stop) {
    auto printed = local::output_of(endpoint.api_key_command, patience_with_commands, stop);
    const auto who = "api_key_command (" + json::printable(endpoint.api_key_command[0], 200) + ")";
    KeyKeeper::Fetched fetched{.key = Secret{without_line_end(std::move(printed.output))}};
    if (printed.failure) {
        fetched.failure = who + " failed: " + *printed.failure;
    } else if (fetched.key.empty()) {
        fetched.failure = who + " printed no key";
    } else if (const auto wrong = config::check_header_value(fetched.key.reveal())) {
        fetched.failure = who + " printed what cannot be a key: " + *wrong;
    }
    if (!fetched.failure.empty()) fetched.failure += words_of(printed, fetched.key, endpoint);
    return fetched;
}

KeyKeeper::Fetched fetch_once(const Endpoint& endpoint, int stop) {
    return endpoint.api_key_command.empty() ? read_file(endpoint) : run_command(endpoint, stop);
}

// Sleeps, unless `close` closes the write end of the pipe before: then the read end becomes
// readable.
bool is_told_to_stop_within(Duration pause, int stop) {
    pollfd watched{stop, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(pause).count();
    return ::poll(&watched, 1, static_cast<int>(left)) != 0;
}

KeyRenewal renewal_of(const Endpoint& endpoint) {
    return {
        {.begins_with_key = !endpoint.api_key.empty(), .lifetime = endpoint.api_key_lifetime},
        Clock::now()};
}

}  // namespace

// A renewal is repeated, because a file may be empty while it is being written, and a command may
// meet a short network failure. The first fetch is not: a wrong setting should fail at once.
KeyKeeper::Fetched KeyKeeper::fetch_key(const Endpoint& endpoint, int stop) {
    auto fetched = fetch_once(endpoint, stop);
    if (endpoint.api_key.empty()) return fetched;
    for (const auto pause : pauses_of_a_fetch) {
        if (fetched.failure.empty() || is_told_to_stop_within(pause, stop)) break;
        fetched = fetch_once(endpoint, stop);
    }
    return fetched;
}

KeyKeeper::KeyKeeper(const std::vector<Endpoint>& endpoints, LogFunction log, Fetch fetch)
    : log_{std::move(log)}, fetch_{std::move(fetch)} {
    for (const auto& endpoint : endpoints) {
        const bool is_renewable =
            !endpoint.api_key_file.empty() || !endpoint.api_key_command.empty();
        entries_.push_back(std::make_unique<Entry>(
            is_renewable, std::make_shared<const Endpoint>(endpoint), renewal_of(endpoint)
        ));
    }
    // Without a pipe (no descriptor is left) fetches still work; `close` then waits for their full
    // time.
    const bool any = std::ranges::any_of(entries_, [](auto& entry) { return entry->is_renewable; });
    if (any && ::pipe2(stop_, O_CLOEXEC) != 0) stop_[0] = stop_[1] = -1;
}

KeyKeeper::~KeyKeeper() { close(); }

// The lock is released before the joins, because a fetch thread takes it once more to store its
// key.
void KeyKeeper::close() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(is_closed_, true)) return;
    }
    if (stop_[1] >= 0) ::close(stop_[1]);
    for (auto& entry : entries_) {
        if (entry->thread.joinable()) entry->thread.join();
    }
    if (stop_[0] >= 0) ::close(stop_[0]);
}

void KeyKeeper::listen(std::function<void(EndpointIndex)> listener) {
    listeners_.push_back(std::move(listener));
}

KeyKeeper::Key KeyKeeper::before_request(EndpointIndex index) {
    const std::lock_guard lock{mutex_};
    return key_of(index, entries_[index]->renewal.before_request(Clock::now()));
}

KeyKeeper::Key KeyKeeper::after_refusal(EndpointIndex index, std::uint64_t generation) {
    const std::lock_guard lock{mutex_};
    return key_of(index, entries_[index]->renewal.after_refusal(generation));
}

void KeyKeeper::accepted(EndpointIndex index, std::uint64_t generation) {
    const std::lock_guard lock{mutex_};
    entries_[index]->renewal.accepted(generation);
}

// Both questions (before a request, after a refusal) may ask for a fetch, so both answers pass
// here. `take_fetch` is true for one caller only, so one refused key starts one fetch.
KeyKeeper::Key KeyKeeper::key_of(EndpointIndex index, KeyRenewal::Use use) {
    auto& entry = *entries_[index];
    if (!is_closed_ && entry.renewal.take_fetch()) {
        // Short: the old thread has already stored its result, and only calls the listeners.
        if (entry.thread.joinable()) entry.thread.join();
        try {
            entry.thread = std::thread{[this, index] { work(index); }};
        } catch (const std::system_error& error) {
            take(entry, {.failure = std::string{"no thread: "} + error.what()});
            use = KeyRenewal::Use::none;
        }
    }
    return {use, entry.endpoint, entry.renewal.generation(), entry.why_none};
}

// Body of a fetch thread.
void KeyKeeper::work(EndpointIndex index) {
    auto& entry = *entries_[index];
    EndpointPtr endpoint;
    {
        const std::lock_guard lock{mutex_};
        // A copy of the pointer, because the fetch runs without the lock and may take seconds.
        endpoint = entry.endpoint;
    }
    auto fetched = fetch_(*endpoint, stop_[0]);
    {
        const std::lock_guard lock{mutex_};
        // The wire threads are being closed: there is no attempt left to decide.
        if (is_closed_) return;
        take(entry, std::move(fetched));
    }
    for (const auto& listener : listeners_) listener(index);
}

// Stores the result of a fetch. `why_none` is prepared for the case that the key is refused later.
void KeyKeeper::take(Entry& entry, Fetched fetched) {
    const auto name = "endpoint=" + entry.endpoint->name;
    if (!fetched.failure.empty()) {
        entry.why_none = fetched.failure;
        entry.renewal.failed(Clock::now());
        const auto what = entry.renewal.is_lost() ? " has no key: " : " keeps its old key: ";
        return say(LogLevel::warn, name + what + fetched.failure);
    }
    const bool is_another = fetched.key.reveal() != entry.endpoint->api_key.reveal();
    entry.renewal.fetched(Clock::now(), is_another);
    if (!is_another) {
        entry.why_none = "and " + entry.endpoint->key_from + " still gives the same key";
        return;
    }
    entry.why_none = "three keys in a row were refused";
    // Endpoints are immutable: attempts in flight keep the one with their own key.
    auto endpoint = std::make_shared<Endpoint>(*entry.endpoint);
    endpoint->api_key = std::move(fetched.key);
    entry.endpoint = std::move(endpoint);
    if (entry.renewal.generation() > 1) {
        say(LogLevel::info, name + " goes on with another key from " + entry.endpoint->key_from);
    }
}

void KeyKeeper::say(LogLevel level, const std::string& words) const {
    if (log_) log_(level, words);
}

}  // namespace skein
