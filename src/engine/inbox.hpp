// An inbox of replies, and the ticket of each request whose reply goes there.
#pragma once
#include "base/box.hpp"

#include <skein/request.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace skein {

// Replies that wait to be read. The control thread puts them here itself, because no code of a
// caller runs in it: only the reader's thread has to be woken.
class Inbox {
public:
    struct Letter {
        std::uint64_t number = 0;  // Of the request, as its reader counts.
        Box<Reply> reply;
    };

    void put(std::vector<Letter> letters) {
        {
            const std::lock_guard lock{mutex_};
            if (came_.empty()) {
                came_ = std::move(letters);
            } else {
                for (auto& letter : letters) came_.push_back(std::move(letter));
            }
        }
        changed_.notify_one();
    }

    // The replies that have come since the last call, in the order in which they came.
    std::vector<Letter> take() {
        const std::lock_guard lock{mutex_};
        return std::exchange(came_, {});
    }
    std::vector<Letter> wait_and_take() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return !came_.empty(); });
        return std::exchange(came_, {});
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Letter> came_;
};

// The fault of a request whose client is closed before the reply is there.
inline Fault client_went_away() {
    return {.kind = FaultKind::cancelled, .detail = "the client went away"};
}

// The place of one request in an inbox. A ticket that is destroyed unused puts `client_went_away`
// there, so a reader never waits for a reply that cannot come.
class Ticket {
public:
    Ticket() = default;
    Ticket(std::shared_ptr<Inbox> inbox, std::uint64_t number)
        : inbox_{std::move(inbox)}, number_{number} {}
    Ticket(Ticket&&) noexcept = default;
    Ticket& operator=(Ticket&& other) noexcept {
        std::swap(inbox_, other.inbox_);
        std::swap(number_, other.number_);
        return *this;
    }
    ~Ticket() {
        if (!inbox_) return;
        std::vector<Inbox::Letter> letters;
        letters.push_back({number_, Reply{.outcome = client_went_away()}});
        inbox_->put(std::move(letters));
    }

    // Null for a ticket of no inbox, and after `use`.
    const std::shared_ptr<Inbox>& inbox() const { return inbox_; }

    // The letter for the inbox; uses the ticket up.
    Inbox::Letter use(Box<Reply> reply) {
        inbox_.reset();
        return {number_, std::move(reply)};
    }

private:
    std::shared_ptr<Inbox> inbox_;
    std::uint64_t number_ = 0;
};

}  // namespace skein
