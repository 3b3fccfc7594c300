// yaml-cpp's events to a plain tree.
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

// Thrown to leave the parser in the middle; caught in `yaml_text.cpp`.
struct Refusal {
    ConfigError error;
};

inline constexpr auto tab_refused =
    "a tab where spaces are wanted: YAML is indented by spaces alone";

// A mark's byte. One without a position counts as the beginning.
std::size_t offset_of(const YAML::Mark& mark, const Source& source);

// Takes yaml-cpp's events, not its nodes: those resolve aliases before anybody could refuse them
// (a cyclic one never ends), and let the first of two equal keys win in silence.
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
    // A list or map that is not yet at its end. The node is the last child of its own parent, so
    // it stays where it is until this one is closed.
    struct Open {
        Node* node;
        std::map<std::string, Place> keys{};
        bool has_key = false;  // A key was read, and its value was not.
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
