// What tests of job files need: a variable that is set for a while, a folder that goes away, and
// the shortest job there is.
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

// An environment variable with this value, or without one; as it was before, afterwards.
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

// An empty folder of its own.
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

// Eleven lines; more of a job can follow.
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

// The same with something else in place of one of its lines.
inline std::string least_job_with(const std::string& line, const std::string& other) {
    auto text = least_job;
    text.replace(text.find(line), line.size(), other);
    return text;
}

// What is complained of, as it is shown; empty if nothing is.
inline std::string complaint_about(
    const std::string& text, const std::vector<Override>& overrides = {}
) {
    const auto job = parse_job(text, "job.yaml", overrides);
    return job ? std::string{} : job.error().text();
}

}  // namespace skein::test
