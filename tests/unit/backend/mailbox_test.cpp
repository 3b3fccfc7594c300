#include "backend/mailbox.hpp"

#include "support/catch.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <span>
#include <thread>
#include <vector>

namespace skein {
namespace {

struct Taken {
    std::vector<int> items;
    std::vector<std::size_t> handfuls;

    auto take() {
        return [this](std::span<int> some) {
            items.insert(items.end(), some.begin(), some.end());
            handfuls.push_back(some.size());
        };
    }
};

TEST_CASE("A mailbox hands items over in their order, in bounded batches.", "[mailbox]") {
    boost::asio::io_context loop;
    Taken taken;
    Mailbox<int> box{loop, 2, taken.take()};
    for (int i = 0; i < 5; ++i) box.put(i);
    loop.run();
    CHECK(taken.items == std::vector{0, 1, 2, 3, 4});
    CHECK(taken.handfuls == std::vector<std::size_t>{2, 2, 1});
}

TEST_CASE("A mailbox wakes its loop once for all items that arrive before it looks.", "[mailbox]") {
    boost::asio::io_context loop;
    Taken taken;
    Mailbox<int> box{loop, 100, taken.take()};
    std::vector several{1, 2, 3};
    box.put_all(several);
    CHECK(several.empty());
    box.put(4);
    CHECK(loop.run() == 1);
    CHECK(taken.items == std::vector{1, 2, 3, 4});
}

TEST_CASE("Other work of the loop runs between two batches of a mailbox.", "[mailbox]") {
    boost::asio::io_context loop;
    std::vector<int> seen;
    Mailbox<int> box{loop, 1, [&](std::span<int> some) {
                         if (some.front() == 1) {
                             boost::asio::post(loop, [&] { seen.push_back(0); });
                         }
                         seen.push_back(some.front());
                     }};
    for (const int i : {1, 2, 3}) box.put(i);
    loop.run();
    CHECK(seen == std::vector{1, 0, 2, 3});
}

TEST_CASE("An item that is put while a batch is taken is taken later.", "[mailbox]") {
    boost::asio::io_context loop;
    std::vector<int> seen;
    Mailbox<int>* self = nullptr;
    Mailbox<int> box{loop, 10, [&](std::span<int> some) {
                         const int first = some.front();
                         seen.push_back(first);
                         if (first < 3) self->put(first + 1);
                     }};
    self = &box;
    box.put(1);
    loop.run();
    CHECK(seen == std::vector{1, 2, 3});
    loop.restart();
    box.put(7);
    loop.run();
    CHECK(seen == std::vector{1, 2, 3, 7});
}

TEST_CASE("A closed mailbox hands over no item, even after its owner is destroyed.", "[mailbox]") {
    boost::asio::io_context loop;
    Taken taken;
    {
        Mailbox<int> box{loop, 2, taken.take()};
        box.put(1);
        box.close();
    }
    loop.run();
    CHECK(taken.items.empty());
}

TEST_CASE("No item that several threads put is lost or taken twice.", "[mailbox]") {
    constexpr int threads = 4;
    constexpr int each = 5000;
    boost::asio::io_context loop;
    auto work = boost::asio::make_work_guard(loop);
    std::vector<int> counts(threads * each);
    int left = threads * each;
    Mailbox<int> box{loop, 64, [&](std::span<int> some) {
                         for (const int item : some) ++counts[static_cast<std::size_t>(item)];
                         left -= static_cast<int>(some.size());
                         if (left == 0) work.reset();
                     }};
    std::vector<std::thread> putting;
    for (int t = 0; t < threads; ++t) {
        putting.emplace_back([&box, t] {
            std::vector<int> some;
            for (int i = 0; i < each; ++i) {
                if (i % 3 == 0) {
                    box.put(t * each + i);
                } else {
                    some.push_back(t * each + i);
                    if (some.size() == 7) box.put_all(some);
                }
            }
            box.put_all(some);
        });
    }
    loop.run();
    for (auto& thread : putting) thread.join();
    CHECK(std::ranges::all_of(counts, [](int count) { return count == 1; }));
}

}  // namespace
}  // namespace skein
