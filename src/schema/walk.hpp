// The walk of one value and a schema together. Used by `Schema::check` only.
#pragma once
#include "schema/findings.hpp"
#include "schema/table.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skein::schema {

// Every step is paid for out of a fixed amount, so that no schema and no answer takes long. A step
// is some 30 ns. `entangled`: the amount is used up; then nothing fits and nothing is found any
// more.
class Walk {
public:
    Walk(const Table& table, std::size_t means) : table_{table}, means_{means} {}

    bool fits(Index schema, const Value& value);

    bool is_entangled() const { return is_entangled_; }
    const Findings& findings() const { return findings_; }

private:
    // Work on alternatives: nothing is written down, and the first error ends it.
    class Quiet {
    public:
        explicit Quiet(Walk& walk) : walk_{walk} { ++walk_.quiet_; }
        ~Quiet() { --walk_.quiet_; }
        Quiet(const Quiet&) = delete;
        Quiet& operator=(const Quiet&) = delete;

    private:
        Walk& walk_;
    };

    bool pay(std::size_t steps);
    bool goes_on(bool is_well) const { return is_well || !is_quiet(); }
    bool is_quiet() const { return quiet_ > 0 || findings_.is_full() || is_entangled_; }
    // Always false, as what was found does not fit.
    template <class Words>
    bool found(Words&& words) {
        if (!is_quiet()) findings_.add(path_, words());
        return false;
    }

    bool fits_quietly(Index schema, const Value& value);
    bool fits_inside(Index schema, json::Element element, Step step);
    bool could_fit(Index schema, const Value& value) const;

    bool is_of_kind(const Node& node, const Value& value);
    bool is_allowed(const Node& node, const Value& value);
    bool number_fits(const Node& node, const Value& value);
    bool text_fits(const Node& node, const Value& value);
    bool matches(const Pattern& pattern, std::string_view text);

    bool list_fits(const Node& node, const Value& value);
    bool is_unique(simdjson::dom::array list, std::size_t count);
    bool has_one_that_fits(Index schema, simdjson::dom::array list);

    bool object_fits(const Node& node, const Value& value);
    bool member_fits(
        const Node& node, std::string_view name, json::Element element, std::vector<bool>& seen
    );
    bool has_all_required(const Node& node, const std::vector<bool>& seen);
    bool dependencies_hold(const Node& node, simdjson::dom::object object);

    bool combinations_fit(const Node& node, const Value& value);
    bool any_fits(const Node& node, const Value& value);
    bool one_fits(const Node& node, const Value& value);
    bool condition_fits(const Node& node, const Value& value);

    const Table& table_;
    std::size_t means_;
    std::size_t branches_ = 0;
    std::size_t depth_ = 0;
    std::size_t quiet_ = 0;
    bool is_entangled_ = false;
    std::vector<Step> path_;
    Findings findings_;
};

}  // namespace skein::schema
