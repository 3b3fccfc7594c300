// One libcurl multi handle. It works when a socket is ready or its timer is due.
//
// libcurl is never called from inside one of its own callbacks: work that it wants done at once is
// done in the pool's next round. Loop thread only.
#pragma once
#include "wire/round.hpp"
#include "wire/socket_set.hpp"

#include <curl/curl.h>

namespace skein::wire {

class Transfer;

class Multi {
public:
    // `key`: its key in the timers. `connections`: the most idle connections that are kept.
    Multi(SocketSet& sockets, Round& round, Timers::Key key, long connections);
    ~Multi();
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    // False if libcurl refuses.
    [[nodiscard]] bool add(Transfer& transfer);
    void remove(Transfer& transfer);
    // Lets a paused transfer go on.
    void resume(Transfer& transfer);

    // Lets libcurl work. Transfers that end go to `Round::done`. False if the handle is broken: the
    // caller must remove every transfer and call `rebuild`.
    [[nodiscard]] bool on_socket_event(curl_socket_t fd, int events) { return act(fd, events); }
    [[nodiscard]] bool on_moment();

    void rebuild();

    // From now on at most one idle connection is kept.
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
    long connections_;  // Idle connections kept: one a place, so that each place can reuse one.
    CURLM* handle_ = nullptr;
    bool listed_ = false;  // Already in `Round::at_once`.
};

}  // namespace skein::wire
