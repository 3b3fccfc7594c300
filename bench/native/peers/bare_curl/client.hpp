// libcurl's multi interface on an epoll loop: nothing but transfers, and how many of them failed.
#pragma once
#include "../arguments.hpp"
#include "../report.hpp"
#include "place.hpp"
#include "socket_set.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace skein::bench {

class Client {
public:
    explicit Client(const Arguments& arguments);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Asks all, and gives the exit status.
    int run();

private:
    using Clock = std::chrono::steady_clock;
    struct Multi {
        CURLM* handle = nullptr;
        Client* client = nullptr;
        std::uint32_t number = 0;
        Clock::time_point due = Clock::time_point::max();
        bool at_once = false;
    };

    void make_multi(std::uint32_t number, long places);
    void ask(Place& place);
    void act(Multi& multi, curl_socket_t fd, int events);
    void finished(Place& place, CURLcode code);
    void act_at_once();
    int milliseconds_to_next();
    void act_on_time();

    static int want(CURL*, curl_socket_t fd, int what, void* multi, void*);
    static int wake(CURLM*, long after_ms, void* multi);

    const Arguments arguments_;
    CURLU* const url_ = curl_url();
    curl_slist* const head_ = head_lines();
    SocketSet sockets_;
    std::vector<std::unique_ptr<Multi>> multis_;
    std::vector<std::unique_ptr<Place>> places_;
    std::vector<Multi*> at_once_;
    std::size_t asked_ = 0;
    Report report_;
};

}  // namespace skein::bench
