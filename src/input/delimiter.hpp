#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace skein::input {

// The delimiter of a CSV file, and a `sep=` line before its header.
struct CsvBegin {
    char delimiter = ',';
    std::size_t skipped = 0;  // Bytes of a `sep=;` line.
};

// Detects the delimiter in the beginning of a file:
//
//  1. `given`, if it is not 0;
//  2. else the delimiter named by a first line `sep=;`, as spreadsheets write it;
//  3. else the most frequent of comma, semicolon, tab and pipe in the header line, outside of
//     quotes; in a tie the first of this list. Only the header is counted, because rows contain
//     decimal commas and sentences.
//
// Empty if the header line is not complete yet. `ended`: no more bytes will come.
std::optional<CsvBegin> csv_begin(std::string_view begun, char given, bool ended);

}  // namespace skein::input
