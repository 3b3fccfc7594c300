// What answers must satisfy (`Settings::expect`), and what is asked after one that does not.
#pragma once
#include "model/attempt.hpp"
#include "schema/pattern.hpp"
#include "schema/schema.hpp"

#include <skein/settings.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace skein {

// The member of a chat that asks for answers of this schema; empty without a schema.
std::string response_format_of(const Expect& expect);

// Checks answers. A request that names a schema of its own (`response_format`) is checked by that
// one. Thread-safe: all threads share one, and so the compiled schemas.
class Expectation {
public:
    // `expect` is checked (settings/check).
    explicit Expectation(Expect expect);

    // An answer that is not as it must be becomes the fault `invalid_output`, with what is to be
    // asked next in `AttemptResult::unfit`. One that is may get a note, or lose a code fence.
    void check(const RequestPtr& request, const Endpoint& endpoint, AttemptResult& result) const;

private:
    // Of one text; null if the schema says more than is checked, and why.
    struct Compiled {
        std::optional<schema::Schema> schema{};
        std::string why{};
    };
    using CompiledPtr = std::shared_ptr<const Compiled>;

    struct Unfitness;
    std::optional<Unfitness> find(const Prepared& request, Completion& completion) const;
    std::optional<Unfitness> find_in_text(std::string_view schema_text, Completion& completion)
        const;
    CompiledPtr compiled(std::string_view text) const;

    const Expect expect_;
    std::optional<schema::Pattern> match_{};
    mutable std::mutex mutex_;
    mutable std::map<std::string, CompiledPtr, std::less<>> schemas_{};  // By their texts.
};

// The conversation once more, with the answer and what is wrong with it. Null if the request holds
// no list of messages.
RequestPtr asked_again(const Prepared& request, std::string_view answer, std::string_view words);

// The schema that the request names in `response_format`; empty if it names none.
std::string_view schema_in(const Prepared& request);

}  // namespace skein
