#pragma once
#include "model/prepared.hpp"

#include <skein/fault.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace skein {

// Holds refused requests back while no request of the run has been answered yet. Until then it is
// unknown what is wrong: the single request, or something that all requests share (address, key,
// model, template).
//
// The first answer shows that the refused requests are at fault themselves. `same` refusals in the
// same words show that the shared part is at fault, unless an attempt still in flight is answered:
// refusals arrive sooner than answers. Control thread only.
class Refusals {
public:
    explicit Refusals(std::size_t same) : same_{same} {}  // 0: nothing is held back.

    // Is the fault an answer that rejects this request for good, so that no retry follows?
    static bool is_refusal(const Fault& fault);

    bool is_on() const { return same_ > 0; }
    void hold(Sequence seq, const Fault& fault);
    void forget(Sequence seq) { held_.erase(seq); }
    const std::set<Sequence>& held() const { return held_; }

    // The common fault, once `same` requests were refused in the same words.
    const std::optional<Fault>& common() const { return common_; }

private:
    std::size_t same_;
    std::set<Sequence> held_;
    std::string words_{};  // Of the first refusal.
    bool is_always_same_ = true;
    std::size_t count_ = 0;
    std::optional<Fault> common_{};
};

}  // namespace skein
