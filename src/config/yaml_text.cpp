// Parses YAML by yaml-cpp and translates its errors: positions in the file, and hints in words that
// help more than the parser's.
// Invariant: no exception of yaml-cpp leaves this file, and its words are shown escaped.
// Any thread; no global state.
#include "config/yaml_text.hpp"

#include "config/tree_builder.hpp"
#include "json/text.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <memory>
#include <streambuf>
#include <utility>

namespace skein::config {
namespace {

using SourcePointer = std::shared_ptr<const Source>;

// Checks of the bytes before the YAML parser sees them.
Complaint check_bytes(const SourcePointer& source) {
    const auto& text = source->text;
    const auto valid = json::valid_utf8(text);
    if (valid != text) {
        const auto bad = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end()).first;
        const Place at{source, static_cast<std::size_t>(bad - text.begin())};
        return complain(at, "this byte is not UTF-8; save the file as UTF-8");
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_control = byte < 0x20 || byte == 0x7F;
        if (!is_control || byte == '\t' || byte == '\n' || byte == '\r') continue;
        // yaml-cpp takes byte 4 (EOT) for the end of the file, and would ignore the rest.
        return complain({source, i}, "a control character (byte " + std::to_string(byte) + ')');
    }
    return std::nullopt;
}

bool is_line_indented_by_tab(const std::string& text, std::size_t offset) {
    const auto before = std::string_view{text}.substr(0, offset);
    const auto line = before.substr(before.rfind('\n') + 1);
    return line.substr(0, line.find_first_not_of(" \t")).find('\t') != line.npos;
}

// An error of yaml-cpp in its own words, with a hint where these do not help.
ConfigError translate(const YAML::Exception& error, const SourcePointer& source) {
    const Place at{source, offset_of(error.mark, *source)};
    if (is_line_indented_by_tab(source->text, at.offset) ||
        error.msg == "illegal tab when looking for indentation") {
        return complain(at, tab_refused);
    }
    constexpr std::pair<std::string_view, std::string_view> hints[] = {
        {"illegal map value", "does a text with a colon in it want quotes around it?"},
        {"unknown token", "does a text that begins with such a character want quotes around it?"},
        {"end of map not found", "is the indentation right?"},
        {"end of map flow not found", "does a value with { or } in it want quotes around it?"},
        {"end of sequence flow not found", "is a bracket not closed?"},
    };
    // yaml-cpp quotes single bytes, even half of a UTF-8 character, so its message is escaped.
    auto reason = "not valid YAML: " + json::printable(error.msg, 200);
    for (const auto& [theirs, ours] : hints) {
        if (error.msg == theirs) reason.append("; ").append(ours);
    }
    return complain(at, std::move(reason));
}

// A read-only stream buffer over a string, without a copy.
class TextBuffer final : public std::streambuf {
public:
    explicit TextBuffer(const std::string& text) {
        auto* begin = const_cast<char*>(text.data());  // Never written to.
        setg(begin, begin, begin + text.size());
    }
};

Expected<Node, ConfigError> parse(std::string_view text, const std::string& name, bool has_lines) {
    // Before the parser: the bound on bytes is the bound on its time.
    if (text.size() > max_bytes) return ConfigError{name, "larger than 1 MB: that is no job file"};
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto source = std::make_shared<const Source>(Source{name, std::string{text}, has_lines});
    if (auto complaint = check_bytes(source)) return *std::move(complaint);
    TreeBuilder builder{source};
    try {
        TextBuffer buffer{source->text};
        std::istream stream{&buffer};
        YAML::Parser parser{stream};
        // The second call finds a second document, which the builder refuses.
        if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    } catch (const Refusal& refusal) {
        return refusal.error;
    } catch (const YAML::Exception& error) {
        return translate(error, source);
    }
    if (!builder.has_document()) return complain({source, 0}, "there is nothing in it");
    return builder.take();
}

}  // namespace

Expected<Node, ConfigError> read_yaml(std::string_view text, const std::string& name) {
    auto root = parse(text, name, true);
    if (root && root->is_null()) return complain(root->at, "there is nothing in it");
    if (root && !root->is_map()) {
        return complain(
            root->at, "a job file is a mapping (`key: value` lines), not " + found(*root)
        );
    }
    return root;
}

// A value with another first character is not parsed as YAML, so that `a: b` or `- x` on the
// command line is a text.
Expected<Node, ConfigError> read_value(std::string_view text, const std::string& origin) {
    if (!text.empty() && std::string_view{"{[\"'"}.find(text.front()) != std::string_view::npos) {
        return parse(text, origin, false);
    }
    const auto source = std::make_shared<const Source>(Source{origin, std::string{text}, false});
    if (auto complaint = check_bytes(source)) return *std::move(complaint);
    Node node{.at = {source, 0}};
    if (text.empty() || text == "~" || text == "null") return node;
    node.kind = Node::Kind::scalar;
    node.text = text;
    return node;
}

}  // namespace skein::config
