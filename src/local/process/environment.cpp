// The environment of a worker is an allow-list, because engines and their libraries are foreign
// programs and our variables hold keys.
#include "local/process/environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>

namespace skein::local {
namespace {

constexpr std::array<std::string_view, 8> names{
    "PATH", "HOME", "USER", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONPATH"};

// Variables of CUDA, ROCm, the engines and their libraries, the dynamic loader and the locale.
constexpr std::array<std::string_view, 14> prefixes{
    "CUDA_",
    "NCCL_",
    "NVIDIA_",
    "LD_",
    "HF_",
    "HIP_",
    "ROCR_",
    "OMP_",
    "XDG_",
    "LC_",
    "GGML_",
    "VLLM_",
    "PYTORCH_",
    "TORCH"};

// These words win over the lists above: `HF_TOKEN` is passed on only if the job names it.
constexpr std::array<std::string_view, 4> secrets{"KEY", "TOKEN", "SECRET", "PASSWORD"};

bool is_inherited(std::string_view name) {
    const bool is_secret =
        std::ranges::any_of(secrets, [&](auto word) { return name.find(word) != name.npos; });
    if (is_secret) return false;
    return std::ranges::find(names, name) != names.end() ||
           std::ranges::any_of(prefixes, [&](auto prefix) { return name.starts_with(prefix); });
}

}  // namespace

std::vector<std::string> inherited_environment(const std::vector<std::string>& named) {
    std::vector<std::string> environment;
    // The list itself is null after clearenv(3).
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text{*entry};
        const auto name = text.substr(0, text.find('='));
        // A variable that the job names is passed on, also if it looks like a secret.
        const bool is_named = std::ranges::find(named, name) != named.end();
        if (is_named || is_inherited(name)) environment.emplace_back(text);
    }
    return environment;
}

void set_variable(
    std::vector<std::string>& environment, const std::string& name, const std::string& value
) {
    std::erase_if(environment, [&](const std::string& entry) {
        return entry.starts_with(name + "=");
    });
    environment.push_back(name + "=" + value);
}

}  // namespace skein::local
