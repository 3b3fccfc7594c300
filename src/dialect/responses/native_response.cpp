// Invariant: the body is the Response of the last event that holds an ended one. Events before it
// repeat an unfinished Response, or hold pieces of it.
#include "dialect/responses/native_response.hpp"

#include "json/json.hpp"
#include "json/object.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace skein::response {
namespace {

// As they stand in the text.
constexpr std::array<std::string_view, 2> kinds_at_the_end{
    R"("response.completed")", R"("response.incomplete")"};

class NativeResponse : public NativeStream {
public:
    void read(const Event& event) override {
        std::string storage;
        json::Object last;
        if (last.parse(json::mended(event.data, storage))) return;
        const auto kind = last.find("type");
        const auto response = last.find("response");
        if (!kind || !response || !json::is_object(*response)) return;
        if (std::ranges::find(kinds_at_the_end, *kind) == kinds_at_the_end.end()) return;
        body_ = json::one_line(std::string{*response});
        held_ += body_.size();
    }

    std::string body() override { return std::move(body_); }
    std::size_t held() const override { return held_; }

private:
    std::string body_ = "{}";
    std::size_t held_ = 0;
};

}  // namespace

std::unique_ptr<NativeStream> make_native_response() { return std::make_unique<NativeResponse>(); }

}  // namespace skein::response
