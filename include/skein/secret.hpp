/// A key that cannot be printed by accident.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace skein {

/// Holds a key. There is no way to stream, format or convert it; `reveal()` is the only door, and
/// easy to search for. Its bytes are wiped when it goes away.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// The value of an environment variable, one trailing newline taken off; nothing if it is
    /// not set or empty.
    static std::optional<Secret> from_env(const char* name);

    bool empty() const { return value_.empty(); }

    /// The key itself. The view lives as long as this object is not changed.
    std::string_view reveal() const { return value_; }

    /// `text` with the key replaced by `[key]` wherever it stands: servers quote keys back, in
    /// another case or cut. So is a piece of it, if it is half the key or eight letters long. Keys
    /// of less than four letters are not looked for.
    std::string redact(std::string text) const;

private:
    void wipe() noexcept;

    std::string value_{};
};

}  // namespace skein
