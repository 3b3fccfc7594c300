#pragma once
#include "client/core.hpp"

#include <skein/replies.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace skein {

// Reads requests ahead of the reader, and keeps the replies until he comes for them.
struct Replies::Impl {
    using Source = std::function<std::optional<Request>()>;

    Impl(std::shared_ptr<Core> core, Source source, Order order);
    ~Impl();

    std::optional<Reply> next();

private:
    // What the callbacks share with the reader, and keep alive.
    struct Inbox {
        std::mutex mutex;
        std::condition_variable changed;
        std::map<std::uint64_t, Reply> replies;  // By number, as asked or as they came.
        std::uint64_t came = 0;
        std::size_t bytes = 0;  // Of requests without a reply, and of replies not read.
        std::set<Sequence> under_way;
    };

    bool may_ask_more() const;
    bool is_here();
    bool ask_one();

    std::shared_ptr<Core> core_;
    Source source_;
    Order order_;
    std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
    std::uint64_t asked_ = 0;
    std::uint64_t given_ = 0;
    bool exhausted_ = false;
};

}  // namespace skein
