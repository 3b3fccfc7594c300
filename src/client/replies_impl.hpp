#pragma once
#include "base/free_lists.hpp"
#include "client/core.hpp"
#include "engine/inbox.hpp"

#include <skein/replies.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace skein {

// Reads requests ahead of the reader and keeps the replies until they are taken. Used by the
// reader's thread only; the core knows only the inbox.
struct Replies::Impl {
    using Source = std::function<std::optional<Request>()>;

    Impl(std::shared_ptr<Core> core, Source source, Order order);
    ~Impl();

    std::optional<Reply> next();

private:
    bool may_ask_more() const;
    bool ask_one();
    void send();
    bool is_here();
    void keep(std::vector<Inbox::Letter> letters);

    std::shared_ptr<Core> core_;
    Source source_;
    Order order_;
    std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();

    std::vector<Core::Question> unsent_;
    FreeLists nodes_;
    struct UnderWay {
        std::size_t bytes;
        std::uint64_t tag;
    };
    // `under_way_`: each request by its number. `here_`: arrived replies, by the number of
    // the request or by order of arrival.
    std::pmr::map<std::uint64_t, UnderWay> under_way_{&nodes_};
    std::pmr::map<std::uint64_t, Box<Reply>> here_{&nodes_};
    std::size_t bytes_ = 0;  // Bytes of requests without a reply and of replies not taken.
    std::uint64_t asked_ = 0;
    std::uint64_t came_ = 0;
    std::uint64_t given_ = 0;
    bool exhausted_ = false;
};

}  // namespace skein
