#pragma once
#include "base/box.hpp"

#include <skein/request.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace skein {

// Replies that wait until somebody comes to read them. They are put here by the control thread
// itself: nobody's code runs when they are, so no thread has to be woken for it but the reader's.
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

    // What has come since the last time, in the order in which it came.
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

}  // namespace skein
