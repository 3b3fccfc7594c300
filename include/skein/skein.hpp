/// Includes every public header of skein.
#pragma once
#include <skein/client.hpp>
#include <skein/error.hpp>
#include <skein/fault.hpp>
#include <skein/job.hpp>
#include <skein/local.hpp>
#include <skein/log.hpp>
#include <skein/model.hpp>
#include <skein/replies.hpp>
#include <skein/request.hpp>
#include <skein/run.hpp>
#include <skein/secret.hpp>
#include <skein/settings.hpp>
#include <skein/tally.hpp>
#include <skein/time.hpp>
#include <skein/version.hpp>
