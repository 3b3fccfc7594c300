#include "dispatch/budget.hpp"

#include <array>
#include <cstdio>

namespace skein {
namespace {

std::string number(double value) {
    std::array<char, 40> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.10g", value);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string reached(const char* name, const Allowance& allowance, double more) {
    return std::string{"limits."} + name + " is " + number(allowance.most()) + ", " +
           number(allowance.used()) + " are used, and the next attempt may take " + number(more);
}

}  // namespace

bool Budget::allows(const Expense& expense, const Price& price) const {
    return requests_.allows(1) && tokens_.allows(expense.tokens()) &&
           cost_.allows(price.of(expense.input_tokens, expense.output_tokens));
}

void Budget::take(const Expense& expense, const Price& price) {
    requests_.take(1);
    tokens_.take(expense.tokens());
    cost_.take(price.of(expense.input_tokens, expense.output_tokens));
}

void Budget::settle(const Expense& expense, const Price& price, const Lesson& lesson) {
    if (!lesson.was_sent) requests_.correct(-1);
    if (!lesson.may_be_billed) return correct({}, expense, price);
    if (!lesson.usage) return;
    const Expense came_to{
        static_cast<double>(lesson.usage->input_tokens),
        static_cast<double>(lesson.usage->output_tokens)};
    correct(came_to, expense, price);
}

void Budget::correct(const Expense& came_to, const Expense& reserved, const Price& price) {
    tokens_.correct(came_to.tokens() - reserved.tokens());
    cost_.correct(
        price.of(came_to.input_tokens, came_to.output_tokens) -
        price.of(reserved.input_tokens, reserved.output_tokens)
    );
}

std::string Budget::why_not(const Expense& expense, const Price& price) const {
    if (!requests_.allows(1)) return reached("max_requests", requests_, 1);
    if (!tokens_.allows(expense.tokens())) {
        return reached("max_tokens", tokens_, expense.tokens());
    }
    const auto cost = price.of(expense.input_tokens, expense.output_tokens);
    return cost_.allows(cost) ? "" : reached("max_cost", cost_, cost);
}

}  // namespace skein
