#include "app/command.hpp"
#include "app/devices.hpp"
#include "app/result.hpp"
#include "json/text.hpp"
#include "local/gpu/gpus.hpp"

namespace skein::app {

int devices_command(const Command& command) {
    const auto gpus = local::find_gpus();
    const auto variable = local::inherited_cuda_visible_devices();
    if (command.as_json) return print_result(json::harmless(devices_json(gpus, variable)) + "\n");
    return print_result(devices_text(gpus, variable));
}

}  // namespace skein::app
