// Checks the blocks of a message as strictly as Anthropic does, and takes out their text. Pure; any
// thread.
#include "mock_server/anthropic/blocks.hpp"

#include <array>

namespace skein::mock::anthropic {
namespace {

// A type of block: its members, and those of them that must be there.
struct BlockType {
    std::string_view name{};
    std::string_view known{};
    std::string_view required{};
};
constexpr std::array block_types{
    BlockType{"text", "type text cache_control citations", "text"},
    BlockType{"image", "type source cache_control transformations", "source"},
    BlockType{"document", "type source cache_control citations context title", "source"},
    BlockType{"search_result", "type source title content cache_control citations", "source"},
    BlockType{"thinking", "type thinking signature", "signature"},
    BlockType{"redacted_thinking", "type data", "data"},
    BlockType{"tool_use", "type id name input cache_control caller toolset_name", "id name input"},
    BlockType{
        "tool_result",
        "type tool_use_id content is_error cache_control toolset_name",
        "tool_use_id"},
};

const BlockType* type_named(std::string_view name) {
    for (const auto& type : block_types) {
        if (type.name == name) return &type;
    }
    return nullptr;
}

Refused check_members(const Json& block, const BlockType& type, const std::string& where) {
    if (auto refused = only(block, type.known, where)) return refused;
    auto rest = type.required;
    while (!rest.empty()) {
        const auto end = rest.find(' ');
        const std::string name{rest.substr(0, end)};
        if (!member(block, name.c_str())) return no(where + "." + name + ": Field required");
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    return std::nullopt;
}

// The text of a result, or of the blocks of type text in it.
Refused read_result(const Json& block, const std::string& where, std::string& text) {
    const auto* content = member(block, "content");
    if (!content) return std::nullopt;
    if (content->is_string()) {
        text = content->get<std::string>();
        return std::nullopt;
    }
    if (!content->is_array()) return no(where + ".content: Input should be a valid list");
    for (const auto& part : *content) {
        if (!part.is_object()) return no(where + ".content: Input should be a valid dictionary");
        if (const auto* piece = text_member(part, "text")) text += *piece;
    }
    return std::nullopt;
}

// Who may say a block of this type? The results come first in a message of the user.
Refused check_speaker(
    std::string_view type, const std::string& where, std::string_view role, const Said& said
) {
    const auto only_of = [&](std::string_view whose) {
        return no(
            where + ": `" + std::string{type} + "` blocks can only be in `" + std::string{whose} +
            "` messages"
        );
    };
    if (role == "system" && type != "text") return no(where + ": Input tag must be 'text'");
    if (type == "tool_result" && role != "user") return only_of("user");
    if (is_word_of("tool_use thinking redacted_thinking", type) && role != "assistant") {
        return only_of("assistant");
    }
    if (type == "tool_result" && said.has_blocks) {
        return no(where + ": `tool_result` blocks must come first");
    }
    return std::nullopt;
}

Refused read_block(const Json& block, const std::string& where, std::string_view role, Said& said) {
    if (!block.is_object()) return no(where + ": Input should be a valid dictionary");
    const auto* name = text_member(block, "type");
    if (!name) return no(where + ".type: Field required");
    const auto* type = type_named(*name);
    if (!type) {
        return no(
            where + ": Input tag '" + *name +
            "' found using 'type' does not match any of the expected tags"
        );
    }
    if (auto refused = check_members(block, *type, where)) return refused;
    if (auto refused = check_speaker(*name, where, role, said)) return refused;
    if (*name == "tool_result") return read_result(block, where, said.results.emplace_back());
    said.has_blocks = true;
    if (*name == "tool_use" && !block["input"].is_object()) {
        return no(where + ".tool_use.input: Input should be a valid dictionary");
    }
    if (*name != "text") return std::nullopt;
    const auto* text = text_member(block, "text");
    if (!text) return no(where + ".text: Input should be a valid string");
    if (text->empty()) return no(where + ": text content blocks must be non-empty");
    said.text += *text;
    return std::nullopt;
}

}  // namespace

Refused only(const Json& object, std::string_view known, const std::string& where) {
    const auto* name = stranger(object, known);
    if (!name) return std::nullopt;
    return no((where.empty() ? *name : where + "." + *name) + ": Extra inputs are not permitted");
}

Refused read_content(
    const Json& content, const std::string& where, std::string_view role, Said& said
) {
    if (content.is_string()) {
        said.text = content.get<std::string>();
        said.has_blocks = !said.text.empty();
        return std::nullopt;
    }
    if (!content.is_array()) return no(where + ": Input should be a valid list");
    for (std::size_t i = 0; i < content.size(); ++i) {
        const auto place = where + "." + std::to_string(i);
        if (auto refused = read_block(content[i], place, role, said)) return refused;
    }
    return std::nullopt;
}

}  // namespace skein::mock::anthropic
