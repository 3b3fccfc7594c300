#include "dialect/http/status.hpp"

#include <algorithm>
#include <array>

namespace skein {
namespace {

using K = FaultKind;

// clang-format off
constexpr std::array rows{
    StatusRow{401, K::auth,         "RFC 9110"},
    StatusRow{402, K::quota,        "DeepSeek, OpenRouter: no money"},
    StatusRow{403, K::forbidden,    "RFC 9110"},
    StatusRow{404, K::not_found,    "RFC 9110"},
    StatusRow{408, K::server_error, "RFC 9110: the server waited too long for the request"},
    StatusRow{409, K::server_error, "RFC 9110; OpenAI's clients try it again"},
    StatusRow{420, K::throttled,    "gateways, after Twitter's old API: slow down"},
    StatusRow{421, K::server_error, "RFC 9110: a connection to the wrong server"},
    StatusRow{423, K::server_error, "RFC 4918: locked by another request"},
    StatusRow{424, K::server_error, "TGI: the generation failed; Groq: a server behind it did"},
    StatusRow{425, K::server_error, "RFC 8470: too early"},
    StatusRow{429, K::throttled,    "RFC 6585"},
    StatusRow{444, K::server_error, "nginx: it closed the connection"},
    StatusRow{449, K::server_error, "IIS: try again"},
    StatusRow{460, K::server_error, "AWS load balancer: it takes the client for gone"},
    StatusRow{498, K::overloaded,   "Groq: no room in the flex tier (console.groq.com/docs/errors)"},
    StatusRow{499, K::server_error, "nginx and Groq: they take the client for gone"},
    StatusRow{501, K::rejected,     "RFC 9110: not implemented"},
    StatusRow{503, K::overloaded,   "RFC 9110"},
    StatusRow{505, K::rejected,     "RFC 9110: HTTP version"},
    StatusRow{509, K::overloaded,   "cPanel: bandwidth used up"},
    StatusRow{511, K::rejected,     "RFC 6585: a network wants a login"},
    StatusRow{520, K::server_error, "Cloudflare: the origin gave no answer that it understands"},
    StatusRow{521, K::server_error, "Cloudflare: the origin refuses connections"},
    StatusRow{522, K::server_error, "Cloudflare: no connection to the origin"},
    StatusRow{523, K::server_error, "Cloudflare: no route to the origin"},
    StatusRow{524, K::server_error, "Cloudflare: the origin took more than 100 s"},
    StatusRow{525, K::server_error, "Cloudflare: no TLS with the origin"},
    StatusRow{526, K::server_error, "Cloudflare: the origin's certificate"},
    StatusRow{527, K::server_error, "Cloudflare: its Railgun"},
    StatusRow{529, K::overloaded,   "Anthropic, MiniMax: overloaded"},
    StatusRow{530, K::server_error, "Cloudflare: the origin's name does not resolve"},
    StatusRow{561, K::server_error, "AWS load balancer: its login service failed"},
    StatusRow{598, K::overloaded,   "Alibaba's edge: too many at once"},
    StatusRow{599, K::server_error, "proxies: the connection behind them timed out"},
};
// clang-format on
static_assert(std::ranges::is_sorted(rows, {}, &StatusRow::status));

}  // namespace

std::span<const StatusRow> all_statuses() { return rows; }

// Binary search in the sorted table, then the class of the status.
FaultKind fault_of_status(int status) {
    const auto row = std::ranges::lower_bound(rows, status, {}, &StatusRow::status);
    if (row != rows.end() && row->status == status) return row->kind;
    if (status >= 300 && status <= 399) return K::redirect_refused;
    if (status >= 400 && status <= 499) return K::rejected;
    if (status >= 500 && status <= 599) return K::server_error;
    return K::bad_response;  // Not a status of HTTP's error classes.
}

}  // namespace skein
