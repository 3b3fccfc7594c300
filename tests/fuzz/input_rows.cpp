// Lines, CSV records and JSON objects out of bytes: cut anywhere they are the same, and they are
// what was written.
//
//     first line: which of them, the longest row, the lengths of the pieces; then the bytes
#include "given.hpp"
#include "job/csv_cutter.hpp"
#include "job/line_cutter.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <cstring>
#include <string>

namespace {

using namespace skein;
using namespace skein::job;

struct Row {
    std::uint64_t number = 0;
    std::string text{};
    std::string problem{};

    bool operator==(const Row&) const = default;
};
using Rows = std::vector<Row>;

Row row_of(const LineCutter::Line& line) {
    return {line.number, std::string{line.text}, line.too_long ? "long" : ""};
}
Row row_of(CsvCutter::Record&& record) {
    return {record.number, std::string{record.object}, std::move(record.problem)};
}

// Everything the cutter has to say, if it is fed by `feed`, which is handed a function to put
// bytes.
template <class Cutter, class Feed>
Rows rows_of(Cutter& cutter, Feed&& feed) {
    Rows rows;
    const auto drain = [&] {
        while (auto row = cutter.next()) rows.push_back(row_of(std::move(*row)));
    };
    feed([&](std::string_view bytes) {
        while (!bytes.empty()) {
            const auto room = cutter.room();
            const auto count = std::min(room.size(), bytes.size());
            std::memcpy(room.data(), bytes.data(), count);
            cutter.filled(count);
            bytes.remove_prefix(count);
            drain();
        }
        return true;
    });
    cutter.end();
    drain();
    return rows;
}

void check_lines(const fuzz::Given& given, std::size_t longest) {
    Rows plain;
    for (auto rest = given.text(); !rest.empty();) {
        const auto text = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(text.size() + 1, rest.size()));
        const bool fits = text.size() <= longest;
        plain.push_back({plain.size() + 1, std::string{fits ? text : ""}, fits ? "" : "long"});
    }
    LineCutter cutter{longest, 3};
    SKEIN_ASSERT(rows_of(cutter, [&](auto&& put) { given.cut(put); }) == plain);
}

void check_records(const fuzz::Given& given, std::size_t longest) {
    CsvCutter in_one{longest}, in_pieces{longest, 3};
    const auto whole = rows_of(in_one, [&](auto&& put) { put(given.text()); });
    const auto pieces = rows_of(in_pieces, [&](auto&& put) { given.cut(put); });
    SKEIN_ASSERT(in_pieces.names_problem() == in_one.names_problem());
    if (!in_one.names_problem().empty()) return;  // Nobody goes on to the rows.
    SKEIN_ASSERT(pieces == whole && in_pieces.names() == in_one.names());
    for (const auto& row : whole) {
        if (!row.problem.empty()) continue;
        const auto object = nlohmann::json::parse(row.text, nullptr, false);
        SKEIN_ASSERT(object.is_object() && object.size() <= in_one.names().size());
        for (const auto& value : object) SKEIN_ASSERT(value.is_string());
    }
}

// Two columns, written with every quote doubled, come back byte for byte.
void check_written_records(const fuzz::Given& given) {
    std::string csv = "a,b\r\n";
    std::vector<std::pair<std::string, std::string>> fields;
    const auto quoted = [&](const std::string& text) {
        csv += '"';
        for (const char c : text) csv.append(c == '"' ? 2 : 1, c);
        csv += '"';
    };
    given.cut([&](std::string_view piece) {
        if (!simdjson::validate_utf8(piece.data(), piece.size())) return true;
        const auto half = piece.find('|');
        fields.emplace_back(piece.substr(0, half), half == piece.npos ? "" : piece.substr(half));
        quoted(fields.back().first);
        csv += ',';
        quoted(fields.back().second);
        csv += "\r\n";
        return true;
    });
    CsvCutter cutter{1 << 20, 7};
    const auto rows = rows_of(cutter, [&](auto&& put) { put(std::string_view{csv}); });
    SKEIN_ASSERT(rows.size() == fields.size());
    for (const auto& row : rows) {
        const auto& [a, b] = fields[row.number - 1];
        const auto object = nlohmann::json::parse(row.text, nullptr, false);
        SKEIN_ASSERT(row.problem.empty() && object == nlohmann::json({{"a", a}, {"b", b}}));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Given given{bytes, size};
    const auto what = given.choice(3);
    const auto longest = given.one_of<std::size_t>({1 << 20, 1, 4, 20});
    if (what == 0) check_lines(given, longest);
    if (what == 1) check_records(given, longest);
    if (what == 2) check_written_records(given);
    return 0;
}
