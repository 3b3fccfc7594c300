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

// Opens the input of a job. `-` is standard input; any other name must be a regular file.
Expected<File, RunError> open_input(const Input& input);

// The raw bytes of an open file. One thread.
class InputFile {
public:
    // The interrupt may be null; it must outlive this object.
    InputFile(File file, std::string name, const Interrupt* interrupt);

    // Sets a call to be made before each read, because a read of a pipe may block.
    void before_reading(std::function<void()> call) { before_reading_ = std::move(call); }

    // Reads the available bytes, at least one; 0 at the end of the file.
    Expected<std::size_t, RunError> read(std::span<char> room);

    // True for a regular file, which can be read completely before anything is sent.
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
