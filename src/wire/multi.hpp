// One libcurl multi handle: it works when a socket is ready or its moment has come.
//
// libcurl is never called from inside one of its own callbacks; what it wants done at once is
// done by the pool's next round.
#pragma once
#include "wire/round.hpp"
#include "wire/socket_set.hpp"

#include <curl/curl.h>

namespace skein::wire {

class Transfer;

class Multi {
public:
    // `key` is its place among the timers.
    Multi(SocketSet& sockets, Round& round, Timers::Key key, long connections);
    ~Multi();
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    // False if libcurl refuses.
    [[nodiscard]] bool add(Transfer& transfer);
    void remove(Transfer& transfer);

    // Lets libcurl work; transfers that ended thereby go to `Round::done`. False if the handle is
    // beyond use: every transfer must be removed, and `rebuild` called.
    [[nodiscard]] bool on_socket_event(curl_socket_t fd, int events) { return act(fd, events); }
    [[nodiscard]] bool on_moment();

    void rebuild();

    // From now on a connection is closed when its exchange has ended, but for one at most.
    void keep_one();

private:
    static int want(CURL*, curl_socket_t fd, int what, void* self, void*);
    static int wake(CURLM*, long after_ms, void* self);

    void open();
    void shut();
    bool act(curl_socket_t fd, int events);

    SocketSet& sockets_;
    Round& round_;
    Timers::Key key_;
    long connections_;  // Most that are kept. As many as places: each finds its own again.
    CURLM* handle_ = nullptr;
    bool listed_ = false;  // In `Round::at_once`.
};

}  // namespace skein::wire
