#include "dispatch/capability.hpp"

#include <string>

namespace skein {
namespace {

constexpr int not_implemented = 501;
// The estimate of a prompt's tokens is rough. A prompt of more than twice the context is certainly
// too long.
constexpr std::int64_t beyond_doubt = 2;

}  // namespace

std::optional<Fault> unfit_for(const LocalCapabilities& ability, const Prepared& request) {
    if (request.native) {
        return Fault{
            .kind = FaultKind::rejected,
            .detail = "the local model has OpenAI's API, and this is a request of another one"};
    }
    if (request.operation == Operation::embedding && !ability.embeddings) {
        return Fault{
            .kind = FaultKind::rejected,
            .detail = "the local model serves no embeddings (local.embeddings: true, if it does)"};
    }
    if (ability.context > 0 && request.prompt_tokens / beyond_doubt > ability.context) {
        return Fault{
            .kind = FaultKind::context_exceeded,
            .detail = "about " + std::to_string(request.prompt_tokens) +
                      " tokens do not fit the local model, which takes " +
                      std::to_string(ability.context)};
    }
    return std::nullopt;
}

bool is_unfit(const Fault& fault) {
    return fault.kind == FaultKind::context_exceeded || fault.kind == FaultKind::not_found ||
           (fault.kind == FaultKind::rejected && fault.http_status == not_implemented);
}

}  // namespace skein
