// The keeper (a shim in the sense of containerd: the process between skein and an engine) as an
// executable. It is embedded in the library, so that nothing has to be installed. It runs from an
// anonymous memory file (memfd) or, if that is forbidden, from a file.
#pragma once
#include "local/process/descriptor.hpp"

#include <string>

namespace skein::local {

class KeeperProgram {
public:
    // `folder`: the folder of the file, if one is needed. It must exist as long as this object.
    explicit KeeperProgram(std::string folder);

    // The path to execute; valid in this process only.
    const std::string& path() const { return path_; }

    // Writes the program to a file and uses it from now on. False if that failed or was done
    // before.
    bool move_to_file();

    // The errno if there is no usable program; 0 otherwise.
    int error() const { return error_; }

private:
    std::string folder_;
    std::string path_;
    Descriptor memory_;
    int error_ = 0;
    bool is_file_ = false;
};

}  // namespace skein::local
