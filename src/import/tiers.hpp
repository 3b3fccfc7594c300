// Which deployments a job has, and in which tier each serves.
#pragma once
#include "import/deployment.hpp"
#include "import/router.hpp"

#include <skein/error.hpp>

#include <string>
#include <vector>

namespace skein::litellm {

struct Placed {
    Deployment deployment{};
    std::size_t tier = 0;
    std::string on_context{};  // The endpoint for what is too long; empty: none.
    std::string on_filter{};   // The endpoint for what a filter refused; empty: none.
};

// A job asks one model, so it gets the deployments of one `model_name` (the first, if `wanted` is
// empty) in the first tier, and those of its fallbacks in later ones. Others are noted. Fails if no
// deployment is left.
Expected<std::vector<Placed>, ConfigError> placed(
    std::vector<Deployment> deployments,
    const Router& router,
    const std::string& wanted,
    Notes& notes
);

}  // namespace skein::litellm
