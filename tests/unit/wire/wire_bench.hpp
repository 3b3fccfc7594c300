// A connection pool on its own loop, and the results of its exchanges.
#pragma once
#include "raw_server.hpp"
#include "support/catch.hpp"
#include "wire/curl_pool.hpp"

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace skein::test {

using namespace std::chrono_literals;

inline wire::TargetPtr target_to(
    const std::string& url, std::vector<std::string> lines = {}, std::string ca_file = {}
) {
    auto target = wire::make_target({url, std::move(ca_file)}, lines);
    REQUIRE(target.has_value());
    return *target;
}

// The callback arguments of one exchange.
struct Told {
    wire::TransferId id{};
    int heads = 0;
    int status = 0;
    Headers headers;
    std::string body;
    std::vector<wire::Ending> endings;

    bool over() const { return !endings.empty(); }
    const wire::Ending& ending() const {
        REQUIRE(endings.size() == 1);
        return endings.front();
    }
    std::optional<FaultKind> fault() const { return ending().fault; }
};
using ToldPtr = std::shared_ptr<Told>;

class WireBench {
public:
    explicit WireBench(
        wire::CurlPoolSettings settings = {},
        std::shared_ptr<wire::Resolver> resolver = std::make_shared<wire::Resolver>()
    )
        : curl_pool{std::make_unique<wire::CurlPool>(loop, settings, std::move(resolver))} {}

    boost::asio::io_context loop;
    std::unique_ptr<wire::CurlPool> curl_pool;

    // A small POST, listened to by `told`. Change it, then `start` it.
    static wire::Exchange exchange(wire::TargetPtr target, const ToldPtr& told) {
        wire::Exchange exchange;
        exchange.target = std::move(target);
        exchange.body = R"({"model":"m","prompt":"hello"})";
        exchange.on_head = [told](int status, const Headers& headers) {
            ++told->heads;
            told->status = status;
            told->headers = headers;
        };
        exchange.on_body = [told](std::string_view bytes, TimePoint) {
            told->body += bytes;
            return ReadState::more;
        };
        exchange.on_end = [told](wire::Ending ending) {
            told->endings.push_back(std::move(ending));
        };
        return exchange;
    }

    using Change = std::function<void(wire::Exchange&)>;

    ToldPtr start(const wire::TargetPtr& target, const Change& change = {}) {
        auto told = std::make_shared<Told>();
        auto made = exchange(target, told);
        if (change) change(made);
        told->id = curl_pool->start(std::move(made));
        CHECK_FALSE(told->over());
        return told;
    }

    // From start to end.
    ToldPtr run(const wire::TargetPtr& target, const Change& change = {}) {
        auto told = start(target, change);
        run_until([&] { return told->over(); });
        return told;
    }

    template <class Done>
    void run_until(Done done) {
        while (!done()) {
            if (loop.run_one_for(30s) == 0) FAIL("nothing happens any more");
        }
    }

    // All that is ready, and nothing that would have to be waited for.
    void run_ready() { loop.poll(); }
};

}  // namespace skein::test
