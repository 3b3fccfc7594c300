// Invalid job files, each with the expected place and message.
#pragma once
#include "support/catch.hpp"
#include "unit/config/config_support.hpp"

#include <string>
#include <vector>

namespace skein::test {

struct Slip {
    std::string text;
    std::string complaint;
};

inline void check_all(const std::vector<Slip>& slips) {
    for (const auto& [text, complaint] : slips) {
        CAPTURE(text);
        CHECK(complaint_about(text) == "job.yaml:" + complaint);
    }
}

inline Slip appended(const std::string& lines, const std::string& complaint) {
    return {least_job + lines, complaint};
}

// Replaces one line of the shortest job.
inline Slip changed(
    const std::string& line, const std::string& other, const std::string& complaint
) {
    return {least_job_with(line, other), complaint};
}

inline Slip in_endpoint(const std::string& line, const std::string& complaint) {
    return changed("input:\n", "    " + line + "\ninput:\n", complaint);
}

}  // namespace skein::test
