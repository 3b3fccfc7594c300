// Every case of the public JSON Schema Test Suite: judged as the suite says, or its schema refused.
//
//     schema_suite [FOLDER]    FOLDER holds draft6/, draft7/ …; else $SKEIN_SCHEMA_SUITE, else
//     where
//                              Debian's package json-schema-test-suite has it
//
// Prints a line for each draft. Exit status: 0 none judged wrongly, 1 some were, 77 no suite is
// here.
#include "schema/schema.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace skein;
using Json = nlohmann::ordered_json;
namespace files = std::filesystem;

// A folder of the suite, the draft that its schemas are meant for, and how many of a thousand cases
// must be judged, so that a validator that refuses everything fails.
struct Draft {
    const char* folder;
    const char* uri;
    std::size_t at_least;
};
constexpr std::array<Draft, 4> drafts{{
    {"draft6", "http://json-schema.org/draft-06/schema#", 750},
    {"draft7", "http://json-schema.org/draft-07/schema#", 750},
    {"draft2019-09", "https://json-schema.org/draft/2019-09/schema", 600},
    {"draft2020-12", "https://json-schema.org/draft/2020-12/schema", 600},
}};

struct Counts {
    std::size_t right = 0;
    std::size_t refused = 0;
    std::size_t wrong = 0;
};

// `false` if the text is none that the parser reads.
bool fits(const schema::Schema& compiled, const std::string& text) {
    std::string storage;
    const auto readable = schema::with_readable_numbers(text, storage);
    json::Element root;
    return !json::parse(readable).get(root) && compiled.check(root, text.size()).fits;
}

void judge(const Json& group, const Draft& draft, const std::string& file, Counts& counts) {
    auto schema = group.at("schema");
    if (schema.is_object() && !schema.contains("$schema")) schema["$schema"] = draft.uri;
    const auto compiled = schema::Schema::compile(schema.dump());
    const bool is_told = std::getenv("SKEIN_SCHEMA_SUITE_TELL") != nullptr;
    if (!compiled && is_told) {
        std::printf("refused %s: %s\n", file.c_str(), compiled.error().text().c_str());
    }
    for (const auto& test : group.at("tests")) {
        if (!compiled) {
            ++counts.refused;
        } else if (fits(*compiled, test.at("data").dump()) == test.at("valid").get<bool>()) {
            ++counts.right;
        } else {
            ++counts.wrong;
            const auto is_valid = test.at("valid").get<bool>();
            std::printf(
                "wrong: %s: %s: %s: is %s\n",
                file.c_str(),
                group.at("description").get<std::string>().c_str(),
                test.at("description").get<std::string>().c_str(),
                is_valid ? "valid" : "not valid"
            );
        }
    }
}

Counts judge_all(const files::path& folder, const Draft& draft) {
    std::vector<files::path> all;
    for (const auto& entry : files::directory_iterator{folder}) {
        if (entry.path().extension() == ".json") all.push_back(entry.path());
    }
    std::ranges::sort(all);
    Counts counts;
    for (const auto& path : all) {
        std::ifstream file{path};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        for (const auto& group : Json::parse(text)) {
            judge(group, draft, path.filename().string(), counts);
        }
    }
    return counts;
}

files::path suite(int argc, char** argv) {
    if (argc > 1) return argv[1];
    if (const char* named = std::getenv("SKEIN_SCHEMA_SUITE")) return named;
    return "/usr/share/json-schema-test-suite/tests";
}

}  // namespace

int main(int argc, char** argv) {
    const auto folder = suite(argc, argv);
    bool is_here = false;
    bool is_well = true;
    for (const auto& draft : drafts) {
        if (!files::is_directory(folder / draft.folder)) continue;
        is_here = true;
        const auto [right, refused, wrong] = judge_all(folder / draft.folder, draft);
        const auto all = right + refused + wrong;
        const bool are_enough = right * 1000 >= all * draft.at_least;
        is_well = is_well && wrong == 0 && are_enough;
        std::printf(
            "%s: %zu cases: %zu right, %zu refused by name, %zu wrong%s\n",
            draft.folder,
            all,
            right,
            refused,
            wrong,
            are_enough ? "" : "; too many refused"
        );
    }
    if (is_here) return is_well ? 0 : 1;
    std::printf("no suite in %s: install json-schema-test-suite\n", folder.c_str());
    return 77;
}
