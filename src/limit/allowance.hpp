#pragma once
namespace skein {

// What a run may use up of something in all. What is reserved counts as used until it is settled,
// so that it holds for what is in flight, too.
class Allowance {
public:
    explicit Allowance(double most = 0) : most_{most} {}  // 0: no such limit.

    // Time brings nothing back; what turns out to have cost less than was reserved does.
    bool allows(double cost) const { return most_ <= 0 || used_ + cost <= most_ * (1 + rounding); }

    void take(double cost) { used_ += cost; }
    // What was taken turned out to be more (above zero) or less.
    void correct(double more) { used_ += more; }

    double used() const { return used_; }
    double most() const { return most_; }

private:
    static constexpr double rounding = 1e-9;  // Of many small sums.

    double most_;
    double used_ = 0;
};

}  // namespace skein
