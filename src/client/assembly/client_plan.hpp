// The plan of a client: everything that can be checked before a thread, a process or a file exists.
#pragma once
#include "client/assembly/local_tier.hpp"
#include "mock_server/weather.hpp"

#include <skein/error.hpp>
#include <skein/settings.hpp>

#include <utility>
#include <vector>

namespace skein {

// Checked settings, and what this machine makes of them. Only `plan_client` makes one, so a plan is
// the proof that every check has passed, and no check runs twice: asking the driver of GPUs may
// take seconds. A value; it may be copied and moved between threads.
class ClientPlan {
public:
    const Settings& settings() const { return settings_; }

    // The local pool; empty without `local:`, or if it is impossible and not required.
    const LocalPlan& local() const { return local_; }

    // The weather of each endpoint with a `mock:` URL, in the order of the endpoints.
    const std::vector<mock::Weather>& weathers() const { return weathers_; }

private:
    friend Expected<ClientPlan, ConfigError> plan_client(Settings settings);

    explicit ClientPlan(Settings settings) : settings_{std::move(settings)} {}

    Settings settings_;
    LocalPlan local_{};
    std::vector<mock::Weather> weathers_{};
};

// Checks the settings, libcurl, the certificates and the weather files, and asks the driver for the
// GPUs. Starts and creates nothing. The error is the first complaint.
Expected<ClientPlan, ConfigError> plan_client(Settings settings);

}  // namespace skein
