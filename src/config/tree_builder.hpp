// Builds a plain tree from yaml-cpp's parser events.
#pragma once
#include "config/tree.hpp"

#include <yaml-cpp/eventhandler.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace skein::config {

// Thrown to abort the parser; caught in `yaml_text.cpp`.
struct Refusal {
    ConfigError error;
};

inline constexpr auto tab_refused =
    "a tab where spaces are wanted: YAML is indented by spaces alone";

// The byte offset of a mark; 0 for a mark without a position.
std::size_t offset_of(const YAML::Mark& mark, const Source& source);

// Uses yaml-cpp's events (SAX style) and not its nodes, because the nodes resolve aliases before
// they could be refused (a cyclic alias never ends), and silently ignore the second of two equal
// keys.
class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(std::shared_ptr<const Source> source) : source_{std::move(source)} {}

    bool has_document() const { return documents_ > 0; }
    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        const std::string& value
    ) override;
    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value style
    ) override;
    void OnSequenceEnd() override { open_.pop_back(); }
    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value style
    ) override;
    void OnMapEnd() override { open_.pop_back(); }

private:
    // A list or map that is still open. `node` is the last child of its parent, and the parent gets
    // no further child before this one is closed, so the pointer stays valid.
    struct Open {
        Node* node;
        std::map<std::string, Place> keys{};
        bool has_key = false;  // A key was read; its value comes next.
        std::string key{};
    };

    Place place_of(const YAML::Mark& mark) const;
    bool is_behind_tab(const Place& place) const;
    bool is_never_closed(const Place& place) const;
    [[noreturn]] void refuse(const YAML::Mark& mark, std::string what) const;
    void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
    Node* add(const YAML::Mark& mark, Node node);
    void open(const YAML::Mark& mark, Node::Kind kind);
    void read_key(Open& parent, const YAML::Mark& mark, Node node) const;

    std::shared_ptr<const Source> source_;
    Node root_{};
    std::vector<Open> open_{};
    std::size_t nodes_ = 0;
    int documents_ = 0;
};

}  // namespace skein::config
