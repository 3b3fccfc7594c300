// What every function of the C ABI stands on: no exception leaves, and texts are copied out.
#pragma once
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace skein::capi {

// The result of `call`, or `otherwise` if it throws.
template <class Value, class Call>
Value guarded(Value otherwise, Call call) noexcept {
    try {
        return call();
    } catch (...) {
        return otherwise;
    }
}

template <class Call>
void guarded(Call call) noexcept {
    try {
        call();
    } catch (...) {
    }
}

// A copy for `skein_free`, ended by a zero; null if no memory is left.
inline char* copy_of(std::string_view text) noexcept {
    auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (!copy) return nullptr;
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    return copy;
}

}  // namespace skein::capi
