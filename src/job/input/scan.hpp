#pragma once
#include "job/file/fingerprint.hpp"
#include "job/file/interrupt.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace skein::job {

// Facts about an input file, collected before anything is sent.
struct Scan {
    std::uint64_t rows = 0;
    Fingerprint fingerprint{};
    Input::Format format = Input::Format::automatic;
    std::vector<std::string> fields{};  // Fields that every row has (CSV, text).
    std::string what{};                 // Description for a person: `csv, cut at ';', gzip`.
    std::uint64_t blank_lines = 0;      // Blank lines that are left out.
    std::uint64_t unreadable = 0;       // Rows of JSON that are not UTF-8; only these fail.
    std::string first_unreadable{};     // Position of the first of them and a probable cause.
};

// Reads a regular file from end to end. Two rows with the same id are an error, because their
// replies could not be told apart. A row that cannot be used is no error. Invalid bytes in CSV or
// text are an error, because it is unknown how much of the file they damage. Memory: 8 bytes for
// each row.
Expected<Scan, RunError> scan(const Input& input, const Interrupt* interrupt = nullptr);

}  // namespace skein::job
