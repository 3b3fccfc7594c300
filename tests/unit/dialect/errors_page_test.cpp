// docs/errors.md tells how the errors of each maker are read; here each line of it is read so.
#include "dialect/dialects.hpp"
#include "model/fault_table.hpp"
#include "unit/dialect/read_answer.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

using namespace skein;
using namespace skein::test;

namespace {

std::string trimmed_cell(std::string text) {
    text.erase(0, text.find_first_not_of(" `"));
    text.erase(text.find_last_not_of(" `") + 1);
    return text;
}

// The cells of the lines of tables that begin with the name of an API.
std::vector<std::vector<std::string>> rows_of_page() {
    std::ifstream page{std::string{SKEIN_SOURCE_FOLDER} + "/docs/errors.md"};
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(page, line);) {
        std::vector<std::string> cells;
        std::istringstream parts{line};
        for (std::string cell; std::getline(parts, cell, '|');) cells.push_back(trimmed_cell(cell));
        if (cells.size() == 5 && cells[2].find_first_not_of("0123456789") == cells[2].npos)
            rows.push_back(std::move(cells));
    }
    return rows;
}

}  // namespace

TEST_CASE("The page about errors tells how the errors of each maker are read.", "[dialect]") {
    std::set<std::string> apis;
    for (const auto& row : rows_of_page()) {
        INFO(row[1] << ' ' << row[2] << ' ' << row[3]);
        const auto all = dialects();
        const auto at =
            std::ranges::find(all, row[1], [](const Dialect* one) { return one->name; });
        REQUIRE(at != all.end());
        apis.insert(row[1]);
        const Endpoint endpoint{.api = (*at)->api};
        const auto request = asked();
        const ReadLimits limits{};
        AnswerReader reader{request, endpoint, limits};
        reader.head(std::stoi(row[2]), headers_of({}));
        reader.body(row[3], noon);
        CHECK(row_of(fault_of(reader.finish(wall)).kind).name == row[4]);
    }
    CHECK(apis.size() == dialects().size());
}
