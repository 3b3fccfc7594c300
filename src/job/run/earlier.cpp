// The words for the state that earlier runs have left. `skein check` prints them and `skein run`
// logs them, so that both say the same.
#include "job/run/earlier.hpp"

namespace skein {
namespace {

std::string done_text(const Earlier& earlier) {
    auto text =
        std::to_string(earlier.done) + (earlier.done == 1 ? " row is" : " rows are") + " done";
    if (earlier.failed > 0) text += ", " + std::to_string(earlier.failed) + " of them failed";
    return text;
}

std::string left_text(const Earlier& earlier) {
    const auto left = earlier.left();
    std::string text = "; ";
    // The length of a stream is not known, so no number can be given for it.
    text += left ? std::to_string(*left) + (*left == 1 ? " is" : " are") + " left to ask"
                 : "the rest is asked";
    if (earlier.again > 0) {
        text += earlier.answers_too ? ", " + std::to_string(earlier.again) + " of them again"
                                    : ", those that failed among them";
    }
    return text;
}

std::string change_text(const Earlier& earlier) {
    std::string text;
    if (earlier.is_changed) text += "; the input has changed since";
    if (earlier.gone > 0) {
        text += "; " + std::to_string(earlier.gone) +
                (earlier.gone == 1 ? " row of the journal is" : " rows of the journal are") +
                " not in the input and left out";
    }
    return text;
}

}  // namespace

std::optional<std::uint64_t> Earlier::left() const {
    if (!rows) return std::nullopt;
    // Rows that are asked again are counted in `done` as well.
    const auto kept = done - again;
    return *rows > kept ? *rows - kept : 0;
}

std::string earlier_text(const Earlier& earlier) {
    switch (earlier.kind) {
        case Earlier::Kind::none:
            break;
        case Earlier::Kind::resumed:
            return "resumed: " + done_text(earlier) + left_text(earlier) + change_text(earlier);
        // The advice of `--retry-failed` is given only where a row has failed.
        case Earlier::Kind::complete:
            return "complete already: " + done_text(earlier) + std::string{"; "} +
                   (earlier.answers_too ? "none fits --retry, and " : "") +
                   "nothing is left to ask" +
                   (earlier.failed > 0 ? " (--retry-failed asks again what failed)" : "");
        case Earlier::Kind::replaced:
            return "replaced because of overwrite: " + earlier.what;
    }
    return "none";
}

}  // namespace skein
