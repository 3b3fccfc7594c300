#include "client/assembly/mocks.hpp"

#include <exception>
#include <utility>

namespace skein {

// The plan has one weather for each `mock:` endpoint, in the same order.
Expected<Mocks, ConfigError> start_mocks(const ClientPlan& plan, std::vector<Endpoint>& endpoints) {
    Mocks mocks;
    auto weather = plan.weathers().begin();
    for (auto& endpoint : endpoints) {
        if (!endpoint.url.starts_with("mock:")) continue;
        try {
            mocks.push_back(std::make_unique<mock::Server>(*weather++));
        } catch (const std::exception& error) {
            return ConfigError{endpoint.name, error.what()};
        }
        endpoint.url = mocks.back()->base_url();
    }
    return mocks;
}

}  // namespace skein
