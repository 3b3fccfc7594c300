#include "dispatch/desk.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace skein {
namespace {

constexpr int faults_in_a_row_to_close = 5;
constexpr Duration longest_pause = std::chrono::years{1};  // Beyond it is beyond the clock.

}  // namespace

TimePoint EndpointLimits::ready_at(TimePoint now, double cost) const {
    if (!closed.empty()) return never;
    return std::max(
        {room.ready_at(now),
         requests.ready_at(now),
         tokens.ready_at(now, cost),
         pause.ready_at(now)}
    );
}

Desk::Desk(std::vector<EndpointLimits> endpoints, std::size_t in_flight, Duration longest_park)
    : endpoints_{std::move(endpoints)}, in_flight_{in_flight}, longest_park_{longest_park} {
    SKEIN_ASSERT(!endpoints_.empty());
}

void Desk::line_up(Sequence seq, double tokens) {
    const bool is_new = line_.emplace(seq, tokens).second;
    SKEIN_ASSERT(is_new);
}

std::optional<Desk::Grant> Desk::next(TimePoint now) {
    if (line_.empty() || in_flight_.ready_at(now) > now) return std::nullopt;
    const auto [seq, tokens] = *line_.begin();
    for (EndpointIndex i = 0; i < endpoints_.size(); ++i) {
        auto& endpoint = endpoints_[i];
        if (endpoint.ready_at(now, tokens) > now) continue;
        in_flight_.enter();
        endpoint.room.enter();
        endpoint.requests.take(now);
        endpoint.tokens.take(now, tokens);
        line_.erase(line_.begin());
        return Grant{seq, i, tokens};
    }
    return std::nullopt;
}

TimePoint Desk::ready_at(TimePoint now) const {
    if (line_.empty() || in_flight_.ready_at(now) > now) return never;
    TimePoint earliest = never;
    for (const auto& endpoint : endpoints_) {
        earliest = std::min(earliest, endpoint.ready_at(now, line_.begin()->second));
    }
    return earliest;
}

bool Desk::settle(const Grant& grant, const Lesson& lesson, TimePoint now) {
    auto& endpoint = endpoints_[grant.endpoint];
    in_flight_.leave();
    endpoint.room.leave();
    // What was taken from a rate stays taken, also if it never left: given back late, it would let
    // two leave at once. Tokens are corrected, for a reservation is often ten times what was used.
    if (lesson.used) endpoint.tokens.correct(now, *lesson.used - grant.tokens);
    return teach(endpoint, lesson, now);
}

bool Desk::teach(EndpointLimits& endpoint, const Lesson& lesson, TimePoint now) {
    if (lesson.pause) endpoint.pause.extend_to(now + std::min(*lesson.pause, longest_pause));
    endpoint.in_a_row = lesson.effect == Effect::close_in_a_row ? endpoint.in_a_row + 1 : 0;
    const bool closes =
        lesson.effect == Effect::close || endpoint.in_a_row == faults_in_a_row_to_close;
    if (!closes || !endpoint.closed.empty()) return false;
    endpoint.closed = lesson.why;
    return true;
}

bool Desk::is_usable(const EndpointLimits& endpoint, TimePoint now) const {
    return endpoint.closed.empty() && endpoint.pause.ready_at(now) - now <= longest_park_;
}

std::optional<std::string> Desk::unusable(TimePoint now) const {
    std::string why;
    for (const auto& endpoint : endpoints_) {
        if (is_usable(endpoint, now)) return std::nullopt;
        if (!why.empty()) why += "; ";
        why += endpoint.name + ": ";
        why += endpoint.closed.empty() ? "asked for a longer pause than limits.longest_park allows"
                                       : endpoint.closed;
    }
    return why;
}

std::optional<Sequence> Desk::oldest_in_line() const {
    if (line_.empty()) return std::nullopt;
    return line_.begin()->first;
}

}  // namespace skein
