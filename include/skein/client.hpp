/// The client: ask, and every answer comes home.
#pragma once
#include <skein/error.hpp>
#include <skein/replies.hpp>
#include <skein/request.hpp>
#include <skein/settings.hpp>
#include <skein/tally.hpp>

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <ranges>

namespace skein {

/// A number that never comes back within one client; 0 for a request that was refused at once.
enum class RequestId : std::uint64_t {};

/// Sends requests to the endpoints of its settings, never more in flight than they allow, tries
/// again what is worth it, and gives exactly one Reply for every request.
///
/// Threads: every function may be called from any thread, at the same time, unless it says
/// otherwise. The client runs a control thread, `wire_threads` wire threads, and one delivery
/// thread, on which all callbacks are called, one after the other; a callback that takes long
/// holds up other callbacks and futures, but nothing that is in flight. Callbacks may call the
/// client; from inside one, `drain` only closes the door and does not wait.
///
/// Errors: a fault is an outcome inside the Reply. No function throws, but for lack of memory.
///
/// Lifetime: settings and requests are copied or moved; nothing you pass must outlive the call.
class Client {
public:
    /// Called with the reply, once, on the delivery thread. If it throws, the exception is logged
    /// as an error through `Settings::log` and goes no further; other requests do not notice.
    using OnReply = std::function<void(Reply)>;

    /// Starts the threads; connects to nothing yet. Settings that cannot be are not an exception:
    /// `complaint()` tells what is wrong, and every request is answered by a fault, `bad_input`.
    explicit Client(Settings settings);

    /// Cancels what is under way and ends the threads, and local workers with all they started.
    /// Takes at most a few seconds (seven more where a worker ignores SIGTERM), however long
    /// servers or name servers are silent, and waits for a callback that is running now. Callbacks
    /// not called yet are dropped and their futures hold a fault, `cancelled`; nothing is called
    /// afterwards. May run inside a callback.
    ~Client();

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// What is wrong with the settings; nothing if they are fine. Does not wait.
    const std::optional<ConfigError>& complaint() const;

    /// Asks one question. Returns at once: beyond `window` requests it waits in the client's
    /// memory, not in this call; use `map` for more than you would hold.
    ///
    /// The request then waits for room in the window, for its turn (oldest first) and for an
    /// endpoint that is ready. These waits, pauses and tries end at its deadline (fault
    /// `deadline`), or when the client is cancelled or goes away (`cancelled`).
    ///
    /// The future always holds a Reply and never an exception. Faults: any kind; `bad_input` at
    /// once for a request that cannot be sent.
    std::future<Reply> ask(Request request);

    /// The same, with a callback. Faults of a request that cannot be sent come by the callback,
    /// too, never from inside this call.
    RequestId ask(Request request, OnReply on_reply);

    /// Ends one request; without waiting. Its reply still comes: a fault, `cancelled`, or its
    /// completion if that was there first. An id that is gone already is not an error.
    void cancel(RequestId id);

    /// Ends every request asked so far, as above, and takes no new ones: they are answered by
    /// `cancelled`. Does not wait.
    void cancel();

    /// Takes nothing new (it is answered by `cancelled`), and waits until every reply has been
    /// handed over and its callback has returned.
    void drain();

    /// The same, but waits no longer than `longest`. True if all was done by then.
    bool drain_for(Duration longest);

    /// The replies to a range of requests, in the range's order. Lazy: the range is read in the
    /// reader's thread, when the reader asks for a reply, and never more than `window` requests
    /// (or `window_bytes`) ahead of it. Works on any input range of things that convert to
    /// Request; an lvalue range must outlive the replies, an rvalue is moved in.
    ///
    /// What the range throws comes out of the reader's call. See `Replies` for the rest.
    template <std::ranges::input_range Range>
    Replies map(Range&& requests) {
        return replies(source_of(std::forward<Range>(requests)), Replies::Order::as_asked);
    }

    /// The same in the order in which the replies come.
    template <std::ranges::input_range Range>
    Replies map_unordered(Range&& requests) {
        return replies(source_of(std::forward<Range>(requests)), Replies::Order::as_they_come);
    }

    /// The counts so far. Waits for the control thread to look, which takes microseconds.
    Tally tally() const;

private:
    template <std::ranges::input_range Range>
    static std::function<std::optional<Request>()> source_of(Range&& requests) {
        using View = std::views::all_t<Range>;
        struct Reading {
            explicit Reading(View all) : view{std::move(all)}, at{std::ranges::begin(view)} {}
            View view;
            std::ranges::iterator_t<View> at;
            bool read = false;  // `at` has been read and must move on before it is read again.
        };
        auto reading = std::make_shared<Reading>(std::views::all(std::forward<Range>(requests)));
        return [reading]() -> std::optional<Request> {
            if (reading->read) ++reading->at;
            reading->read = reading->at != std::ranges::end(reading->view);
            if (!reading->read) return std::nullopt;
            return Request(*reading->at);
        };
    }

    Replies replies(std::function<std::optional<Request>()> source, Replies::Order order);

    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace skein
