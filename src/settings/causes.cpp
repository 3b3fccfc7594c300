#include "settings/causes.hpp"

#include <algorithm>
#include <array>

namespace skein::config {
namespace {

constexpr std::array causes{
    FaultKind::context_exceeded,
    FaultKind::filtered,
    FaultKind::too_large,
    FaultKind::rejected,
    FaultKind::invalid_output};

}  // namespace

bool may_be_cause(FaultKind kind) { return std::ranges::find(causes, kind) != causes.end(); }

std::string causes_text() {
    std::string text;
    for (const auto kind : causes) {
        if (!text.empty()) text += kind == causes.back() ? " or " : ", ";
        text += to_string(kind);
    }
    return text;
}

}  // namespace skein::config
