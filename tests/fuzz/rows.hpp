// All that a cutter of lines or records has to say, to be compared.
#pragma once
#include "input/array_cutter.hpp"
#include "job/file/line_cutter.hpp"
#include "job/input/csv_cutter.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skein::fuzz {

struct Row {
    std::uint64_t number = 0;
    std::string text{};
    std::string problem{};

    bool operator==(const Row&) const = default;
};
using Rows = std::vector<Row>;

inline Row row_of(const job::LineCutter::Line& line) {
    return {line.number, std::string{line.text}, line.too_long ? "long" : ""};
}
inline Row row_of(const input::ArrayCutter::Value& value) {
    return {value.number, std::string{value.text}, value.too_long ? "long" : ""};
}

// Without the part of the line that is shown: how much of it is at hand depends on the pieces.
inline std::string without_shown(std::string problem) {
    return problem.substr(0, problem.find(" is not UTF-8"));
}
inline Row row_of(job::CsvCutter::Record&& record) {
    return {record.number, std::string{record.object}, without_shown(std::move(record.problem))};
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

}  // namespace skein::fuzz
