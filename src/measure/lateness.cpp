#include "measure/lateness.hpp"

#include <algorithm>

namespace skein {
namespace {

constexpr std::uint64_t enough = 20;
constexpr Duration min = std::chrono::seconds{1};

}  // namespace

void Lateness::began(Duration first_byte) {
    first_bytes_.add(first_byte);
    if (first_bytes_.count() % enough == 0) {
        late_after_ = std::max(first_bytes_.quantile(0.95), min);
    }
}

}  // namespace skein
