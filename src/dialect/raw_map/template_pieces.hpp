// Reads `prompt_template`.
#pragma once
#include "dialect/raw_map/raw_map.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::mapped {

// Cuts the template at `{{ role }}` and `{{ content }}`. Returns what is wrong with it.
std::optional<std::string> read_template_pieces(
    std::string_view text, std::vector<TemplatePiece>& pieces
);

}  // namespace skein::mapped
