#pragma once
#include <string>
#include <vector>

namespace skein::local {

// The texts as `execve` takes them, with a null pointer at the end. They must outlive the pointers.
inline std::vector<char*> as_c(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace skein::local
