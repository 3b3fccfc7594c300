#pragma once
#include <sys/types.h>

namespace skein::local {

// Kills everyone in a session and waits until they are gone, for a few seconds at most. Its number
// is that of a process which must not have been buried yet, so that it is nobody else's.
void end_session(pid_t session);

// Waits until a descriptor is readable, as that of a process is when it has ended. False if it
// takes too long.
bool has_news_within_seconds(int descriptor);

}  // namespace skein::local
