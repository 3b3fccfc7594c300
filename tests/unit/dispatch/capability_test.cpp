#include "dispatch/capability.hpp"

#include "support/catch.hpp"
#include "unit/dispatch/fallback.hpp"

namespace skein {
namespace {

using test::embeddings;
using test::prompt_of;

TEST_CASE("embeddings are not asked of a model that serves none", "[unfit]") {
    const auto why = unfit_for({}, embeddings());
    REQUIRE(why);
    CHECK(why->kind == FaultKind::rejected);
    CHECK(why->detail.find("local.embeddings") != std::string::npos);
    CHECK(!unfit_for({.embeddings = true}, embeddings()));
}

TEST_CASE("what is too long for certain is not asked, what may be is", "[unfit]") {
    const LocalCapabilities ability{.context = 1000};
    CHECK(!unfit_for(ability, prompt_of(1000)));
    CHECK(!unfit_for(ability, prompt_of(2001)));  // The estimate may be twice too high.
    const auto why = unfit_for(ability, prompt_of(2002));
    REQUIRE(why);
    CHECK(why->kind == FaultKind::context_exceeded);
    CHECK(why->detail.find("2002") != std::string::npos);
    CHECK(why->detail.find("1000") != std::string::npos);
    CHECK(!unfit_for({}, prompt_of(1'000'000)));  // Who knows?
}

TEST_CASE("what a model says of itself is told from what it says of a request", "[unfit]") {
    CHECK(is_unfit({.kind = FaultKind::context_exceeded}));
    CHECK(is_unfit({.kind = FaultKind::not_found}));
    CHECK(is_unfit({.kind = FaultKind::rejected, .http_status = 501}));
    CHECK(!is_unfit({.kind = FaultKind::rejected, .http_status = 400}));
    CHECK(!is_unfit({.kind = FaultKind::server_error, .http_status = 501}));
    CHECK(!is_unfit({.kind = FaultKind::worker_died}));
}

}  // namespace
}  // namespace skein
