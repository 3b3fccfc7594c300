/// The version of these headers. The build takes its own version from here.
#pragma once

#define SKEIN_VERSION_MAJOR 0
#define SKEIN_VERSION_MINOR 1
#define SKEIN_VERSION_PATCH 0
#define SKEIN_VERSION "0.1.0"
