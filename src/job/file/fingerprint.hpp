#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace skein::job {

// A 64-bit hash (XXH3) that identifies a row or a template; as text 16 hexadecimal digits.
std::uint64_t hash_of(std::string_view bytes);
std::string hex_of(std::uint64_t number);
void append_hex(std::string& out, std::uint64_t number);

// The fingerprint of an input: its size and a 128-bit hash.
struct Fingerprint {
    std::uint64_t size = 0;
    std::string hash{};  // XXH3, 128 bits, 32 hexadecimal digits.

    bool operator==(const Fingerprint&) const = default;

    // `48213 bytes, xxh3 9c0f…`
    std::string text() const;
};

// Computes a fingerprint incrementally.
class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    void add(std::string_view bytes);
    Fingerprint now() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skein::job
