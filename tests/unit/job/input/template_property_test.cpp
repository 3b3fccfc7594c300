// Property test with random templates and rows: the filled text is valid JSON and equals the result
// of a reference model that walks the JSON tree of the template.
#include "base/random.hpp"
#include "job/input/template.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>

using namespace skein;
using namespace skein::job;
using Json = nlohmann::ordered_json;

namespace {

class Maker {
public:
    explicit Maker(std::uint64_t seed) : random_{seed} {}

    // Texts of a template contain placeholders; values of a row contain texts that look like them.
    Json template_of(int depth) {
        return made(depth, [this] { return template_text(); });
    }
    Json value(int depth) {
        return made(depth, [this] { return row_text(); });
    }

    Json row() {
        Json row = Json::object();
        for (const auto* name : names) row[name] = value(2);
        return row;
    }

private:
    static constexpr std::array names{"a", "b", "c"};

    std::size_t below(std::size_t n) { return random_() % n; }

    template <class Text>
    Json made(int depth, Text text) {
        const auto kind = depth == 0 ? below(5) : below(7);
        if (kind < 2) return text();
        if (kind == 2) return below(2) == 0;
        if (kind == 3) return below(1000);
        if (kind == 4) return nullptr;
        Json all = kind == 5 ? Json::array() : Json::object();
        for (std::size_t i = 0, n = below(4); i < n; ++i) {
            if (kind == 5) {
                all.push_back(made(depth - 1, text));
            } else {
                all["k" + std::to_string(i)] = made(depth - 1, text);
            }
        }
        return all;
    }

    std::string template_text() {
        const std::string name = names[below(names.size())];
        switch (below(6)) {
            case 0:
                return "{{ " + name + " | json }}";
            case 1:
                return "{{" + name + "|json}}";
            case 2:
                return "{{ '{{' }}\"{{ " + name + " }}\\";
            case 3:
                return "{ \n\\{{ " + name + " }}{{" + name + "}}";
            case 4:
                return "{{ z | default('\"none\"') }}";
            default:
                return "}} \xE2\x82\xAC";
        }
    }

    std::string row_text() {
        constexpr std::array texts{
            "",
            "{{ a }}",
            "\"",
            "\\",
            "],[",
            ",",
            "null",
            "\n\x01",
            "\xC3\xA9",
            "{{ '{{' }}",
            "\",\"x\":\""};
        return texts[below(texts.size())];
    }

    SplitMix random_;
};

// --- The reference model: the same rules on JSON trees ------------------------------------------

std::string text_of(const Json& value) {
    if (value.is_null()) return {};
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// The field of a text that is a whole `{{ x | json }}`.
const Json* whole_value(const Json& text, const Json& row) {
    if (!text.is_string()) return nullptr;
    for (const auto& [name, value] : row.items()) {
        const auto& given = text.get_ref<const std::string&>();
        if (given == "{{ " + name + " | json }}" || given == "{{" + name + "|json}}") return &value;
    }
    return nullptr;
}

std::string filled_text(std::string text, const Json& row) {
    std::string out;
    const auto take = [&](const std::string& what, const std::string& with) {
        if (text.substr(0, what.size()) != what) return false;
        text.erase(0, what.size());
        out += with;
        return true;
    };
    while (!text.empty()) {
        bool taken = take("{{ '{{' }}", "{{") || take("{{ z | default('\"none\"') }}", "\"none\"");
        for (const auto& [name, value] : row.items()) {
            taken = taken || take("{{ " + name + " }}", text_of(value)) ||
                    take("{{" + name + "}}", text_of(value));
        }
        if (!taken) take(text.substr(0, 1), text.substr(0, 1));
    }
    return out;
}

Json filled(const Json& tree, const Json& row) {
    if (const auto* value = whole_value(tree, row)) return *value;
    if (tree.is_string()) return filled_text(tree.get<std::string>(), row);
    if (tree.is_object()) {
        Json all = Json::object();
        for (const auto& [name, child] : tree.items()) all[name] = filled(child, row);
        return all;
    }
    if (!tree.is_array()) return tree;
    Json all = Json::array();
    for (const auto& child : tree) {
        const auto* joins = whole_value(child, row);
        if (joins && joins->is_null()) continue;
        const auto value = filled(child, row);
        if (joins && value.is_array()) {
            all.insert(all.end(), value.begin(), value.end());
        } else {
            all.push_back(value);
        }
    }
    return all;
}

}  // namespace

TEST_CASE(
    "A filled template is valid JSON and equals a tree-based reference for random templates and "
    "rows.",
    "[job]"
) {
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        Maker maker{seed};
        const Json asked = {{"messages", maker.template_of(3)}, {"more", maker.template_of(2)}};
        const auto row = maker.row();
        const auto given = seed % 2 == 0 ? asked.dump() : asked.dump(1);
        INFO("seed " << seed << ": " << given << " with " << row.dump());
        const auto made = Template::compile(given);
        REQUIRE(made.has_value());
        const auto text = seed % 3 == 0 ? row.dump(2) : row.dump();
        json::Object object;
        REQUIRE_FALSE(object.parse(text));
        std::string out;
        REQUIRE_FALSE(made->fill(object, out));
        INFO(out);
        REQUIRE(Json::accept(out));
        REQUIRE(Json::parse(out) == filled(asked, row));
    }
}
