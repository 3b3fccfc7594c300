#include "client/assembly/client_plan.hpp"

#include "settings/check/check_settings.hpp"
#include "wire/certificates.hpp"
#include "wire/curl_global.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace skein {
namespace {

constexpr std::string_view mock_scheme = "mock:";

// Ordered by cost: the rules first, then libcurl, then certificates that are read from files.
std::optional<ConfigError> complaint_about(const Settings& settings) {
    if (auto wrong = check_settings(settings)) return wrong;
    if (auto wrong = wire::check_libcurl()) return wrong;
    return wire::check_certificates_for(settings.endpoints);
}

// The weather of a mock server, by its URL: `mock:` alone is fair weather.
Expected<mock::Weather, ConfigError> weather_of(const Endpoint& endpoint) {
    const auto file = endpoint.url.substr(mock_scheme.size());
    if (file.empty()) return mock::Weather{};
    auto weather = mock::load_weather(file);
    if (!weather) return ConfigError{endpoint.name, weather.error().text};
    return std::move(*weather);
}

}  // namespace

Expected<ClientPlan, ConfigError> plan_client(Settings settings) {
    if (auto wrong = complaint_about(settings)) return std::move(*wrong);
    ClientPlan plan{std::move(settings)};
    for (const auto& endpoint : plan.settings().endpoints) {
        if (!endpoint.url.starts_with(mock_scheme)) continue;
        auto weather = weather_of(endpoint);
        if (!weather) return weather.error();
        plan.weathers_.push_back(std::move(*weather));
    }
    // Last, because the driver of a GPU may take seconds to answer.
    auto local = plan_of_local(plan.settings());
    if (!local) return local.error();
    plan.local_ = std::move(*local);
    return plan;
}

}  // namespace skein
