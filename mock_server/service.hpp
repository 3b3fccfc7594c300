// Decides the answer to a request, as a script. No socket and no clock: the caller gives the time.
#pragma once
#include "mock_server/fault_choice.hpp"
#include "mock_server/incoming.hpp"
#include "mock_server/ledger.hpp"
#include "mock_server/problem.hpp"
#include "mock_server/rate_limit.hpp"
#include "mock_server/reply.hpp"
#include "mock_server/route.hpp"
#include "mock_server/weather.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::mock {

// Is this path about the ledger or the weather? Such a request is answered in any weather, and is
// not entered in the ledger.
bool is_about_the_server(std::string_view path);

// An answer: its script, and its entry for the ledger.
struct Performance {
    Script script{};
    std::string answered{};
    std::uint64_t prompt_hash = 0;
    std::optional<bool> store{};      // As the question says it.
    std::uint64_t prompt_tokens = 0;  // These two only of what is answered without a fault.
    std::uint64_t completion_tokens = 0;
    bool faulty = false;
};

class Service {
public:
    Service(Weather weather, std::string token, std::size_t ledger_keep, TimePoint now);

    Performance perform(const Incoming& incoming, TimePoint now);

    // Begins a new weather: full buckets, and no rule has counted anything yet.
    void set_weather(Weather weather, TimePoint now);

    Book& book() { return book_; }
    Duration since_start(TimePoint now) const { return now - started_; }

private:
    Performance about_the_server(const Incoming& incoming, TimePoint now);
    Performance weather_route(const Incoming& incoming, TimePoint now);
    Performance answer(const Route& route, const Incoming& incoming, TimePoint now);
    Performance at_once(const Incoming& incoming, Reply reply) const;
    Performance refused(const Incoming& incoming, Api api, const Problem& problem) const;
    Performance throttled(
        const Incoming& incoming, Api api, const RateLimit::Verdict& verdict, std::uint64_t hash
    ) const;
    Reply reply_to(const Question& question, Answer answer, std::uint64_t seed) const;
    bool closes(const Incoming& incoming) const;

    Weather weather_;
    FaultChoice faults_;
    RateLimit limit_;
    std::string token_;
    TimePoint started_;
    TimePoint weather_began_;
    Book book_;
};

}  // namespace skein::mock
