#include "client/replies_impl.hpp"

#include <utility>

namespace skein {
namespace {

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

Replies::Impl::~Impl() {
    std::set<Sequence> unread;
    {
        const std::lock_guard lock{inbox_->mutex};
        unread.swap(inbox_->under_way);
    }
    for (const auto seq : unread) core_->cancel(seq);
}

// Reads ahead as long as the reader would have to wait anyway, and by one if he would not.
std::optional<Reply> Replies::Impl::next() {
    while (may_ask_more() && ask_one() && !is_here()) {
    }
    if (asked_ == given_) return std::nullopt;

    std::unique_lock lock{inbox_->mutex};
    inbox_->changed.wait(lock, [this] { return inbox_->replies.contains(given_); });
    auto reply = std::move(inbox_->replies.extract(given_++).mapped());
    inbox_->bytes -= bytes_of(reply);
    return reply;
}

bool Replies::Impl::may_ask_more() const {
    const auto& settings = core_->settings();
    if (exhausted_ || asked_ - given_ >= settings.window) return false;
    if (asked_ == given_) return true;  // One always may, however large.
    const std::lock_guard lock{inbox_->mutex};
    return inbox_->bytes < settings.window_bytes;
}

bool Replies::Impl::is_here() {
    const std::lock_guard lock{inbox_->mutex};
    return inbox_->replies.contains(given_);
}

// False at the end of the range.
bool Replies::Impl::ask_one() {
    auto request = source_();
    exhausted_ = !request;
    if (exhausted_) return false;
    const auto bytes = bytes_of(*request);
    const auto number = asked_++;
    auto seq = std::make_shared<Sequence>(0);
    {
        const std::lock_guard lock{inbox_->mutex};
        inbox_->bytes += bytes;
    }
    auto on_reply = once([inbox = inbox_, order = order_, number, bytes, seq](Reply reply) {
        {
            const std::lock_guard lock{inbox->mutex};
            const auto place = order == Order::as_asked ? number : inbox->came++;
            inbox->bytes += bytes_of(reply) - bytes;
            inbox->replies.emplace(place, std::move(reply));
            inbox->under_way.erase(*seq);
            *seq = ~Sequence{0};  // Gone, should it be before it is known to be under way.
        }
        inbox->changed.notify_one();
    });
    const auto given = core_->ask(*request, std::move(on_reply));
    const std::lock_guard lock{inbox_->mutex};
    if (given && *given != 0 && *seq != ~Sequence{0}) {
        *seq = *given;
        inbox_->under_way.insert(*given);
    }
    return true;
}

}  // namespace skein
