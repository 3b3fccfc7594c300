#include "config/files.hpp"

#include "base/ascii.hpp"
#include "input/decoder.hpp"

namespace skein::config {
namespace {

// A tab or one printable ASCII character, but none that values are made of, and no quote.
bool is_delimiter(const std::string& text) {
    if (text.size() != 1) return false;
    const char c = text.front();
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c == '\t' || (c >= ' ' && c <= '~' && !is_letter && !is_digit(c) && c != '"');
}

}  // namespace

Complaint read_encoding(const Node& node, std::string& into) {
    const bool is_known = node.is_scalar() && input::Decoder::knows(node.text);
    if (!is_known) {
        return must_be(
            node, "an encoding such as utf-8, utf-16le, latin1 or windows-1252 (iconv -l lists all)"
        );
    }
    into = node.text;
    return std::nullopt;
}

Complaint read_delimiter(const Node& node, char& into) {
    const bool is_tab = node.is_scalar() && (node.text == "tab" || node.text == "\\t");
    if (is_tab) {
        into = '\t';
    } else if (node.is_scalar() && node.text == "auto") {
        // Zero stands for `auto`.
        into = '\0';
    } else if (node.is_scalar() && is_delimiter(node.text)) {
        into = node.text.front();
    } else {
        return must_be(node, "auto, tab, or one character like \";\" or \"|\"");
    }
    return std::nullopt;
}

Complaint read_id(const Node& node, std::string& into) {
    auto complaint = read_text(node, into);
    // The default is stored as empty, however it was given.
    if (into == "custom_id") into.clear();
    return complaint;
}

// `all` is a word of its own and not the name of a field, so it is accepted without quotes only.
Complaint read_keep(const Node& node, Keep& into) {
    into = {};
    if (node.is_scalar() && node.text == "all" && !node.quoted) {
        into.all = true;
        return std::nullopt;
    }
    if (!node.is_list()) return must_be(node, "all, or a list of fields like [id, key]");
    for (const auto& child : node.children) {
        if (!child.is_scalar() || child.text.empty()) {
            return must_be(node, "all, or a list of fields like [id, key]");
        }
        into.fields.push_back(child.text);
    }
    return std::nullopt;
}

// What the sources say is checked with the whole output (`all_wrong_output`).
Complaint read_columns(const Node& node, std::vector<std::pair<std::string, std::string>>& into) {
    into.clear();
    const char* rule = "a mapping of names to sources like {label: text, score: json.score}";
    if (!node.is_map()) return must_be(node, rule);
    for (const auto& child : node.children) {
        if (!child.is_scalar())
            return must_be(child, "the source of a column, such as text or json.score");
        into.emplace_back(child.key, child.text);
    }
    return std::nullopt;
}

}  // namespace skein::config
