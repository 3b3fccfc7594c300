#include "base/time_math.hpp"
#include "client/core.hpp"
#include "client/replies_impl.hpp"

#include <skein/client.hpp>

#include <utility>

namespace skein {

struct Client::Impl : Core {
    using Core::Core;
};

Client::Client(Settings settings) : impl_{std::make_shared<Impl>(std::move(settings))} {}

// Closes the core even if a `Replies` object still shares it.
Client::~Client() { impl_->close(); }

const std::optional<ConfigError>& Client::complaint() const { return impl_->complaint(); }

std::future<Reply> Client::ask(Request request) {
    auto promise = std::make_shared<std::promise<Reply>>();
    auto future = promise->get_future();
    impl_->ask(request, once([promise, tag = request.tag](Reply reply) {
                   reply.tag = tag;  // A reply that the callback's end has made has none.
                   promise->set_value(std::move(reply));
               }));
    return future;
}

RequestId Client::ask(Request request, OnReply on_reply) {
    return RequestId{impl_->ask(request, std::move(on_reply)).value_or(0)};
}

RequestId Client::stream(Request request, OnChunk on_chunk, OnReply on_reply) {
    const auto id = impl_->stream(request, std::move(on_chunk), std::move(on_reply));
    return RequestId{id.value_or(0)};
}

void Client::cancel(RequestId id) { impl_->cancel(static_cast<Sequence>(id)); }

void Client::cancel() {
    impl_->shut_the_door();
    impl_->cancel_all();
}

void Client::drain() {
    impl_->shut_the_door();
    impl_->wait_until_done(never);
}

bool Client::drain_for(Duration timeout) {
    impl_->shut_the_door();
    return impl_->wait_until_done(saturating_add(Clock::now(), timeout));
}

Tally Client::tally() const { return impl_->tally(); }

Replies Client::replies(std::function<std::optional<Request>()> source, Replies::Order order) {
    return Replies{std::make_unique<Replies::Impl>(impl_, std::move(source), order)};
}

}  // namespace skein
