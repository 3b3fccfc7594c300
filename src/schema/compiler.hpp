// How a schema becomes a table. Used by `Schema::compile` only.
#pragma once
#include "schema/schema.hpp"
#include "schema/table.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skein::schema {

// The versions of JSON Schema, by which a keyword may mean something or nothing. `unknown`: the
// schema names none; then every keyword means what it means in the versions that know it.
enum class Draft : std::uint8_t { unknown, six, seven, y2019, y2020 };

// Reads schemas one by one, each new one found on the way put at the end of a queue, so that no
// depth of the schema is a depth of the stack. The first mistake ends it.
class Compiler {
public:
    Compiler(Table& table, json::Element root) : table_{table}, root_{root} {}

    // Reads all that is reached from the root. Returns why it was refused; empty if it was not.
    std::optional<Refusal> run();

private:
    // A schema that is being read.
    struct Here {
        json::Element whole;
        const std::string& pointer;
        Node& node;
    };
    using Reader = void (Compiler::*)(const Here& here, json::Element value, std::string at);
    struct Keyword {
        std::string_view name;
        Reader read = nullptr;  // Null: it cannot change a verdict.
        Draft since = Draft::six;
        Draft until = Draft::y2020;
    };
    static const Keyword* keyword(std::string_view name);

    void read_node(Index index, json::Element element, const std::string& pointer);
    void read_keyword(const Here& here, std::string_view name, json::Element value);
    void finish_names(const Here& here);
    void refuse(std::string at, std::string why);
    bool find_draft();

    // The node of a schema that stands at `pointer`; it is read later.
    Index add(json::Element element, std::string pointer);
    std::vector<Index> add_list(json::Element value, const std::string& at);
    std::optional<Pattern> pattern(std::string_view expression, const std::string& at);
    std::optional<std::uint64_t> count(json::Element value, const std::string& at);
    std::optional<Number> number(json::Element value, const std::string& at);
    std::vector<std::string_view> names(json::Element value, const std::string& at);
    void allow(const Here& here, json::Element value);

    template <Bounds Node::*bounds, std::uint64_t Bounds::*side>
    void read_count(const Here& here, json::Element value, std::string at);
    template <std::optional<Number> Node::*bound>
    void read_number(const Here& here, json::Element value, std::string at);
    template <Index Node::*schema>
    void read_schema(const Here& here, json::Element value, std::string at);
    template <std::vector<Index> Node::*schemas>
    void read_list(const Here& here, json::Element value, std::string at);
    void read_type(const Here& here, json::Element value, std::string at);
    void read_enum(const Here& here, json::Element value, std::string at);
    void read_const(const Here& here, json::Element value, std::string at);
    void read_step(const Here& here, json::Element value, std::string at);
    void read_pattern(const Here& here, json::Element value, std::string at);
    void read_items(const Here& here, json::Element value, std::string at);
    void read_prefix(const Here& here, json::Element value, std::string at);
    void read_additional_items(const Here& here, json::Element value, std::string at);
    void read_unique(const Here& here, json::Element value, std::string at);
    void read_properties(const Here& here, json::Element value, std::string at);
    void read_required(const Here& here, json::Element value, std::string at);
    void read_patterns(const Here& here, json::Element value, std::string at);
    void read_dependencies(const Here& here, json::Element value, std::string at);
    void read_ref(const Here& here, json::Element value, std::string at);
    void read_root_only(const Here& here, json::Element value, std::string at);

    // What a reference within the document points to.
    struct Target {
        json::Element element;
        std::string pointer;
    };
    std::optional<Target> resolve(std::string_view reference, const std::string& at);
    std::optional<json::Element> step_into(const Target& from, std::string_view token);
    void check_circles();
    std::vector<Index> same_value(const Node& node) const;

    Table& table_;
    const json::Element root_;
    Draft draft_ = Draft::unknown;
    std::optional<Refusal> refusal_{};
    struct Pending {
        json::Element element;
        std::string pointer;
    };
    std::deque<Pending> pending_{};
    std::unordered_map<std::string, Index> known_{};
    std::vector<std::string> pointers_{};  // Of the nodes.
    std::size_t patterns_ = 0;
    std::size_t program_ = 0;  // Instructions of all regular expressions.
    // The members of objects that references have led through, by the objects' pointers.
    std::unordered_map<std::string, std::unordered_map<std::string_view, json::Element>> indexes_{};
};

template <Bounds Node::*bounds, std::uint64_t Bounds::*side>
void Compiler::read_count(const Here& here, json::Element value, std::string at) {
    if (const auto given = count(value, at)) here.node.*bounds.*side = *given;
}

template <std::optional<Number> Node::*bound>
void Compiler::read_number(const Here& here, json::Element value, std::string at) {
    here.node.*bound = number(value, at);
}

template <Index Node::*schema>
void Compiler::read_schema(const Here& here, json::Element value, std::string at) {
    here.node.*schema = add(value, std::move(at));
}

template <std::vector<Index> Node::*schemas>
void Compiler::read_list(const Here& here, json::Element value, std::string at) {
    here.node.*schemas = add_list(value, at);
    if ((here.node.*schemas).empty()) refuse(at, "must be a list of one schema or more");
}

// `name` as a part of a JSON pointer.
std::string pointer_token(std::string_view name);

}  // namespace skein::schema
