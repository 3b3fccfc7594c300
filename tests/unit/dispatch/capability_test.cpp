#include "dispatch/capability.hpp"

#include "support/catch.hpp"
#include "unit/dispatch/fallback.hpp"

namespace skein {
namespace {

using test::embeddings;
using test::prompt_of;

TEST_CASE("An embedding request is unfit for a local model without embeddings.", "[unfit]") {
    const auto why = unfit_for({}, embeddings());
    REQUIRE(why);
    CHECK(why->kind == FaultKind::rejected);
    CHECK(why->detail.find("local.embeddings") != std::string::npos);
    CHECK(!unfit_for({.embeddings = true}, embeddings()));
}

TEST_CASE("A prompt is unfit for a local model only if it is certainly too long.", "[unfit]") {
    const LocalCapabilities ability{.context = 1000};
    CHECK(!unfit_for(ability, prompt_of(1000)));
    CHECK(!unfit_for(ability, prompt_of(2001)));  // The estimate may be twice too high.
    const auto why = unfit_for(ability, prompt_of(2002));
    REQUIRE(why);
    CHECK(why->kind == FaultKind::context_exceeded);
    CHECK(why->detail.find("2002") != std::string::npos);
    CHECK(why->detail.find("1000") != std::string::npos);
    CHECK(!unfit_for({}, prompt_of(1'000'000)));  // The context size is not known.
}

TEST_CASE(
    "Only context_exceeded, not_found and 501 make a request unfit for a local model.", "[unfit]"
) {
    CHECK(is_unfit({.kind = FaultKind::context_exceeded}));
    CHECK(is_unfit({.kind = FaultKind::not_found}));
    CHECK(is_unfit({.kind = FaultKind::rejected, .http_status = 501}));
    CHECK(!is_unfit({.kind = FaultKind::rejected, .http_status = 400}));
    CHECK(!is_unfit({.kind = FaultKind::server_error, .http_status = 501}));
    CHECK(!is_unfit({.kind = FaultKind::worker_died}));
}

}  // namespace
}  // namespace skein
