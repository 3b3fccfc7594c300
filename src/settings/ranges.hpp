// The allowed ranges of settings, shared by the job file and the library.
#pragma once
#include "settings/number.hpp"

#include <cstdint>
#include <limits>

namespace skein::config::range {

inline constexpr Range in_flight{1, 100'000};
inline constexpr Range endpoint_in_flight{0, 100'000};  // 0: no limit of its own.
inline constexpr Range window{1, 100'000'000};
inline constexpr Range window_bytes{1, 1ull << 50};
inline constexpr Range attempts{1, 100};
inline constexpr Range wire_threads{0, 16};
inline constexpr Range read_bytes{1, 1ull << 30};
inline constexpr Range read_depth{1, 1'000};
inline constexpr Range seed{0, std::numeric_limits<std::uint64_t>::max()};

inline constexpr Range endpoints{1, 100};
inline constexpr Range workers{1, 64};
inline constexpr Range slots{1, 4096};
inline constexpr Range context{0, 100'000'000};
inline constexpr Range worker_memory{0, 1ull << 50};
inline constexpr Range recycle_after{0, 1'000'000'000'000};
inline constexpr Range tier{0, 100};
inline constexpr Range max_requests{0, 1'000'000'000'000'000};
inline constexpr Range max_tokens{0, 1'000'000'000'000'000};
inline constexpr Range answer_tokens{1, 1'000'000'000};

inline constexpr Range same_refusals{0, 1'000'000};
inline constexpr Range max_failures{0, 1'000'000'000'000'000};

inline constexpr double max_per_minute = 1e12;
inline constexpr double min_weight = 0.01;
inline constexpr double max_weight = 100;
inline constexpr double max_money = 1e12;

}  // namespace skein::config::range
