#include "engine/reply_sink.hpp"

#include "support/catch.hpp"

#include <memory>
#include <utility>

using namespace skein;

namespace {

FaultKind kind_of(const Inbox::Letter& letter) {
    return letter.reply->fault() ? letter.reply->fault()->kind : FaultKind::internal;
}

}  // namespace

TEST_CASE("A ticket that is destroyed unused puts a cancelled reply into its inbox.", "[engine]") {
    const auto inbox = std::make_shared<Inbox>();
    { const Ticket ticket{inbox, 7}; }
    const auto letters = inbox->take();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].number == 7);
    CHECK(kind_of(letters[0]) == FaultKind::cancelled);
}

TEST_CASE("A ticket that is used puts nothing into its inbox by itself.", "[engine]") {
    const auto inbox = std::make_shared<Inbox>();
    {
        Ticket ticket{inbox, 7};
        const auto letter = ticket.use(Reply{.outcome = Completion{.text = "yes"}});
        CHECK(letter.number == 7);
        CHECK_FALSE(ticket.inbox());
    }
    CHECK(inbox->take().empty());
}

TEST_CASE("A moved ticket tells its inbox once.", "[engine]") {
    const auto inbox = std::make_shared<Inbox>();
    {
        Ticket first{inbox, 1};
        Ticket second{std::move(first)};
        Ticket third;
        third = std::move(second);
        CHECK(inbox->take().empty());
    }
    CHECK(inbox->take().size() == 1);
}

TEST_CASE("A sink counts as outstanding until its callback is destroyed.", "[engine]") {
    const auto outstanding = std::make_shared<Outstanding>();
    bool was_waited_for = false;
    struct AtEnd {
        std::shared_ptr<Outstanding> outstanding;
        bool* was_waited_for;
        ~AtEnd() {
            if (outstanding) *was_waited_for = !outstanding->wait_for_none(Clock::now());
        }
    };
    {
        ReplySink sink;
        sink.counted = Counted{outstanding};
        std::shared_ptr<AtEnd> at_end{new AtEnd{outstanding, &was_waited_for}};
        sink.on_reply = [at_end = std::move(at_end)](Reply) {};
    }
    CHECK(was_waited_for);
    CHECK(outstanding->wait_for_none(Clock::now()));
}
