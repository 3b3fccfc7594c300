#pragma once
#include "job/file/fingerprint.hpp"
#include "job/file/interrupt.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace skein::job {

// What is known of an input file before anything is sent.
struct Scan {
    std::uint64_t rows = 0;
    Fingerprint fingerprint{};
    Input::Format format = Input::Format::automatic;
    std::vector<std::string> fields{};  // Those that every row has (CSV, text).
    std::string what{};                 // For people: `csv, cut at ';', gzip`.
    std::uint64_t blank_lines = 0;      // That are left out.
    std::uint64_t unreadable = 0;       // Rows of JSON that are not UTF-8: they fail alone.
    std::string first_unreadable{};     // Where the first of them is, and what it may be.
};

// Reads a regular file from end to end. Two rows of one name are an error, for one could not tell
// their replies apart; rows that cannot be used are none. Bytes of CSV or text that are no text are
// an error, too: nobody knows what else they spoil. Costs 8 bytes a row.
Expected<Scan, RunError> scan(const Input& input, const Interrupt* interrupt = nullptr);

}  // namespace skein::job
