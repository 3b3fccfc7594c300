// One HTTP request to a worker: a health, progress or readiness probe.
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
    int status = 0;  // HTTP status; 0: no response, see `why`.
    std::string body{};
    std::string why{};
};

struct Question {
    WorkerAddress where{};  // The host must be a loopback address or `localhost`.
    std::string path{};     // The path after the host.
    std::string body{};     // JSON to POST; empty: GET.
    std::string token{};
    Duration timeout{};
};

// Sends the request. `on_page` is called once, on the loop and never from inside `fetch`; not at
// all after `drop`. A response larger than 8 MiB counts as a failure.
class Fetch;
std::shared_ptr<Fetch> fetch(
    boost::asio::io_context& loop, const Question& question, std::function<void(Page)> on_page
);
void drop(Fetch& fetch);

}  // namespace skein::local
