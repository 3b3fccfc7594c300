#pragma once
namespace skein {

// A budget for a whole run: requests, tokens or money. A reservation counts as used until the
// attempt is settled, so that the budget also covers attempts in flight.
class Allowance {
public:
    explicit Allowance(double max = 0) : max_{max} {}  // 0: no limit.

    // Time does not refill a budget, unlike a token bucket. Only `correct` with a lower real cost
    // gives something back.
    bool allows(double cost) const { return max_ <= 0 || used_ + cost <= max_ * (1 + rounding); }

    void take(double cost) { used_ += cost; }
    // Adjusts a reservation to its real cost: `more` is the difference, negative if it was less.
    void correct(double more) { used_ += more; }

    double used() const { return used_; }
    double max() const { return max_; }

private:
    static constexpr double rounding = 1e-9;  // Tolerance for the rounding of many sums.

    double max_;
    double used_ = 0;
};

}  // namespace skein
