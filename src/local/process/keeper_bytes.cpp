// Embeds the shim, a small program (see shim/), into this library.
#include "local/process/keeper_bytes.hpp"

__asm__(
    ".pushsection .rodata\n"
    ".global skein_keeper_begin, skein_keeper_end\n"
    ".hidden skein_keeper_begin, skein_keeper_end\n"
    "skein_keeper_begin:\n"
    ".incbin \"" SKEIN_KEEPER_FILE
    "\"\n"
    "skein_keeper_end:\n"
    ".popsection\n"
);

extern "C" const char skein_keeper_begin[];
extern "C" const char skein_keeper_end[];

namespace skein::local {

std::string_view keeper_bytes() { return {skein_keeper_begin, skein_keeper_end}; }

}  // namespace skein::local
