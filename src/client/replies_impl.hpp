#pragma once
#include "base/free_lists.hpp"
#include "client/core.hpp"
#include "client/inbox.hpp"

#include <skein/replies.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace skein {

// Reads requests ahead of the reader, and keeps the replies until he comes for them. Used by the
// reader's thread alone; the core knows only the inbox.
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
    // Numbers, and bytes of their requests; and replies by number, as asked or as they came.
    std::pmr::map<std::uint64_t, std::size_t> under_way_{&nodes_};
    std::pmr::map<std::uint64_t, Box<Reply>> here_{&nodes_};
    std::size_t bytes_ = 0;  // Of requests without a reply, and of replies not read.
    std::uint64_t asked_ = 0;
    std::uint64_t came_ = 0;
    std::uint64_t given_ = 0;
    bool exhausted_ = false;
};

}  // namespace skein
