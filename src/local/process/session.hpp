#pragma once
#include <sys/types.h>

namespace skein::local {

// Kills every process of a session and waits until they are gone, at most 5 s for each process. The
// session leader must not have been reaped yet, so that its pid cannot have been reused.
void end_session(pid_t session);

// Waits until a descriptor is readable (a pidfd is when its process has ended). False after 5 s.
bool has_news_within_seconds(int descriptor);

}  // namespace skein::local
