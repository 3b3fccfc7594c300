// The keeper as something that can be run. It comes with the library, so nothing has to be
// installed: it is run from memory or, where that is forbidden, from a file.
#pragma once
#include "local/process/descriptor.hpp"

#include <string>

namespace skein::local {

class KeeperProgram {
public:
    // `folder` is where the file goes, if there has to be one. It must live as long as this.
    explicit KeeperProgram(std::string folder);

    // To be run by this very process.
    const std::string& path() const { return path_; }

    // From now on it is a file. False if it is one already.
    bool move_to_file();

    // Why there is no program at all; an errno.
    int error() const { return error_; }

private:
    std::string folder_;
    std::string path_;
    Descriptor memory_;
    int error_ = 0;
    bool is_file_ = false;
};

}  // namespace skein::local
