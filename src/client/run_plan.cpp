// The plan of a job, for `skein check`.
#include "client/run_ground.hpp"
#include "dialect/address.hpp"
#include "dialect/prepare.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

namespace skein {
namespace {

constexpr std::size_t shown_of_a_body = 400;

std::string limits_text(const Job& job) {
    const auto& endpoint = job.settings.endpoints.front();
    auto in_flight = job.settings.in_flight;
    if (endpoint.in_flight > 0) in_flight = std::min(in_flight, endpoint.in_flight);
    auto text = "at most " + std::to_string(in_flight) + " in flight";
    if (endpoint.rpm > 0)
        text += ", " + std::to_string(static_cast<long long>(endpoint.rpm)) + " requests/min";
    if (endpoint.tpm > 0)
        text += ", " + std::to_string(static_cast<long long>(endpoint.tpm)) + " tokens/min";
    return text;
}

std::string first_request_text(const Job& job, Ground& ground) {
    auto row = ground.source->next();
    if (!row || !*row) return "the input has no rows\n";
    auto asked = ground.asker->ask(**row);
    const auto where = "line " + std::to_string((*row)->line) + " (" + asked.custom_id + "): ";
    if (!asked.request) return where + "would fail: " + asked.request.error().detail + "\n";
    auto prepared = prepare(*asked.request);
    if (!prepared) return where + "would fail: " + prepared.error().detail + "\n";
    const auto& endpoint = job.settings.endpoints.front();
    auto body = body_for(endpoint, *prepared);
    if (body.size() > shown_of_a_body) body = body.substr(0, shown_of_a_body) + " …";
    return where + "POST " + url_for(endpoint, prepared->path) + "\n            " + body + "\n";
}

std::string output_text(const Job& job) {
    if (job::to_standard_output(job.output)) return "standard output; not resumable";
    const bool earlier = std::filesystem::exists(job::journal_path(job.output.file));
    return job.output.file +
           (job.output.order == Output::Order::input ? ", in input order" : ", as replies come") +
           (earlier ? "; the journal of an earlier run is there and will be resumed" : "");
}

}  // namespace

std::string plan_text(const Job& job, Ground& ground) {
    const auto& endpoint = job.settings.endpoints.front();
    const auto attempts = static_cast<std::uint64_t>(job.settings.attempts);
    std::string text = job.file + " is a job that can be run\n";
    text += "  asks      " + endpoint.name + " at " + endpoint.url;
    text += endpoint.model.empty() ? "\n" : ", model " + endpoint.model + "\n";
    text += "  limits    " + limits_text(job) + ", at most " + std::to_string(attempts) +
            " attempts a request\n";
    text += "  input     " + job.input.file;
    if (ground.scan) {
        text += ": " + std::to_string(ground.scan->rows) + " rows, so at most " +
                std::to_string(ground.scan->rows * attempts) + " attempts";
    }
    text += "\n  output    " + output_text(job) + "\n";
    text += "  first     " + first_request_text(job, ground);
    text += "nothing was sent\n";
    return text;
}

}  // namespace skein
