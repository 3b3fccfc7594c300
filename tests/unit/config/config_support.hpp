// Helpers for tests of job files: a scoped environment variable, a temporary folder, and the
// shortest valid job.
#pragma once
#include <skein/job.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace skein::test {

// Sets or unsets an environment variable, and restores it in the destructor.
class Variable {
public:
    Variable(std::string name, std::optional<std::string> value) : name_{std::move(name)} {
        if (const char* old = std::getenv(name_.c_str())) old_ = old;
        set(value);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { set(old_); }

private:
    void set(const std::optional<std::string>& value) {
        if (value) {
            ::setenv(name_.c_str(), value->c_str(), 1);
        } else {
            ::unsetenv(name_.c_str());
        }
    }

    std::string name_;
    std::optional<std::string> old_{};
};

// A temporary, empty folder.
class Folder {
public:
    Folder() {
        static std::atomic<int> count{0};
        path_ = std::filesystem::temp_directory_path() /
                ("skein-config-" + std::to_string(::getpid()) + '-' + std::to_string(++count));
        std::filesystem::create_directories(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream{path(name), std::ios::binary} << text;
        return path(name);
    }

private:
    std::filesystem::path path_;
};

// The shortest valid job: eleven lines. More lines can be appended.
inline const std::string least_job =
    "version: 1\n"
    "endpoints:\n"
    "  - name: main\n"
    "    base_url: https://llm.example.com/v1\n"
    "input:\n"
    "  file: prompts.jsonl\n"
    "output:\n"
    "  file: replies.jsonl\n"
    "request:\n"
    "  messages:\n"
    "    - {role: user, content: '{{ question }}'}\n";

// The shortest job with one of its lines replaced.
inline std::string least_job_with(const std::string& line, const std::string& other) {
    auto text = least_job;
    text.replace(text.find(line), line.size(), other);
    return text;
}

// The errors of a job as shown to the user; empty if the job is valid.
inline std::string complaint_about(
    const std::string& text, const std::vector<Override>& overrides = {}
) {
    const auto job = parse_job(text, "job.yaml", overrides);
    return job ? std::string{} : job.error().text();
}

}  // namespace skein::test
