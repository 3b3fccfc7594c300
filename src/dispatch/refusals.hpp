#pragma once
#include "model/prepared.hpp"

#include <skein/fault.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace skein {

// Requests that were refused while nothing has been answered yet, held back until it is known what
// was at fault: the request, or what all of them have in common (address, key, model, template).
//
// With the first answer of any kind they were at fault themselves. When so many were refused, all
// of them in the same words, what they have in common is; unless one that is still under way is
// answered, for refusals end before answers.
class Refusals {
public:
    explicit Refusals(std::size_t same) : same_{same} {}  // 0: nothing is held back.

    // An answer that says: not this request. It is not tried again.
    static bool is_refusal(const Fault& fault);

    bool is_on() const { return same_ > 0; }
    void hold(Sequence seq, const Fault& fault);
    void forget(Sequence seq) { held_.erase(seq); }
    const std::set<Sequence>& held() const { return held_; }

    // What all have been told, in words, once there are enough.
    const std::optional<Fault>& common() const { return common_; }

private:
    std::size_t same_;
    std::set<Sequence> held_;
    std::string words_{};  // Of the first of them.
    bool is_always_same_ = true;
    std::size_t count_ = 0;
    std::optional<Fault> common_{};
};

}  // namespace skein
