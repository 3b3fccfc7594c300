#pragma once
#include "job/fingerprint.hpp"
#include "job/interrupt.hpp"

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
};

// Reads a regular file from end to end. Two rows with one `custom_id` are an error, for one could
// not tell their replies apart; rows that cannot be used are none. Costs 8 bytes a row.
Expected<Scan, RunError> scan(const Input& input, const Interrupt* interrupt = nullptr);

}  // namespace skein::job
