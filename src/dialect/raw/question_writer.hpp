// A chat from the common form to the body that an endpoint's map describes.
#pragma once
#include "model/prepared.hpp"

#include <skein/settings.hpp>

#include <optional>
#include <string>

namespace skein::mapped {

// Returns why the endpoint cannot be asked for it; nothing if the body was written.
std::optional<std::string> write_question(
    const Endpoint& endpoint, const Prepared& request, std::string& body
);

}  // namespace skein::mapped
