#include "dialect/raw_map/template_pieces.hpp"

#include "base/ascii.hpp"
#include "json/text.hpp"
#include "settings/spelling.hpp"

#include <algorithm>
#include <array>

namespace skein::mapped {

std::optional<std::string> read_template_pieces(
    std::string_view text, std::vector<TemplatePiece>& pieces
) {
    static constexpr std::array<std::string_view, 2> names{"role", "content"};
    using Kind = TemplatePiece::Kind;
    bool has_content = false;
    while (!text.empty()) {
        const auto begin = std::min(text.find("{{"), text.size());
        if (begin > 0) pieces.push_back({Kind::text, std::string{text.substr(0, begin)}});
        text.remove_prefix(begin);
        if (text.empty()) break;
        const auto end = text.find("}}");
        if (end == text.npos) return "prompt_template has a {{ without its }}";
        const auto name = trimmed(text.substr(2, end - 2));
        if (std::ranges::find(names, name) == names.end()) {
            return "prompt_template knows no {{ " + json::printable(name, 60) + " }}" +
                   config::advice(name, names);
        }
        has_content = has_content || name == "content";
        pieces.push_back({name == "role" ? Kind::role : Kind::content, {}});
        text.remove_prefix(end + 2);
    }
    if (!has_content) return "prompt_template must hold {{ content }}, the text of a message";
    return std::nullopt;
}

}  // namespace skein::mapped
