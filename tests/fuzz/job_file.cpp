// Any text as a job file: a job that can be run, or a complaint that points into the text.
#include "base/assert.hpp"
#include "settings/check/check_settings.hpp"
#include "settings/number.hpp"

#include <skein/job.hpp>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace skein;

bool can_be_shown(std::string_view text) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t';
    };
    return simdjson::validate_utf8(text.data(), text.size()) &&
           std::ranges::none_of(text, is_control);
}

// `job.yaml:14:16`, and there is such a line in the text, and such a column in it.
void check_place(std::string_view where, std::string_view text) {
    constexpr std::string_view name = "job.yaml:";
    SKEIN_ASSERT(where.starts_with(name));
    where.remove_prefix(name.size());
    const auto colon = std::min(where.find(':'), where.size() - 1);
    const auto line = config::parse_whole(where.substr(0, colon));
    const auto column = config::parse_whole(where.substr(colon + 1));
    SKEIN_ASSERT(line && column && *line >= 1 && *column >= 1);
    for (auto above = *line - 1; above > 0; --above) {
        const auto end = text.find('\n');
        SKEIN_ASSERT(end != text.npos);
        text.remove_prefix(end + 1);
    }
    SKEIN_ASSERT(*column <= text.substr(0, text.find('\n')).size() + 1);
}

void check(const Job& job) {
    SKEIN_ASSERT(!check_settings(job.settings));
    SKEIN_ASSERT(!job.input.file.empty() && !job.output.file.empty());
    SKEIN_ASSERT(
        job.window >= 1 && job.grace >= Duration::zero() && job.timeout >= Duration::zero()
    );
    const auto request = nlohmann::json::parse(job.request, nullptr, false);
    SKEIN_ASSERT(job.request.empty() || request.is_object());
}

}  // namespace

// Nothing of the machine's own comes into it.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
    ::clearenv();
    ::setenv("NAME", "a value", 1);
    ::setenv("KEY", "a-key", 1);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(bytes), size};
    const auto job = parse_job(text, "job.yaml");
    if (job) {
        check(*job);
        return 0;
    }
    SKEIN_ASSERT(!job.error().what.empty() && can_be_shown(job.error().what));
    check_place(job.error().where, text);
    return 0;
}
