#include "job/input/unpacked_input.hpp"

#include <string>

namespace skein::job {
namespace {

constexpr std::size_t packed_block = 64 * 1024;
constexpr std::size_t max_signature = 4;

}  // namespace

Expected<std::size_t, RunError> UnpackedInput::read(std::span<char> room) {
    if (auto error = begin()) return std::move(*error);
    if (!unpacker_) return file_.read(room);
    for (;;) {
        const std::string_view bytes{packed_.data() + at_, filled_ - at_};
        auto step = unpacker_->unpack(bytes, room);
        if (!step.problem.empty()) return broken(std::move(step.problem));
        at_ += step.taken;
        if (step.made > 0) return step.made;
        if (step.taken > 0 && at_ < filled_) continue;
        if (at_ < filled_) return broken("its stream cannot be unpacked any further");
        if (ended_) {
            if (unpacker_->is_between_members()) return std::size_t{0};
            return broken("its " + std::string{unpacker_->name()} + " stream is cut off");
        }
        if (auto error = refill()) return std::move(*error);
    }
}

std::optional<RunError> UnpackedInput::begin() {
    if (begun_) return std::nullopt;
    const auto head = file_.peek(max_signature);
    if (!head) return head.error();
    begun_ = true;
    if (const auto kind = input::Unpacker::kind_of(*head)) {
        unpacker_.emplace(*kind);
        packed_.resize(packed_block);
    }
    return std::nullopt;
}

std::optional<RunError> UnpackedInput::refill() {
    const auto count = file_.read(packed_);
    if (!count) return count.error();
    at_ = 0;
    filled_ = *count;
    ended_ = *count == 0;
    return std::nullopt;
}

RunError UnpackedInput::broken(std::string what) const {
    return config_error(shown(name()) + ": " + what);
}

}  // namespace skein::job
