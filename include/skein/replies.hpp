/// The replies to a range of requests: what `Client::map` gives.
#pragma once
#include <skein/request.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

namespace skein {

/// One Reply for every request of a range, as an input range that is read once:
///
///     for (auto& reply : client.map(requests)) …
///
/// Threads: one reader at a time. Lifetime: it may outlive its client; the replies that were not
/// there by then are faults, `cancelled`. Going out of scope cancels what has not been read.
class Replies {
public:
    enum class Order : std::uint8_t { as_asked, as_they_come };

    Replies(Replies&&) noexcept;
    Replies& operator=(Replies&&) noexcept;
    ~Replies();

    /// The next reply; nothing after the last. Reads the range of requests ahead, up to a window,
    /// then waits for the reply; the wait ends as that of `Client::ask` does. Throws what reading
    /// the range of requests throws, and nothing else.
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

    /// Waits for the first reply, as `next` does. To be called once.
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
