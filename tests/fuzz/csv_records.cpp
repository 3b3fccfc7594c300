// CSV records out of bytes, cut anywhere: those that libcsv finds in one piece, and those that were
// written.
//
//     first line: found or written?, the longest record, the delimiter, the lengths of the pieces;
//     then the bytes
#include "given.hpp"
#include "input/delimiter.hpp"
#include "json/text.hpp"
#include "rows.hpp"

#include <csv.h>
#include <nlohmann/json.hpp>

namespace {

using namespace skein;
using fuzz::rows_of, job::CsvCutter;

// By libcsv alone, all bytes at once: the names, and then the records.
std::vector<std::vector<std::string>> plain_records(std::string_view text, char delimiter) {
    struct Reading {
        std::vector<std::vector<std::string>> records{};
        std::vector<std::string> fields{};
    } reading;
    const auto field = [](void* bytes, std::size_t size, void* into) {
        static_cast<Reading*>(into)->fields.emplace_back(static_cast<const char*>(bytes), size);
    };
    const auto record = [](int, void* into) {
        auto& [records, fields] = *static_cast<Reading*>(into);
        records.push_back(std::exchange(fields, {}));
    };
    csv_parser parser{};
    csv_init(&parser, 0);
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    csv_set_space_func(&parser, [](unsigned char) { return 0; });
    csv_parse(&parser, text.data(), text.size(), field, record, &reading);
    csv_fini(&parser, field, record, &reading);
    csv_free(&parser);
    return reading.records;
}

// Without the spaces around it.
std::string name_of(std::string_view field) {
    const auto begin = std::min(field.find_first_not_of(" \t"), field.size());
    return std::string{field.substr(begin, field.find_last_not_of(" \t") + 1 - begin)};
}

void check_records(const fuzz::Given& given, std::size_t max_length, char delimiter) {
    CsvCutter in_one{max_length, {.delimiter = delimiter}};
    CsvCutter in_pieces{max_length, {.block = 3, .delimiter = delimiter}};
    const auto whole = rows_of(in_one, [&](auto&& put) { put(given.text()); });
    const auto pieces = rows_of(in_pieces, [&](auto&& put) { given.cut(put); });
    SKEIN_ASSERT(
        fuzz::without_shown(in_pieces.names_problem()) ==
        fuzz::without_shown(in_one.names_problem())
    );
    if (!in_one.names_problem().empty()) return;  // Nobody goes on to the rows.
    SKEIN_ASSERT(pieces == whole && in_pieces.names() == in_one.names());
    SKEIN_ASSERT(in_pieces.blank_lines() == in_one.blank_lines());

    const auto begin = input::csv_begin(given.text(), delimiter, true).value();
    const auto plain = plain_records(given.text().substr(begin.skipped), begin.delimiter);
    SKEIN_ASSERT(plain.empty() ? whole.empty() : plain.size() == whole.size() + 1);
    if (plain.empty()) return;
    std::vector<std::string> names;
    for (const auto& field : plain.front()) names.push_back(name_of(field));
    for (const auto& row : whole) {
        if (!row.problem.empty()) continue;
        auto expected = nlohmann::json::object();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!names[i].empty()) expected[names[i]] = plain[row.number].at(i);
        }
        SKEIN_ASSERT(nlohmann::json::parse(row.text, nullptr, false) == expected);
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
        if (input::first_bad_byte(piece, input::Lines::records)) return true;
        const auto half = piece.find('|');
        fields.emplace_back(piece.substr(0, half), half == piece.npos ? "" : piece.substr(half));
        quoted(fields.back().first);
        csv += ',';
        quoted(fields.back().second);
        csv += "\r\n";
        return true;
    });
    CsvCutter cutter{1 << 20, {.block = 7}};
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
    const bool is_written = given.choice(2) == 1;
    const auto max_length = given.one_of<std::size_t>({1 << 20, 1, 4, 20});
    const auto delimiter = given.one_of<char>({'\0', ',', ';', '\t', '|', ' ', '~'});
    is_written ? check_written_records(given) : check_records(given, max_length, delimiter);
    return 0;
}
