// One HTTP request to a worker, to find out how it is.
#pragma once
#include "model/availability.hpp"

#include <skein/time.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace skein::local {

struct Page {
    int status = 0;  // 0: there is none,
    std::string body{};
    std::string why{};  // for this reason.
};

struct Question {
    WorkerAddress where{};  // The URL's host is loopback, by number or as `localhost`.
    std::string path{};     // After the host.
    std::string body{};     // POST it, as JSON; empty: GET.
    std::string token{};
    Duration timeout{};
};

// `on_page` is called once, on the loop, not from inside; not at all after `drop`. What is larger
// than a few megabytes is no page.
class Fetch;
std::shared_ptr<Fetch> fetch(
    boost::asio::io_context& loop, const Question& question, std::function<void(Page)> on_page
);
void drop(Fetch& fetch);

}  // namespace skein::local
