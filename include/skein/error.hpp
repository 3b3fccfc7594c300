/// What a caller did wrong, and why a run could not go on. (A request that fails is a `Fault`.)
#pragma once
#include <boost/system/result.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace skein {

/// Something in a job file, a setting or a command line that cannot be.
struct ConfigError {
    std::string where{};  ///< `job.yaml:14:16`, or the name of a setting; may be empty.
    std::string what{};   ///< What was found, what is allowed, what to do.
    /// What else is wrong there, in the order of the file; some twenty at most.
    std::vector<ConfigError> others{};

    /// `where: what`, without the others.
    std::string first() const { return where.empty() ? what : where + ": " + what; }

    /// `where: what`, and each of the others on a line of its own.
    std::string text() const {
        auto all = first();
        for (const auto& other : others) all += "\n" + other.text();
        return all;
    }
};

/// Why a run ended before its last request. What was journaled stays journaled.
struct RunError {
    enum class Kind : std::uint8_t {
        config,   ///< The run could not begin as asked: exit code 2.
        policy,   ///< Stopped by policy: key refused, billing, no endpoint left: exit code 3.
        local,    ///< Disk full, output closed, our own failure: exit code 4.
        stopped,  ///< Somebody asked for it.
    };
    Kind kind = Kind::local;
    std::string what{};
};

/// A value, or the reason why there is none. An alias of `boost::system::result`.
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
