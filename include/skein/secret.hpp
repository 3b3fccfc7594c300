/// A key or password that cannot be printed by accident.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace skein {

/// Holds a key. It cannot be streamed, formatted or converted: `reveal()` is the only access, and
/// easy to search for. Its bytes are overwritten with zeros when it is destroyed, assigned to or
/// moved from. Not thread-safe; separate copies are independent.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_{std::move(value)} {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// The value of an environment variable, without one trailing line end; empty if the variable
    /// is not set or has no value.
    static std::optional<Secret> from_env(const char* name);

    bool empty() const { return value_.empty(); }

    /// The key itself. The view is valid until this object is changed or destroyed.
    std::string_view reveal() const { return value_; }

    /// Redacts `text`: every occurrence of the key becomes `[key]`, in any case of letters, because
    /// servers quote keys back in error messages. A piece of the key is replaced, too, if it has
    /// half the key's length (four characters at least), or eight characters. Keys of fewer than
    /// four characters are not looked for.
    std::string redact(std::string text) const;

private:
    void wipe() noexcept;

    std::string value_{};
};

}  // namespace skein
