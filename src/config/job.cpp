// `load_job` and `parse_job`: from YAML text to a checked Job, in five steps: parse, apply the
// environment and the overrides, expand variables, read the keys, check the whole.
// Invariant: a Job that is returned has passed all checks of the library's settings.
// Runs on the thread of the caller; reads the environment, key files and the job file.
#include "config/endpoint_prices.hpp"
#include "config/expand.hpp"
#include "config/keys.hpp"
#include "config/mistakes.hpp"
#include "config/overrides.hpp"
#include "config/values.hpp"
#include "config/whole.hpp"
#include "config/yaml_text.hpp"
#include "json/text.hpp"
#include "settings/check/check_output.hpp"
#include "settings/check/check_settings.hpp"

#include <skein/job.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace skein {
namespace config {
namespace {

ConfigError missing(const Node& root, const std::string& key, const std::string& advice) {
    return complain(root.at, key + " is missing; " + advice);
}

Complaint check_version(const Node& root) {
    const auto* version = root.find("version");
    if (!version) return missing(root, "version", "a job file begins with `version: 1`");
    if (whole_of(*version, {1, 1})) return std::nullopt;
    return must_be(*version, "1, the only version there is");
}

// Whether an error for a key of this mapping already suggests `key`. Then `key` is misspelt, and
// must not be reported as missing, too.
bool is_misspelt(const Node& map, const std::string& key, const Mistakes& mistakes) {
    return std::ranges::any_of(map.children, [&](const Node& member) {
        const auto where = member.key_at.text();
        return std::ranges::any_of(mistakes, [&](const ConfigError& mistake) {
            return mistake.where == where && mistake.what.find(key) != std::string::npos;
        });
    });
}

// Checks that `input.file` or `output.file` is there. A value that is there and invalid already has
// its error.
void check_file_key(
    const Node& root, const std::string& section, const std::string& advice, Mistakes& mistakes
) {
    const auto* at = root.find(section);
    if (!at && is_misspelt(root, section, mistakes)) return;
    const bool is_map = at && at->is_map();
    if (at && !at->is_null() && !is_map) return;
    if (is_map && (at->find("file") || is_misspelt(*at, "file", mistakes))) return;
    mistakes.push_back(missing(at ? *at : root, section + ".file", advice));
}

// Reports required keys that are missing.
void check_required(const Node& root, const Job& job, Mistakes& mistakes) {
    const auto* local = root.find("local");
    const bool has_local = job.settings.local || (local && !local->is_null());
    if (!root.find("endpoints") && !has_local && !is_misspelt(root, "endpoints", mistakes)) {
        mistakes.push_back(missing(root, "endpoints", "say whom to ask (or give a local pool)"));
    }
    check_file_key(root, "input", "say what to ask: a file, or - for stdin", mistakes);
    check_file_key(root, "output", "say where replies go: a file, or - for stdout", mistakes);
}

bool holds_requests(Input::Format format) {
    using Format = Input::Format;
    return format == Format::openai_batch || format == Format::anthropic_batch ||
           format == Format::gemini_batch || format == Format::mistral_batch;
}

// A row is either a whole request (a line of a batch file), or fills the placeholders of
// `request:`. Of a Gemini row the job still says whether its answer is streamed.
Complaint check_request(const Node& root, const Job& job) {
    using Format = Input::Format;
    const auto* request = root.find("request");
    const bool is_of_gemini = job.input.format == Format::gemini_batch;
    if (request && is_of_gemini && request->children.size() == 1 && request->find("stream")) {
        return std::nullopt;
    }
    if (request && holds_requests(job.input.format)) {
        const auto* input = root.find("input");
        const auto* format = input ? input->find("format") : nullptr;
        return complain(
            request->key_at,
            "the rows of " + (format ? format->text : std::string{"a batch file"}) +
                " are whole requests; leave request out, or use another format" +
                (is_of_gemini ? " (only {stream: true} may stand here)" : "")
        );
    }
    if (request || holds_requests(job.input.format) || job.input.format == Format::automatic) {
        return std::nullopt;
    }
    return missing(root, "request", "say what to ask of each row, with {{ field }} where it goes");
}

bool are_same_file(const std::string& a, const std::string& b) {
    std::error_code error;
    // Finds links too. It needs both files to exist, and an output usually does not.
    if (std::filesystem::equivalent(a, b, error)) return true;
    const auto one = std::filesystem::weakly_canonical(a, error);
    const auto other = std::filesystem::weakly_canonical(b, error);
    return !one.empty() && one == other;
}

Complaint check_files(const Node& root, const Job& job) {
    if (job.input.file == "-" || job.output.file == "-") return std::nullopt;
    if (!are_same_file(job.input.file, job.output.file)) return std::nullopt;
    return complain(
        root.find("output")->find("file")->at,
        "output.file is the input file; the replies would destroy the questions"
    );
}

// Default of `limits.same_refusals` for jobs: if the first rows all get the same refusal, the whole
// job is wrong. The library has no such default, because its caller sees each reply.
constexpr std::size_t job_same_refusals = 20;

// Environment first, then overrides, which win; then `${NAME}`, in overridden values, too.
Mistakes prepare(Node& root, const std::vector<Override>& overrides, Job& job) {
    if (auto complaint = apply_environment(root, job.warnings)) return {*std::move(complaint)};
    for (const auto& override : overrides) {
        if (auto complaint = apply_override(root, override)) return {*std::move(complaint)};
    }
    if (auto complaint = check_version(root)) return {*std::move(complaint)};
    return expand_job(root);
}

// The formats of makers hold native bodies, unless the job file says something else, which is
// refused.
void choose_body(const Node& root, Job& job) {
    const auto* output = root.find("output");
    const bool is_said = output && output->find("body");
    if (!is_said && is_native_format(job.output.format)) job.settings.native_body = true;
}

// Checks that need the whole job. A value that already has an error gets no second one.
void check_whole_job(const Node& root, const Draft& draft, Mistakes& mistakes) {
    const auto& job = draft.job;
    check_required(root, job, mistakes);
    add(mistakes, check_request(root, job));
    add(mistakes, check_files(root, job));
    add_placed(root, draft, all_wrong_output(job), mistakes);
    // `check_required` has reported this, or their own errors have.
    if (job.settings.endpoints.empty() && !job.settings.local) return;
    add_placed(root, draft, all_wrong_settings(job.settings), mistakes);
}

Expected<Job, ConfigError> read_job(
    const std::string& text,
    const std::string& name,
    const std::filesystem::path& folder,
    const std::vector<Override>& overrides
) {
    auto root = read_yaml(text, name);
    if (!root) return root.error();
    Draft draft{.folder = folder};
    auto& job = draft.job;
    job.file = name;
    // Before the keys are read, so that the job file wins.
    job.settings.same_refusals = job_same_refusals;
    if (auto wrong = prepare(*root, overrides, job); !wrong.empty()) {
        return all_in_one(std::move(wrong), name);
    }
    add(draft.mistakes, read_section(*root, sections().front(), draft));
    give_proxy_to_all(*root, draft);
    give_prices(*root, draft);
    job.input.file = draft.joined(job.input.file);
    job.output.file = draft.joined(job.output.file);
    choose_body(*root, job);
    // A copy: `check_whole_job` adds to it, and compares with the errors of single values.
    auto mistakes = draft.mistakes;
    check_whole_job(*root, draft, mistakes);
    if (!mistakes.empty()) return all_in_one(std::move(mistakes), name);
    warn_of_free_endpoints(job);
    return std::move(job);
}

// Reads at most one byte more than a job file may have, so that a larger file is detected without
// reading it all.
Expected<Job, ConfigError> read_file(
    const std::string& path, const std::vector<Override>& overrides
) {
    const ConfigError unreadable{json::printable(path, 200), "cannot be read: "};
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return ConfigError{unreadable.where, unreadable.what + "it is a folder"};
    }
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    if (!file) return ConfigError{unreadable.where, unreadable.what + std::strerror(errno)};
    std::string text(max_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return ConfigError{unreadable.where, unreadable.what + std::strerror(errno)};
    text.resize(static_cast<std::size_t>(file.gcount()));
    return read_job(text, path, std::filesystem::path{path}.parent_path(), overrides);
}

}  // namespace
}  // namespace config

Expected<Job, ConfigError> load_job(
    const std::string& path, const std::vector<Override>& overrides
) {
    return config::read_file(path, overrides);
}

Expected<Job, ConfigError> parse_job(
    const std::string& text, const std::string& name, const std::vector<Override>& overrides
) {
    return config::read_job(text, name, {}, overrides);
}

}  // namespace skein
