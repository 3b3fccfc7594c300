// Writes the counters of a client or a run as one JSON object. Members may be added, none is
// renamed. Pure; any thread.
#include "capi/tally_json.hpp"

#include "capi/object_writer.hpp"

#include <array>

namespace skein::capi {
namespace {

// Those that are not zero, by the names of their faults.
std::string faults_json(const std::array<std::uint64_t, Tally::kinds>& counts) {
    ObjectWriter out;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) out.add(to_string(static_cast<FaultKind>(i)), counts[i]);
    }
    return out.text();
}

std::string endpoint_json(const EndpointTally& endpoint) {
    return ObjectWriter{}
        .add("name", endpoint.name)
        .add("attempts", endpoint.attempts)
        .add("completed", endpoint.completed)
        .add("outages", endpoint.outages)
        .add("closed", endpoint.closed)
        .add("places", endpoint.places)
        .add("waits_for", endpoint.waits_for)
        .text();
}

std::string failures_json(const FailureGroup& group) {
    return ObjectWriter{}
        .add("code", group.code)
        .add("words", group.words)
        .add("rows", group.rows)
        .text();
}

void add_counts(ObjectWriter& out, const Tally& tally) {
    out.add("admitted", tally.admitted)
        .add("completed", tally.completed)
        .add("failed", tally.failed)
        .add("attempts", tally.attempts)
        .add("never_sent", tally.never_sent)
        .add("retries", tally.retries)
        .add("hedges", tally.hedges)
        .add("rerouted", tally.rerouted)
        .add("in_flight", tally.in_flight)
        .add("max_in_flight", tally.max_in_flight)
        .add("waiting", tally.waiting)
        .add("input_tokens", tally.input_tokens)
        .add("output_tokens", tally.output_tokens)
        .add("cached_tokens", tally.cached_tokens)
        .add("reasoning_tokens", tally.reasoning_tokens)
        .add("usage_missing", tally.usage_missing)
        .add("cost", tally.cost);
}

void add_rows(ObjectWriter& out, const Tally& tally) {
    out.add("rows", tally.rows)
        .add("done", tally.done)
        .add("written", tally.written)
        .add("resumed", tally.resumed)
        .add("failed_lines", tally.failed_lines)
        .add("left_out", tally.left_out)
        .add("not_asked", tally.not_asked)
        .add("blank_lines", tally.blank_lines)
        .add_json("failures", list_of(tally.failures, failures_json));
}

}  // namespace

std::string tally_json(const Tally& tally) {
    ObjectWriter out;
    add_counts(out, tally);
    add_rows(out, tally);
    out.add_json("attempt_faults", faults_json(tally.attempt_faults))
        .add_json("request_faults", faults_json(tally.request_faults))
        .add_json("endpoints", list_of(tally.endpoints, endpoint_json))
        .add("elapsed_ns", tally.elapsed)
        .add("attempt_p50_ns", tally.attempt_p50)
        .add("attempt_p99_ns", tally.attempt_p99)
        .add("first_token_p50_ns", tally.first_token_p50)
        .add("first_token_p99_ns", tally.first_token_p99);
    return out.text();
}

std::string progress_json(const Progress& progress) {
    return ObjectWriter{}
        .add("rows", progress.rows)
        .add("done", progress.done)
        .add("written", progress.written)
        .add("oldest", progress.oldest)
        .add_json("tally", tally_json(progress.tally))
        .text();
}

}  // namespace skein::capi
