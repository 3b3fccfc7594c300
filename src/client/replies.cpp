// The range of replies of `Client::map`: requests are read ahead, within the window, while the
// reader waits for the next reply. All of it runs on the thread of the reader.
#include "client/replies_impl.hpp"

#include <utility>

namespace skein {
namespace {

// Batches of 32 or 64 cost 2 to 10 % more CPU, because they touch more memory
// (docs/performance.md).
constexpr std::size_t sent_at_once = 16;

// Sizes for `window_bytes`: the long texts and the object itself.
std::size_t bytes_of(const Request& request) {
    auto bytes = sizeof request + request.prompt.size() + request.body.size();
    for (const auto& message : request.messages) bytes += message.content.size();
    return bytes;
}

std::size_t bytes_of(const Reply& reply) {
    const auto* completion = reply.completion();
    return sizeof reply + (completion ? completion->body.size() + completion->text.size() : 0);
}

}  // namespace

Replies::Replies(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Replies::Replies(Replies&&) noexcept = default;
Replies& Replies::operator=(Replies&&) noexcept = default;
Replies::~Replies() = default;

std::optional<Reply> Replies::next() { return impl_->next(); }

Replies::Impl::Impl(std::shared_ptr<Core> core, Source source, Order order)
    : core_{std::move(core)}, source_{std::move(source)}, order_{order} {}

// No reader is left: what is still in flight would be paid for in vain.
Replies::Impl::~Impl() {
    if (!under_way_.empty()) core_->cancel(inbox_);
}

// Reads requests ahead while the next reply has not arrived, and one request if it has.
std::optional<Reply> Replies::Impl::next() {
    keep(inbox_->take());  // First, because arrived replies change the count of bytes.
    while (may_ask_more() && ask_one() && !is_here()) {
    }
    // All replies have been given, and the source has ended.
    if (asked_ == given_) return std::nullopt;
    // Before the wait, or it would be a wait for the reply to a request that was never sent.
    if (!here_.contains(given_)) send();
    while (!here_.contains(given_)) keep(inbox_->wait_and_take());
    auto reply = std::move(here_.extract(given_++).mapped());
    bytes_ -= bytes_of(*reply);
    return std::move(*reply);
}

bool Replies::Impl::may_ask_more() const {
    const auto& settings = core_->settings();
    if (exhausted_ || asked_ - given_ >= settings.window) return false;
    // One request is always allowed, however large it is.
    return asked_ == given_ || bytes_ < settings.window_bytes;
}

// Takes one request from the source. False at the end of the source.
bool Replies::Impl::ask_one() {
    auto request = source_();
    exhausted_ = !request;
    if (exhausted_) {
        send();
        return false;
    }
    const auto bytes = bytes_of(*request);
    bytes_ += bytes;
    under_way_.emplace(asked_, UnderWay{bytes, request->tag});
    unsent_.push_back({core_->prepared(*request), {.ticket = {inbox_, asked_++}}});
    // Requests are sent in batches, unless places may be idle for lack of requests.
    const auto on_their_way = under_way_.size() - unsent_.size();
    if (unsent_.size() == sent_at_once || on_their_way < core_->settings().in_flight + sent_at_once)
        send();
    return true;
}

void Replies::Impl::send() {
    if (!unsent_.empty()) core_->ask(std::exchange(unsent_, {}));
}

bool Replies::Impl::is_here() {
    keep(inbox_->take());
    return here_.contains(given_);
}

void Replies::Impl::keep(std::vector<Inbox::Letter> letters) {
    for (auto& [number, reply] : letters) {
        // The reply takes the place of its request. A negative difference wraps, and the sum is
        // right all the same.
        const auto asked = under_way_.extract(number);
        bytes_ += bytes_of(*reply) - asked.mapped().bytes;
        reply->index = number;
        reply->tag = asked.mapped().tag;
        here_.emplace(order_ == Order::as_asked ? number : came_, std::move(reply));
        ++came_;
    }
}

}  // namespace skein
