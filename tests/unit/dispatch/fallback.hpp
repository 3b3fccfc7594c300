// Remote endpoints that can be taken away, and workers on this machine that come and go.
#pragma once
#include "unit/dispatch/told.hpp"

#include <algorithm>

namespace skein::test {

using namespace std::chrono_literals;
inline const TimePoint noon{12h};

inline EndpointSettings remote(std::string name, std::size_t places = 8) {
    return {.name = std::move(name), .places = places};
}

inline EndpointSettings worker(std::string name, Duration after = {}, std::size_t places = 4) {
    return {.name = std::move(name), .places = places, .tier = 1, .is_local = true, .after = after};
}

inline const Dispatcher::Settings with_workers{.local = LocalCapabilities{.context = 1000}};

// A request with a prompt of this many tokens.
inline Prepared prompt_of(std::int64_t tokens) {
    Prepared request;
    request.path = "/v1/chat/completions";
    request.tokens = request.prompt_tokens = tokens;
    return request;
}

inline Prepared embeddings() {
    Prepared request;
    request.operation = Operation::embedding;
    return request;
}

struct Fallback : Told {
    // The remote ones come first; `main` is the first of them.
    explicit Fallback(
        const std::vector<EndpointSettings>& endpoints,
        const Dispatcher::Settings& settings = with_workers,
        const Desk::Settings& desk = {.in_flight = 8}
    )
        : Told{settings, endpoints, desk} {}

    void news(TimePoint now, EndpointIndex at, Availability availability, std::string why = {}) {
        tell(
            now, EndpointUpdate{.endpoint = at, .availability = availability, .why = std::move(why)}
        );
    }
    void there(TimePoint now, EndpointIndex at) { news(now, at, Availability::there); }
    void gone(TimePoint now, EndpointIndex at) { news(now, at, Availability::gone); }
    void pass(TimePoint now) { tell(now, Dispatcher::TimePassed{}); }
    TimePoint wake_at(TimePoint now) const { return dispatcher.wake_at(now); }

    void submit(TimePoint now, Prepared request, Sequence seq) {
        tell(now, Dispatcher::Submitted{seq, std::make_shared<Prepared>(std::move(request))});
    }
    using Told::submit;
    void submit_unfit(TimePoint now, Sequence seq, std::optional<Duration> deadline = {}) {
        auto request = embeddings();
        request.deadline = deadline;
        submit(now, std::move(request), seq);
    }

    void finish(TimePoint now, const Attempt& attempt, Outcome outcome) {
        Told::finish(now, attempt.id, std::move(outcome), {now, now, now, now});
    }
    void finish_last(TimePoint now, Outcome outcome) {
        const auto last = started.back();
        finish(now, last, std::move(outcome));
    }

    // A request of its own is answered with this fault at that endpoint, and is gone.
    void lose(TimePoint now, EndpointIndex at, const Fault& fault) {
        const auto seq = ++extra_;
        submit(now, seq);
        for (;;) {
            const auto attempt = started.back();
            if (attempt.seq != seq) break;
            if (attempt.endpoint == at) {
                finish(now, attempt, fault);
                tell(now, Dispatcher::Cancel{seq});
                const auto& next = started.back();
                if (next.seq == seq && next.id != attempt.id)
                    finish_last(now, Fault{.kind = FaultKind::cancelled});
                break;
            }
            finish(now, attempt, Completion{});  // It went elsewhere: once more.
            return lose(now, at, fault);
        }
    }
    // Until its circuit opens.
    void take_down(TimePoint now, EndpointIndex at) {
        const auto outages = [&] { return dispatcher.tally().endpoints[at].outages; };
        for (const auto before = outages(); outages() == before;) lose(now, at, hard_fault);
        forget();
    }
    void shut(TimePoint now, EndpointIndex at) {
        lose(now, at, {.kind = FaultKind::auth, .detail = "401"});
        forget();
    }
    // Forgets the events so far.
    void forget() {
        started.clear();
        stopped.clear();
        delivered.clear();
    }

    std::vector<Sequence> at(EndpointIndex endpoint) const {
        std::vector<Sequence> all;
        for (const auto& a : started) {
            if (a.endpoint == endpoint) all.push_back(a.seq);
        }
        return all;
    }

    // Bad for the endpoint, and not tried again.
    inline static const Fault hard_fault{.kind = FaultKind::server_error, .should_retry = false};

private:
    Sequence extra_ = 1'000'000;
};

}  // namespace skein::test
