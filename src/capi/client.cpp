// The client of the C ABI: settings from text, requests in, events out.
// Invariant: each skein_ask that does not give SKEIN_NOT_ASKED puts one reply into the queue. Its
// event exists before the request is asked, so that no want of memory can keep it away.
// A client that a fork has copied has no threads, and its locks may be held by nobody: every
// function looks at the process first.
#include "base/time_math.hpp"
#include "capi/blocked_signals.hpp"
#include "capi/event.hpp"
#include "capi/guarded.hpp"
#include "capi/log_relay.hpp"
#include "capi/queue.hpp"
#include "capi/stream.hpp"
#include "capi/tally_json.hpp"
#include "client/core.hpp"
#include "config/client_settings.hpp"

#include <skein/skein.h>
#include <skein/version.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

struct skein_client {
    bool is_ours() const { return hands->are_ours(); }

    std::shared_ptr<skein::capi::LogRelay> log{};
    std::shared_ptr<skein::capi::Queue> queue{};
    std::shared_ptr<skein::capi::Hands> hands{};
    std::size_t chunk_buffer = 0;
    std::unique_ptr<skein::Core> core{};  // Last, because it is the first to go.
};

namespace skein::capi {
namespace {

struct Told {
    std::unique_ptr<skein_client> client{};
    std::string why{};
};

Told open_client(std::string text) {
    auto read = config::parse_client(text, "settings");
    if (!read) return {nullptr, read.error().text()};
    auto client = std::make_unique<skein_client>();
    client->log = std::make_shared<LogRelay>(std::move(read->warnings));
    client->queue = std::make_shared<Queue>();
    client->hands = std::make_shared<Hands>(getpid());
    client->chunk_buffer = read->settings.chunk_buffer;
    if (client->queue->descriptor() < 0) return {nullptr, "cannot start: too many open files"};
    read->settings.log = [log = client->log](LogLevel level, std::string_view line) {
        log->write(level, line);
    };
    const BlockedSignals blocked;
    client->core = std::make_unique<Core>(std::move(read->settings));
    if (client->core->complaint()) return {nullptr, client->core->complaint()->text()};
    client->hands->reach(client->core.get());
    return {std::move(client), {}};
}

// The options as this library knows them; empty if they ask for what it does not know.
std::optional<skein_ask_options> known(const skein_ask_options* options) {
    skein_ask_options mine{};
    if (!options) return mine;
    if (options->size < sizeof mine) return std::nullopt;
    const auto* const begin = reinterpret_cast<const unsigned char*>(options);
    const bool asks_for_more = std::any_of(
        begin + sizeof mine, begin + options->size, [](unsigned char byte) { return byte != 0; }
    );
    if (asks_for_more || (options->flags & ~SKEIN_CHUNKS) != 0) return std::nullopt;
    return *options;
}

Request request_of(std::string_view body, std::uint64_t tag, const skein_ask_options& options) {
    Request request;
    // An empty body would be an empty prompt; so it is refused as what it is, no object.
    request.body = body.empty() ? "null" : body;
    request.tag = tag;
    if (options.path) request.path = options.path;
    if (options.deadline_ns != 0) {
        request.deadline = Duration{std::max<std::int64_t>(options.deadline_ns, 0)};
    }
    return request;
}

OnReply reply_into(const std::shared_ptr<Queue>& queue, std::uint64_t tag) {
    auto event = std::make_unique<skein_event>();
    event->tag = tag;
    event->what = Reply{};
    // Shared, because a std::function must be copyable; there is one call.
    auto place = std::make_shared<std::unique_ptr<skein_event>>(std::move(event));
    return [queue, place](Reply reply) {
        (*place)->what = std::move(reply);
        queue->put(std::move(*place));
    };
}

std::uint64_t ask(
    skein_client& client, std::string_view body, std::uint64_t tag, const skein_ask_options& options
) {
    const auto request = request_of(body, tag, options);
    auto on_reply = reply_into(client.queue, tag);
    client.queue->expect();
    try {
        if ((options.flags & SKEIN_CHUNKS) == 0) {
            return client.core->ask(request, std::move(on_reply)).value_or(SKEIN_NOT_ASKED);
        }
        const auto stream =
            std::make_shared<Stream>(client.queue, client.hands, client.chunk_buffer);
        return client.core->stream(request, stream->sink(), std::move(on_reply))
            .value_or(SKEIN_NOT_ASKED);
    } catch (...) {
        client.queue->expect_no_longer();
        throw;
    }
}

TimePoint until(std::int64_t wait_ns) {
    return wait_ns < 0 ? never : saturating_add(Clock::now(), Duration{wait_ns});
}

}  // namespace
}  // namespace skein::capi

using namespace skein::capi;

extern "C" {

std::uint32_t skein_abi(void) { return 0; }

const char* skein_version(void) { return SKEIN_VERSION; }

void skein_free(void* text) { std::free(text); }

skein_client* skein_open(const char* text, std::size_t size, char** why) {
    std::string words;
    skein_client* opened = nullptr;
    try {
        auto told = open_client(std::string{text, size});
        opened = told.client.release();
        words = std::move(told.why);
    } catch (const std::exception& error) {
        guarded([&] { words = std::string{"cannot start: "} + error.what(); });
    } catch (...) {
    }
    if (why) *why = opened ? nullptr : copy_of(words);
    return opened;
}

void skein_close(skein_client* client) {
    // What the parent process has is not ours to end.
    if (!client || !client->is_ours()) return;
    client->hands->reach(nullptr);
    delete client;
}

void skein_shut(skein_client* client) {
    if (!client->is_ours()) return;
    client->core->shut_the_door();
    client->queue->shut();
}

int skein_drain(skein_client* client, std::int64_t wait_ns) {
    if (!client->is_ours()) return 0;
    skein_shut(client);
    return client->core->wait_until_done(until(wait_ns)) ? 1 : 0;
}

std::uint64_t skein_ask(
    skein_client* client,
    const char* body,
    std::size_t size,
    std::uint64_t tag,
    const skein_ask_options* options
) {
    return guarded(SKEIN_NOT_ASKED, [&] {
        const auto mine = known(options);
        if (!mine || !client->is_ours()) return SKEIN_NOT_ASKED;
        return ask(*client, {body, size}, tag, *mine);
    });
}

void skein_cancel(skein_client* client, std::uint64_t id) {
    if (id == 0 || id == SKEIN_NOT_ASKED || !client->is_ours()) return;
    guarded([&] { client->core->cancel(id); });
}

void skein_cancel_all(skein_client* client) {
    if (!client->is_ours()) return;
    skein_shut(client);
    guarded([&] { client->core->cancel_all(); });
}

std::size_t skein_take(
    skein_client* client, skein_event** events, std::size_t most, std::int64_t wait_ns
) {
    return client->is_ours() ? client->queue->take(events, most, until(wait_ns)) : 0;
}

int skein_fd(skein_client* client) { return client->is_ours() ? client->queue->descriptor() : -1; }

char* skein_tally(skein_client* client) {
    return guarded(static_cast<char*>(nullptr), [&] {
        return client->is_ours() ? copy_of(tally_json(client->core->tally())) : nullptr;
    });
}

void skein_on_log(skein_client* client, skein_log log, void* user) {
    if (!client->is_ours()) return;
    client->log->go_to(log, user);
}

}  // extern "C"
