#pragma once
#include <algorithm>
#include <cstddef>

namespace skein {

// The share of yes among yes/no observations, as an exponentially weighted moving average (EWMA):
// a new observation has the weight `weight`, older ones fade. With few observations the share is
// near one half (Laplace's rule of succession).
class UsualShare {
public:
    explicit UsualShare(double weight) : kept_{1 - weight} {}

    void add(bool is_so) {
        all_ = all_ * kept_ + 1;
        so_ = so_ * kept_ + (is_so ? 1 : 0);
    }

    double value() const { return without(0, 0); }

    // The share without some of the observations: without `all` of them, `so` of which were yes.
    double without(std::size_t all, std::size_t so) const {
        const double others = std::max(0.0, all_ - static_cast<double>(all));
        const double so_of_them = std::max(0.0, so_ - static_cast<double>(so));
        return std::min(1.0, (so_of_them + 1) / (others + 2));
    }

    void forget() { all_ = so_ = 0; }

private:
    double kept_;
    double all_ = 0;
    double so_ = 0;
};

}  // namespace skein
