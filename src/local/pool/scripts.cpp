#include "local/pool/scripts.hpp"

#include <fstream>

__asm__(
    ".pushsection .rodata\n"
    ".global skein_transformers_begin, skein_transformers_end\n"
    ".hidden skein_transformers_begin, skein_transformers_end\n"
    "skein_transformers_begin:\n"
    ".incbin \"" SKEIN_TRANSFORMERS_FILE
    "\"\n"
    "skein_transformers_end:\n"
    ".popsection\n"
);

extern "C" const char skein_transformers_begin[];
extern "C" const char skein_transformers_end[];

namespace skein::local {

std::string_view transformers_server() {
    return {skein_transformers_begin, skein_transformers_end};
}

bool write_script(const std::string& path, std::string_view text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    return !file.fail();
}

}  // namespace skein::local
