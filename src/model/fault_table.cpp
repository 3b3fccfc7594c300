// The fault table: one row per FaultKind with everything the program derives from a kind (retry,
// verdict on the endpoint, pace of the backoff, bill). All decisions read this table.
// Invariant, checked at compile time: rows stand in the order of the enum, one for each kind.
// Constant data: any thread.
#include "model/fault_table.hpp"

#include "base/assert.hpp"

#include <array>
#include <cstddef>

namespace skein {
namespace {

using K = FaultKind;
using O = Origin;
using R = Retry;
using V = Verdict;
using E = Executed;
using P = Pace;
using F = Effect;

// clang-format off
constexpr std::array table{
    // kind                   name                  origin     retry          verdict       executed  pace          effect
    FaultRow{K::connect,            "connect",            O::local,  R::usual,      V::unhealthy, E::no,    P::normal,    F::none},
    FaultRow{K::unknown_host,       "unknown_host",       O::local,  R::elsewhere,  V::neutral,   E::no,    P::normal,    F::close},
    FaultRow{K::tls_handshake,      "tls_handshake",      O::local,  R::usual,      V::unhealthy, E::no,    P::normal,    F::none},
    FaultRow{K::tls_trust,          "tls_trust",          O::local,  R::elsewhere,  V::neutral,   E::no,    P::normal,    F::close},
    FaultRow{K::timeout_connect,    "timeout_connect",    O::local,  R::usual,      V::unhealthy, E::no,    P::normal,    F::none},
    FaultRow{K::timeout_first_byte, "timeout_first_byte", O::local,  R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::timeout_idle,       "timeout_idle",       O::local,  R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::timeout_attempt,    "timeout_attempt",    O::local,  R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::connection_lost,    "connection_lost",    O::remote, R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::keepalive_race,     "keepalive_race",     O::remote, R::at_once,    V::neutral,   E::maybe, P::normal,    F::none},
    FaultRow{K::truncated,          "truncated",          O::remote, R::usual,      V::unhealthy, E::yes,   P::normal,    F::none},
    FaultRow{K::refused,            "refused",            O::remote, R::at_once,    V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::protocol,           "protocol",           O::remote, R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::bad_response,       "bad_response",       O::remote, R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::too_large,          "too_large",          O::remote, R::never,      V::neutral,   E::yes,   P::normal,    F::none},
    FaultRow{K::redirect_refused,   "redirect_refused",   O::remote, R::never,      V::neutral,   E::no,    P::normal,    F::close_in_a_row},
    FaultRow{K::incomplete_stream,  "incomplete_stream",  O::remote, R::usual,      V::unhealthy, E::yes,   P::normal,    F::none},
    FaultRow{K::rejected,           "rejected",           O::remote, R::never,      V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::context_exceeded,   "context_exceeded",   O::remote, R::never,      V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::filtered,           "filtered",           O::remote, R::never,      V::neutral,   E::maybe, P::normal,    F::none},
    FaultRow{K::invalid_output,     "invalid_output",     O::remote, R::ask_again,  V::healthy,   E::yes,   P::normal,    F::none},
    FaultRow{K::auth,               "auth",               O::remote, R::elsewhere,  V::neutral,   E::no,    P::normal,    F::close},
    FaultRow{K::key_renewed,        "key_renewed",        O::remote, R::renewed,    V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::forbidden,          "forbidden",          O::remote, R::never,      V::neutral,   E::no,    P::normal,    F::close_in_a_row},
    FaultRow{K::not_found,          "not_found",          O::remote, R::never,      V::neutral,   E::no,    P::normal,    F::close_in_a_row},
    FaultRow{K::quota,              "quota",              O::remote, R::elsewhere,  V::neutral,   E::no,    P::normal,    F::close},
    FaultRow{K::throttled,          "throttled",          O::remote, R::patient,    V::neutral,   E::no,    P::throttled, F::none},
    FaultRow{K::overloaded,         "overloaded",         O::remote, R::usual,      V::unhealthy, E::no,    P::throttled, F::none},
    FaultRow{K::not_ready,          "not_ready",          O::remote, R::patient,    V::unhealthy, E::no,    P::throttled, F::none},
    FaultRow{K::server_error,       "server_error",       O::remote, R::usual,      V::unhealthy, E::maybe, P::normal,    F::none},
    FaultRow{K::worker_died,        "worker_died",        O::local,  R::twice,      V::neutral,   E::maybe, P::normal,    F::vanish},
    FaultRow{K::deadline,           "deadline",           O::local,  R::never,      V::neutral,   E::maybe, P::normal,    F::none},
    FaultRow{K::cancelled,          "cancelled",          O::local,  R::never,      V::neutral,   E::maybe, P::normal,    F::none},
    FaultRow{K::parked,             "parked",             O::remote, R::never,      V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::no_endpoint,        "no_endpoint",        O::local,  R::never,      V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::over_budget,        "over_budget",        O::local,  R::never,      V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::bad_input,          "bad_input",          O::local,  R::never,      V::neutral,   E::no,    P::normal,    F::none},
    FaultRow{K::internal,           "internal",           O::local,  R::never,      V::neutral,   E::maybe, P::normal,    F::none},
};
// clang-format on

constexpr bool rows_stand_in_the_order_of_the_enum() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].kind) != i) return false;
    }
    return true;
}
static_assert(rows_stand_in_the_order_of_the_enum());
// A fault closes its endpoint if and only if its request is retried at another endpoint.
constexpr bool what_closes_is_tried_elsewhere() {
    for (const auto& row : table) {
        if ((row.effect == F::close) != (row.retry == R::elsewhere)) return false;
    }
    return true;
}
static_assert(what_closes_is_tried_elsewhere());
static_assert(table.size() == static_cast<std::size_t>(K::internal) + 1);

}  // namespace

const FaultRow& row_of(FaultKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    SKEIN_ASSERT(index < table.size());
    return table[index];
}

std::span<const FaultRow> all_faults() { return table; }

std::string_view to_string(FaultKind kind) { return row_of(kind).name; }

std::optional<FaultKind> fault_kind_of(std::string_view name) {
    for (const auto& row : table) {
        if (row.name == name) return row.kind;
    }
    return std::nullopt;
}

// Without `elsewhere`, because such a fault is one of the endpoint and not of the request.
bool is_retryable(FaultKind kind) {
    const auto retry = row_of(kind).retry;
    return retry != Retry::never && retry != Retry::elsewhere;
}

// An exhausted quota with a Retry-After does not close the endpoint, because the quota returns.
bool closes_endpoint(const Fault& fault) {
    const bool comes_back = fault.kind == FaultKind::quota && fault.retry_after;
    return row_of(fault.kind).effect == Effect::close && !comes_back;
}

// These four kinds, and each fault that closes its endpoint, say nothing about the row
// (docs/decisions.md).
bool leaves_undone(FaultKind kind) {
    switch (kind) {
        case FaultKind::cancelled:
        case FaultKind::no_endpoint:
        case FaultKind::over_budget:
        case FaultKind::parked:
            return true;
        default:
            return row_of(kind).effect == Effect::close;
    }
}

bool leaves_undone(const Reply& reply) {
    const auto* fault = reply.fault();
    if (!fault) return false;
    // A deadline counts against the row only if a server may have worked on it.
    const bool never_ran = fault->kind == FaultKind::deadline && reply.maybe_executed == 0;
    return never_ran || leaves_undone(fault->kind);
}

Origin origin_of(FaultKind kind) { return row_of(kind).origin; }

Executed executed(FaultKind kind) { return row_of(kind).executed; }

}  // namespace skein
