#pragma once
#include "job/file/disk.hpp"
#include "job/file/interrupt.hpp"

#include <skein/error.hpp>
#include <skein/job.hpp>

#include <functional>
#include <span>
#include <string>
#include <utility>

namespace skein::job {

// Opens what a job reads. `-` is standard input; anything else must be a regular file.
Expected<File, RunError> open_input(const Input& input);

// The bytes of an open file, as they lie there.
class InputFile {
public:
    // The interrupt, if there is one, must outlive it.
    InputFile(File file, std::string name, const Interrupt* interrupt);

    // Called before every read, which may wait for whoever writes the file.
    void before_reading(std::function<void()> call) { before_reading_ = std::move(call); }

    // As many as there are, at least one; 0 at the end.
    Expected<std::size_t, RunError> read(std::span<char> room);

    // Can it be read from end to end before anything is sent?
    bool is_regular() const { return is_regular_; }

    const std::string& name() const { return name_; }

private:
    RunError interrupted() const;

    File file_;
    std::string name_;
    const Interrupt* interrupt_;
    std::function<void()> before_reading_;
    bool is_regular_ = false;
};

}  // namespace skein::job
