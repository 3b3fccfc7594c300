#pragma once
#include <memory>
#include <utility>

namespace skein {

// A heap-allocated value with value semantics. Moving a box moves a pointer, which makes it cheap
// to pass large values on; copying a box copies the value. A box that was moved from may only be
// assigned to or destroyed.
template <class T>
class Box {
public:
    Box(T value) : value_{std::make_unique<T>(std::move(value))} {}
    Box(const Box& other) : Box{*other} {}
    Box(Box&&) noexcept = default;
    Box& operator=(Box other) noexcept {
        value_.swap(other.value_);
        return *this;
    }
    ~Box() = default;

    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

private:
    std::unique_ptr<T> value_;
};

}  // namespace skein
