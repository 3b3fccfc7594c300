/// The asynchronous client: many requests at once, exactly one Reply for each.
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

/// Sends requests to the endpoints of its settings, with no more attempts in flight than the
/// settings allow. Retries an attempt that failed by a passing fault, and gives exactly one Reply
/// for every request.
///
/// Threads: the class is thread-safe. Every function may be called from any thread, at the same
/// time as any other, unless its comment says otherwise. The client runs one control thread,
/// `wire_threads` threads for network I/O, and one delivery thread. All callbacks are called on
/// the delivery thread, one after the other. A slow callback delays other callbacks and futures,
/// but no attempt in flight. A callback may call the client; `drain` inside a callback stops the
/// intake of requests and does not wait, because it would wait for itself.
///
/// Errors: a fault is an outcome inside the Reply. No function throws, except std::bad_alloc, and
/// what a range throws that `map` reads.
///
/// Lifetime: settings and requests are copied or moved. No argument has to outlive its call,
/// except an lvalue range given to `map` or `map_unordered`.
class Client {
public:
    /// Called once with the reply, on the delivery thread. An exception that it throws is logged as
    /// an error through `Settings::log` and swallowed; other requests are not affected.
    using OnReply = std::function<void(Reply)>;

    /// Called with each piece of a streamed answer, on the delivery thread. An exception as above.
    using OnChunk = std::function<void(Chunk)>;

    /// Starts the threads, and connects to no endpoint yet. Invalid settings throw no exception:
    /// `complaint()` says what is wrong, and every request gets the fault `bad_input`.
    explicit Client(Settings settings);

    /// Cancels all requests, ends the threads, and ends local workers with every process that
    /// they started. Waits for a callback that is running now. Takes at most a few seconds (7 s
    /// more if a worker ignores SIGTERM), even if servers or DNS do not answer. Callbacks that were
    /// not called yet are dropped; futures without a reply get the fault `cancelled`. No callback
    /// runs afterwards. The destructor itself may run inside a callback.
    ~Client();

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// The first error in the settings; empty if they are valid. Does not block.
    const std::optional<ConfigError>& complaint() const;

    /// Submits one request and does not block: there is no back-pressure here. A request beyond
    /// `window` waits in the client's memory, not in this call. Use `map`, which has back-pressure,
    /// for more requests than fit into memory.
    ///
    /// The request then waits for room in the window, for its turn (oldest first), and for an
    /// endpoint that is ready. These waits, the pauses and the attempts end at the request's
    /// deadline (fault `deadline`), or when the client is cancelled or destroyed (`cancelled`).
    ///
    /// The future always gets a Reply, never an exception. Faults: any kind. A request that cannot
    /// be sent gets `bad_input` at once.
    std::future<Reply> ask(Request request);

    /// The same, with a callback in place of a future. The callback also gets the fault of a
    /// request that cannot be sent. It never runs inside this call.
    RequestId ask(Request request, OnReply on_reply);

    /// Submits one request like `ask`, and hands on its answer piece by piece while it arrives:
    /// `on_chunk` for each piece, in order, then `on_reply` once, with the whole answer. A chat or
    /// a completion is made a streamed request, also if a `body` says otherwise.
    ///
    /// Back-pressure: pieces that `on_chunk` has not taken yet wait in a buffer of
    /// `Settings::chunk_buffer`. If it is full, the transfer of this request is paused, and goes on
    /// when half of the buffer is free. Other transfers go on. The pause does not count as silence
    /// (`timeouts.idle`, `timeouts.content`), but `timeouts.attempt` and the deadline count.
    ///
    /// Until the first piece, retries, fallbacks and hedges are as for any request. After it, the
    /// request is never repeated, neither for a fault nor for an answer that is not as
    /// `Settings::expect` wants it: the reply is then the fault, with `Reply::begun`. With hedging
    /// the attempt whose first piece comes first is the answer, and the other one is cancelled.
    ///
    /// An answer that is no stream comes as one piece for each choice, once it is complete. An
    /// answer without text, reasoning and calls (embeddings) has no pieces. A model in this process
    /// gives the pieces that it writes, and is never paused.
    ///
    /// To stop reading, `cancel(chunk.id)` inside `on_chunk`: no further piece comes, only the
    /// reply.
    RequestId stream(Request request, OnChunk on_chunk, OnReply on_reply);

    /// Cancels one request, without blocking. Its reply still comes: the fault `cancelled`, or the
    /// completion if it was there first. An id whose request has ended is ignored. Of a
    /// streamed answer no further piece is handed on: at once inside its `on_chunk`, elsewhere
    /// soon.
    void cancel(RequestId id);

    /// Cancels every request submitted so far. Later requests get the fault `cancelled`. Does not
    /// block.
    void cancel();

    /// Stops the intake: later requests get the fault `cancelled`. Then blocks until every reply
    /// has been handed over and its callback has returned.
    void drain();

    /// The same, but waits no longer than `timeout`. True if all was done by then.
    bool drain_for(Duration timeout);

    /// The replies to a range of requests, in the order of the range. Lazy, with back-pressure: the
    /// range is read on the reader's thread, when the reader asks for a reply, and at most `window`
    /// requests (or `window_bytes`) ahead of the reader. Accepts any input range whose elements
    /// convert to Request. An lvalue range must outlive the Replies; an rvalue range is moved in.
    ///
    /// An exception that the range throws comes out of the reader's call. See `Replies`.
    template <std::ranges::input_range Range>
    Replies map(Range&& requests) {
        return replies(source_of(std::forward<Range>(requests)), Replies::Order::as_asked);
    }

    /// The same, in the order in which the replies arrive.
    template <std::ranges::input_range Range>
    Replies map_unordered(Range&& requests) {
        return replies(source_of(std::forward<Range>(requests)), Replies::Order::as_they_come);
    }

    /// A snapshot of the counters. Blocks for some microseconds, until the control thread answers.
    Tally tally() const;

private:
    template <std::ranges::input_range Range>
    static std::function<std::optional<Request>()> source_of(Range&& requests) {
        using View = std::views::all_t<Range>;
        struct Reading {
            explicit Reading(View all) : view{std::move(all)}, at{std::ranges::begin(view)} {}
            View view;
            std::ranges::iterator_t<View> at;
            bool read = false;  // `at` has been read: increment it before the next read.
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
