#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace skein::input {

// What stands before the names of a CSV file, and what its columns are cut at.
struct CsvBegin {
    char delimiter = ',';
    std::size_t skipped = 0;  // Bytes of a `sep=;` line.
};

// Decides it from the beginning of a file:
//
//  1. `given`, if it is not 0, is the delimiter;
//  2. else a first line `sep=;`, as spreadsheets write it, names it;
//  3. else it is that of comma, semicolon, tab and pipe which stands most often in the header line,
//     outside of quotes; of two that stand as often, the one named first here. A header has no
//     decimal commas and no sentences, as rows do.
//
// Nothing: the header line is not whole yet, and more of it must come. `ended`: no more will.
std::optional<CsvBegin> csv_begin(std::string_view begun, char given, bool ended);

}  // namespace skein::input
