#include "json/text.hpp"
#include "mock_server/hash.hpp"
#include "mock_server/ledger.hpp"

namespace skein::mock {
namespace {

// Each member ends with a comma; the last one becomes the closing brace (`end`).
void number(std::string& out, std::string_view name, std::uint64_t value) {
    ((out += '"') += name) += "\":";
    json::append_number(out, static_cast<std::int64_t>(value));
    out += ',';
}

void text(std::string& out, std::string_view name, std::string_view value) {
    ((out += '"') += name) += "\":";
    json::append_string(out, value);
    out += ',';
}

void end(std::string& out) { out.back() = '}'; }

}  // namespace

// The names `most_…` are part of the interface of the tests.
std::string sums_text(const Ledger& sums) {
    std::string out = "{";
    number(out, "requests", sums.requests);
    number(out, "in_flight", sums.in_flight);
    number(out, "most_in_flight", sums.max_in_flight);
    number(out, "connections", sums.connections);
    number(out, "client_left", sums.client_left);
    number(out, "bytes_sent", sums.bytes_sent);
    number(out, "prompt_tokens", sums.prompt_tokens);
    number(out, "completion_tokens", sums.completion_tokens);
    number(out, "most_with_one_id", sums.max_with_one_id);
    out += R"("answered":{)";
    for (const auto& [answered, count] : sums.answered) {
        json::append_string(out, answered);
        out += ':';
        json::append_number(out, static_cast<std::int64_t>(count));
        out += ',';
    }
    if (out.back() == ',') out.pop_back();
    return out += "}}";
}

void append_entry(std::string& out, const Entry& entry) {
    out += '{';
    number(out, "number", entry.number);
    number(out, "arrived_ns", static_cast<std::uint64_t>(entry.arrived.count()));
    if (entry.finished) {
        number(out, "finished_ns", static_cast<std::uint64_t>(entry.finished->count()));
    } else {
        out += R"("finished_ns":null,)";
    }
    number(out, "connection", entry.connection);
    number(out, "index", entry.index);
    text(out, "request", entry.request);
    number(out, "attempt", entry.attempt);
    text(out, "path", entry.path);
    text(out, "api", name_of(entry.api));
    number(out, "body_bytes", entry.body_bytes);
    text(out, "prompt_hash", hex_of(entry.prompt_hash));
    out += R"("store":)";
    out += !entry.store ? "null," : *entry.store ? "true," : "false,";
    text(out, "answered", entry.answered);
    number(out, "bytes_sent", entry.bytes_sent);
    out += entry.client_left ? R"("client_left":true,)" : R"("client_left":false,)";
    end(out);
    out += '\n';
}

}  // namespace skein::mock
