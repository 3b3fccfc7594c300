/// The replies to a range of requests: the result of `Client::map`.
#pragma once
#include <skein/request.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

namespace skein {

/// One Reply for every request of a range, as a single-pass input range:
///
///     for (auto& reply : client.map(requests)) …
///
/// Threads: one reader at a time. Lifetime: a Replies may outlive its client; replies that had not
/// arrived when the client was destroyed are the fault `cancelled`. The destructor cancels the
/// requests whose replies have not been read.
class Replies {
public:
    enum class Order : std::uint8_t { as_asked, as_they_come };

    Replies(Replies&&) noexcept;
    Replies& operator=(Replies&&) noexcept;
    ~Replies();

    /// The next reply; empty after the last. Reads the range of requests ahead, up to the window,
    /// and then blocks until a reply is there. A request's deadline bounds the wait as for
    /// `Client::ask`. Throws only the exceptions of the range of requests.
    std::optional<Reply> next();

    class Iterator {
    public:
        using value_type = Reply;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        Iterator() = default;
        explicit Iterator(Replies* replies) : replies_{replies} { ++*this; }
        Reply& operator*() const { return *replies_->current_; }
        Iterator& operator++() {
            replies_->current_ = replies_->next();
            if (!replies_->current_) replies_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return replies_ == nullptr; }

    private:
        Replies* replies_ = nullptr;
    };

    /// Blocks for the first reply, as `next` does. Call it once.
    Iterator begin() { return Iterator{this}; }
    std::default_sentinel_t end() const { return {}; }

private:
    friend class Client;
    struct Impl;
    explicit Replies(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
    std::optional<Reply> current_;
};

}  // namespace skein
