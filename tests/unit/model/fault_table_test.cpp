#include "model/fault_table.hpp"

#include "support/catch.hpp"

#include <set>

using namespace skein;

namespace {

enum class Counts { yes, no };  // Whether the fault counts against the endpoint.

struct Row {
    FaultKind kind;
    bool retried;
    Counts counts;
    Executed executed;
};

constexpr auto yes = Counts::yes;
constexpr auto no = Counts::no;

// The expected meaning of each kind, written independently of the table under test.
const std::vector<Row> rows{
    {FaultKind::connect, true, yes, Executed::no},
    {FaultKind::unknown_host, false, no, Executed::no},
    {FaultKind::tls_handshake, true, yes, Executed::no},
    {FaultKind::tls_trust, false, no, Executed::no},
    {FaultKind::timeout_connect, true, yes, Executed::no},
    {FaultKind::timeout_first_byte, true, yes, Executed::maybe},
    {FaultKind::timeout_idle, true, yes, Executed::maybe},
    {FaultKind::timeout_attempt, true, yes, Executed::maybe},
    {FaultKind::connection_lost, true, yes, Executed::maybe},
    {FaultKind::keepalive_race, true, no, Executed::maybe},
    {FaultKind::truncated, true, yes, Executed::yes},
    {FaultKind::refused, true, no, Executed::no},
    {FaultKind::protocol, true, yes, Executed::maybe},
    {FaultKind::bad_response, true, yes, Executed::maybe},
    {FaultKind::too_large, false, no, Executed::yes},
    {FaultKind::redirect_refused, false, no, Executed::no},
    {FaultKind::incomplete_stream, true, yes, Executed::yes},
    {FaultKind::rejected, false, no, Executed::no},
    {FaultKind::context_exceeded, false, no, Executed::no},
    {FaultKind::filtered, false, no, Executed::maybe},
    {FaultKind::invalid_output, true, no, Executed::yes},
    {FaultKind::auth, false, no, Executed::no},
    {FaultKind::key_renewed, true, no, Executed::no},
    {FaultKind::forbidden, false, no, Executed::no},
    {FaultKind::not_found, false, no, Executed::no},
    {FaultKind::quota, false, no, Executed::no},
    {FaultKind::throttled, true, no, Executed::no},
    {FaultKind::overloaded, true, yes, Executed::no},
    {FaultKind::not_ready, true, yes, Executed::no},
    {FaultKind::server_error, true, yes, Executed::maybe},
    {FaultKind::worker_died, true, no, Executed::maybe},
};

}  // namespace

TEST_CASE("Each kind of fault has the expected retry, verdict and billing.", "[model]") {
    for (const auto& row : rows) {
        INFO(to_string(row.kind));
        CHECK(is_retryable(row.kind) == row.retried);
        CHECK((row_of(row.kind).verdict == Verdict::unhealthy) == (row.counts == yes));
        CHECK(executed(row.kind) == row.executed);
    }
}

TEST_CASE(
    "No fault gives an endpoint a healthy verdict, but an answer that is not as expected.",
    "[model]"
) {
    for (const auto& row : all_faults()) {
        INFO(to_string(row.kind));
        CHECK((row.verdict == Verdict::healthy) == (row.kind == FaultKind::invalid_output));
    }
}

TEST_CASE(
    "Faults that are decisions of the client are never retried, and blame no endpoint.", "[model]"
) {
    for (const auto kind :
         {FaultKind::deadline,
          FaultKind::cancelled,
          FaultKind::parked,
          FaultKind::no_endpoint,
          FaultKind::bad_input,
          FaultKind::internal}) {
        INFO(to_string(kind));
        CHECK_FALSE(is_retryable(kind));
        CHECK(row_of(kind).verdict == Verdict::neutral);
        CHECK(row_of(kind).effect == Effect::none);
    }
}

TEST_CASE("Only faults that cost the server no work are retried at once.", "[model]") {
    for (const auto& row : all_faults()) {
        const bool spares = row.kind == FaultKind::keepalive_race || row.kind == FaultKind::refused;
        CHECK((row.retry == Retry::at_once) == spares);
    }
    CHECK(row_of(FaultKind::bad_response).retry == Retry::usual);
    CHECK(row_of(FaultKind::tls_handshake).retry == Retry::usual);
    CHECK(row_of(FaultKind::throttled).retry == Retry::patient);
    CHECK(row_of(FaultKind::not_ready).retry == Retry::patient);
}

TEST_CASE("A retry after a busy server's fault uses the slower backoff.", "[model]") {
    for (const auto& row : all_faults()) {
        const bool busy = row.kind == FaultKind::throttled || row.kind == FaultKind::overloaded ||
                          row.kind == FaultKind::not_ready;
        CHECK((row.pace == Pace::throttled) == busy);
    }
}

TEST_CASE("A fault that would hit every request closes the endpoint.", "[model]") {
    for (const auto& row : all_faults()) {
        const bool closes = row.kind == FaultKind::auth || row.kind == FaultKind::quota ||
                            row.kind == FaultKind::tls_trust || row.kind == FaultKind::unknown_host;
        const bool in_a_row = row.kind == FaultKind::forbidden ||
                              row.kind == FaultKind::not_found ||
                              row.kind == FaultKind::redirect_refused;
        INFO(row.name);
        CHECK((row.effect == Effect::close) == closes);
        CHECK((row.effect == Effect::close_in_a_row) == in_a_row);
    }
}

TEST_CASE("A request that never arrived, or was given up, has a local origin.", "[model]") {
    for (const auto kind :
         {FaultKind::connect,
          FaultKind::unknown_host,
          FaultKind::tls_handshake,
          FaultKind::timeout_connect,
          FaultKind::timeout_idle,
          FaultKind::deadline,
          FaultKind::cancelled}) {
        CHECK(origin_of(kind) == Origin::local);
    }
    for (const auto kind :
         {FaultKind::throttled, FaultKind::server_error, FaultKind::truncated, FaultKind::auth}) {
        CHECK(origin_of(kind) == Origin::remote);
    }
}

TEST_CASE(
    "A deadline leaves a row undone only if nothing of it can have been executed.", "[model]"
) {
    Reply reply{.outcome = Fault{.kind = FaultKind::deadline}, .attempts = 3};
    CHECK(leaves_undone(reply));
    CHECK_FALSE(leaves_undone(FaultKind::deadline));
    reply.maybe_executed = 1;
    CHECK_FALSE(leaves_undone(reply));
    for (const auto& row : all_faults()) {
        if (row.kind == FaultKind::deadline) continue;
        INFO(row.name);
        CHECK(leaves_undone(Reply{.outcome = Fault{.kind = row.kind}}) == leaves_undone(row.kind));
    }
    CHECK_FALSE(leaves_undone(Reply{.outcome = Completion{}}));
}

TEST_CASE("Every kind of fault has a unique name that maps back to the kind.", "[model]") {
    std::set<std::string_view> names;
    for (const auto& row : all_faults()) {
        names.insert(to_string(row.kind));
        CHECK(fault_kind_of(row.name) == row.kind);
    }
    CHECK(names.size() == all_faults().size());
    CHECK(fault_kind_of("") == std::nullopt);
    CHECK(fault_kind_of("Throttled") == std::nullopt);
}
