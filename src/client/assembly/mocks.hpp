// The mock servers of endpoints with a `mock:` URL.
#pragma once
#include "client/assembly/client_plan.hpp"
#include "mock_server/server.hpp"

#include <memory>
#include <vector>

namespace skein {

using Mocks = std::vector<std::unique_ptr<mock::Server>>;

// Starts one for each such endpoint, and puts its address in place of the URL. `endpoints` are
// those of the plan, in their order. The servers end with the result.
Expected<Mocks, ConfigError> start_mocks(const ClientPlan& plan, std::vector<Endpoint>& endpoints);

}  // namespace skein
