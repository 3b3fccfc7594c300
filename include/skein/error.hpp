/// Errors of the caller's settings, and errors that end a run. (A failed request is a `Fault`.)
#pragma once
#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace skein {

/// An invalid value in a job file, a setting or a command line.
struct ConfigError {
    std::string where{};  ///< `job.yaml:14:16`, or the name of a setting; may be empty.
    std::string what{};   ///< What was found, what is allowed, what to do.
    /// Further errors of the same file, in the order of the file; about twenty at most.
    std::vector<ConfigError> others{};

    /// `where: what`, without the others.
    std::string first() const { return where.empty() ? what : where + ": " + what; }

    /// `where: what`, followed by the other errors, one per line.
    std::string text() const {
        auto all = first();
        for (const auto& other : others) all += "\n" + other.text();
        return all;
    }
};

/// Why a run ended before its last request. Replies in the journal stay there.
struct RunError {
    enum class Kind : std::uint8_t {
        config,   ///< The run could not begin: invalid job, input or output. Exit code 2.
        policy,   ///< Stopped by policy: key refused, billing, no endpoint left. Exit code 3.
        local,    ///< Disk full, output closed, or an error in skein itself. Exit code 4.
        stopped,  ///< `stop` or `cancel` was called.
    };
    Kind kind = Kind::local;
    std::string what{};
};

/// A value, or the error in its place. An alias of `boost::system::result`: `value()` on an error
/// throws the exception below.
template <class T, class E>
using Expected = boost::system::result<T, E>;

[[noreturn]] inline void
throw_exception_from_error(const ConfigError& error, const boost::source_location&) {
    throw std::invalid_argument{error.text()};
}

[[noreturn]] inline void
throw_exception_from_error(const RunError& error, const boost::source_location&) {
    throw std::runtime_error{error.what};
}

}  // namespace skein
