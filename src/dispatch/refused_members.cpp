#include "dispatch/refused_members.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace skein {
namespace {

// Words by which a server may name a member, in the order of `added_members`.
constexpr std::array<std::array<std::string_view, 2>, added_members.size()> words_for{{
    {"stream_options", "include_usage"},
}};

// A refused member comes as 400 (OpenAI, Azure, Fireworks), as 422 (FastAPI, Mistral), as an error
// inside a 200, or as the 500 of a Python gateway: "got an unexpected keyword argument".
bool may_refuse_a_member(const Fault& fault) {
    return fault.kind == FaultKind::rejected ||
           (fault.kind == FaultKind::server_error && fault.http_status == 500);
}

bool names(const Fault& fault, std::size_t row) {
    return std::ranges::any_of(words_for[row], [&](std::string_view word) {
        return fault.remote_message.find(word) != std::string::npos ||
               fault.detail.find(word) != std::string::npos;
    });
}

std::string sentence(const AddedMember& member, const Fault& fault) {
    return " refuses " + std::string{member.name} + ", " + std::string{member.purpose} + " (" +
           fault.detail +
           "); it is asked without from now on. To leave it out from the start, write " +
           std::string{member.name} + ": null under request";
}

std::string sentence_of_clearing(const AddedMember& member) {
    return " names " + std::string{member.name} +
           " in a refusal also where it was not sent, so that was not the reason; it is sent again";
}

}  // namespace

AddedMembers RefusedMembers::left_out(EndpointIndex endpoint) const {
    AddedMembers members = 0;
    const auto& states = by_endpoint_[endpoint].states;
    for (std::size_t row = 0; row < states.size(); ++row) {
        if (states[row] == State::left_out) members |= static_cast<AddedMembers>(1U << row);
    }
    return members;
}

// A member that the fault names goes from `sent` to `left_out`. If a refusal names it although the
// request was without it, the member is not the reason and goes to `cleared`, for the rest of the
// run. Only a request that still had the member is repeated, so it is not repeated for ever.
bool RefusedMembers::learn(EndpointIndex endpoint, const Fault& fault, const AddedTo& request) {
    // Any other fault that names a member only quotes the request.
    if (!may_refuse_a_member(fault)) return false;
    bool is_worth_it = false;
    for (std::size_t row = 0; row < added_members.size(); ++row) {
        const auto& member = added_members[row];
        auto& state = by_endpoint_[endpoint].states[row];
        if (state == State::cleared || !has(request.added, row) || !names(fault, row)) {
            continue;
        }
        if (has(request.without, row)) {
            if (state == State::left_out) news_ = sentence_of_clearing(member);
            state = State::cleared;
            continue;
        }
        if (state == State::sent) news_ = sentence(member, fault);
        // The state may be `left_out` already: this attempt started before that, and is repeated
        // too.
        state = State::left_out;
        is_worth_it = true;
    }
    return is_worth_it;
}

std::string RefusedMembers::news(const std::string& endpoint) {
    auto news = std::exchange(news_, {});
    return news.empty() ? news : "endpoint=" + endpoint + news;
}

}  // namespace skein
