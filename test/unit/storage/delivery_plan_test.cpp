#include "storage/soci/delivery_plan.hpp"

#include <string>
#include <vector>

#include "storage/errc.hpp"
#include "test/catch.hpp"

namespace delivery_plan_test {

namespace {

using namespace postern;
using namespace postern::storage;

std::shared_ptr<delivery_item> letter(std::int64_t id, std::size_t size, std::vector<local_delivery> local) {
    delivery d;
    d.id = {id};
    d.octets = std::make_shared<core::memory_content>(std::string(size, 'x'));
    for (const auto& to : local) d.recipients.push_back(to.recipient);
    d.local = std::move(local);
    d.events = {{{}, "received", "", "{}"}};
    return std::make_shared<delivery_item>(new_message{.what = std::move(d), .queue = {}});
}

local_delivery to(std::int64_t account, mailbox_role role = mailbox_role::inbox, bool seen = false) {
    return {{account}, role, "account" + std::to_string(account) + "@example.test", seen};
}

delivery_plan::mailbox_row box(std::int64_t id, std::int64_t account, mailbox_role role, std::int64_t uid_next = 1) {
    return {{id}, {account}, role, "a \"box\"", uid_next, 40};
}

std::vector<std::string> verdicts(const std::vector<std::shared_ptr<delivery_item>>& batch) {
    std::vector<std::string> all;
    for (const auto& item : batch) all.push_back(item->outcome() ? "" : item->outcome().error().code.message());
    return all;
}

std::string text(errc e) { return e == errc{} ? "" : make_error_code(e).message(); }

}  // namespace

TEST_CASE("rows are named once each and in one order, whatever the order of recipients") {
    const std::vector batch{letter(1, 1, {to(7), to(3, mailbox_role::sent)}), letter(2, 1, {to(3), to(7)})};
    const delivery_plan plan(batch);
    REQUIRE(plan.account_ids() == std::vector<account_id>{{3}, {7}});
    REQUIRE(plan.places() == std::vector<delivery_plan::place>{
                                 {{3}, mailbox_role::inbox}, {{3}, mailbox_role::sent}, {{7}, mailbox_role::inbox}});
}

TEST_CASE("uids and modseqs go on from the mailbox's, counters are summed once per mailbox and account") {
    const std::vector batch{letter(1, 100, {to(7)}), letter(2, 10, {to(7), to(7, mailbox_role::sent, true)})};
    delivery_plan plan(batch);
    plan.add(box(70, 7, mailbox_role::inbox, 5));
    plan.add(box(71, 7, mailbox_role::sent));
    plan.add(delivery_plan::account_row{{7}, false, std::nullopt, 1000});
    plan.decide();
    REQUIRE(verdicts(batch) == std::vector<std::string>{"", ""});
    REQUIRE(plan.entries().size() == 3);
    REQUIRE(plan.entries()[0].uid == 5);
    REQUIRE(plan.entries()[1].uid == 6);
    REQUIRE(plan.entries()[1].modseq == 42);
    REQUIRE(plan.entries()[2].mailbox == mailbox_id{71});
    REQUIRE(plan.entries()[2].uid == 1);
    const auto mailboxes = plan.changed_mailboxes();
    REQUIRE(mailboxes.size() == 2);
    REQUIRE(mailboxes[0]->uid_next == 7);
    REQUIRE(mailboxes[0]->highest_modseq == 42);
    REQUIRE(mailboxes[0]->added == 2);
    REQUIRE(mailboxes[0]->unread == 2);
    REQUIRE(mailboxes[1]->unread == 0);  // a sent copy is born read
    REQUIRE(plan.changed_accounts().size() == 1);
    REQUIRE(plan.changed_accounts()[0]->added == 120);  // two copies of the second: both mailboxes count
}

TEST_CASE("a batch for the same mailboxes is decided on the rows as the one before leaves them") {
    const std::vector first{letter(1, 100, {to(7)}), letter(2, 10, {to(7), to(8)})};
    delivery_plan before(first);
    before.add(box(70, 7, mailbox_role::inbox, 5));
    before.add(box(80, 8, mailbox_role::inbox));
    before.add(delivery_plan::account_row{{7}, false, 200, 0});
    before.add(delivery_plan::account_row{{8}, false, std::nullopt, 0});
    before.decide();

    const std::vector second{letter(3, 90, {to(7)})};
    delivery_plan plan(second);
    REQUIRE(plan.foresee(before));
    plan.decide();
    REQUIRE(plan.refused().empty());
    REQUIRE(plan.entries().size() == 1);
    REQUIRE(plan.entries()[0].uid == 7);
    REQUIRE(plan.entries()[0].modseq == 43);
    REQUIRE(plan.changed_mailboxes()[0]->added == 1);
    REQUIRE(plan.accounts().at({7}).quota_used == 110);

    const std::vector too_much{letter(4, 91, {to(7)})};
    delivery_plan over(too_much);
    REQUIRE(over.foresee(before));
    over.decide();
    REQUIRE(over.refused().size() == 1);
}

TEST_CASE("only what depends on the batch before is foreseen from it") {
    const std::vector first{letter(1, 1, {to(7)}), letter(2, 1, {to(8)})};
    delivery_plan before(first);
    before.add(box(70, 7, mailbox_role::inbox));
    before.add(box(80, 8, mailbox_role::inbox));
    before.add(delivery_plan::account_row{{7}, false, std::nullopt, 0});
    before.add(delivery_plan::account_row{{8}, true, std::nullopt, 0});  // disabled: its message is refused
    before.decide();
    const auto foreseen = [&before](std::vector<local_delivery> local) {
        const std::vector batch{letter(3, 1, std::move(local))};
        return delivery_plan(batch).foresee(before);
    };
    CHECK(foreseen({to(7)}));
    CHECK(foreseen({to(7), to(8)}));
    CHECK_FALSE(foreseen({to(8)}));  // nothing was written there: it would be stored even if the first were not
    CHECK_FALSE(foreseen({to(7), to(7, mailbox_role::sent)}));  // not read
    CHECK_FALSE(foreseen({to(9)}));
    CHECK_FALSE(foreseen({}));  // to be relayed only

    auto submitted = letter(3, 1, {to(7)});
    CHECK(delivery_plan(std::vector{submitted}).foresee(before));
    submitted->messages.front().what.submitted_by = account_id{8};
    CHECK_FALSE(delivery_plan(std::vector{submitted}).foresee(before));  // nothing would tell that this account is gone
}

TEST_CASE("an outcome is foreseen while its worker believes to hold the lease, and nobody else spoke of the item") {
    const auto outcome_of = [](std::int64_t item, const std::string& owner) {
        queue_outcome outcome;
        outcome.item = {item};
        outcome.message = {50};
        return std::make_shared<delivery_item>(queue_conclusion{owner, {outcome}, {}}, std::vector<new_message>{});
    };
    const std::vector first{letter(1, 1, {to(7)}), outcome_of(30, "w")};
    delivery_plan before(first);
    before.add(box(70, 7, mailbox_role::inbox));
    before.add(delivery_plan::account_row{{7}, false, std::nullopt, 0});
    before.add(delivery_plan::queue_row{{30}, {50}, "w"});
    before.decide();
    const auto foreseen = [&](std::vector<std::shared_ptr<delivery_item>> batch) {
        batch.push_back(letter(2, 1, {to(7)}));
        return delivery_plan(batch).foresee(before);
    };
    CHECK(foreseen({outcome_of(31, "w")}));
    CHECK_FALSE(foreseen({outcome_of(30, "w")}));                                  // the batch before may have taken it out
    CHECK_FALSE(foreseen({outcome_of(31, "")}));                                   // an administrator's: it may be gone
    CHECK_FALSE(delivery_plan(std::vector{outcome_of(31, "w")}).foresee(before));  // stored even if the first were not

    const std::vector second{letter(2, 1, {to(7)}), outcome_of(32, "w"), outcome_of(31, "w")};
    delivery_plan plan(second);
    REQUIRE(plan.foresee(before));
    REQUIRE(plan.believed().size() == 2);
    CHECK(plan.believed()[0].id == queue_id{31});
    CHECK(plan.believed()[0].message == message_id{50});
    CHECK(plan.believed()[1].lease_owner == "w");
    plan.decide();
    CHECK(plan.finished() == std::vector<queue_id>{{32}, {31}});
    CHECK(plan.believed().size() == 2);
}

TEST_CASE("each message of a batch is judged by itself, in order") {
    struct judgement {
        const char* why;
        std::vector<std::shared_ptr<delivery_item>> batch;
        std::vector<errc> verdicts;
        std::size_t entries;
    };
    // Account 1: no limit. 2: 100 of 150 used. 3: disabled. 4: without a Sent mailbox. 5: no such row. 6: out of uids.
    const auto c = GENERATE(values<judgement>({
        {"room for the first, not for the second, for the third again",
         {letter(1, 30, {to(2)}), letter(2, 30, {to(2)}), letter(3, 20, {to(2)})},
         {errc{}, errc::over_quota, errc{}},
         2},
        {"to the last octet", {letter(1, 50, {to(2)})}, {errc{}}, 1},
        {"one octet more", {letter(1, 51, {to(2)})}, {errc::over_quota}, 0},
        {"some recipients are over quota: nobody gets it", {letter(1, 60, {to(1), to(2)})}, {errc::some_over_quota}, 0},
        {"both copies count", {letter(1, 26, {to(2), to(2, mailbox_role::sent)})}, {errc::over_quota}, 0},
        {"disabled since RCPT", {letter(1, 1, {to(1), to(3)}), letter(2, 1, {to(1)})}, {errc::account_gone, errc{}}, 1},
        {"removed since RCPT", {letter(1, 1, {to(5)})}, {errc::account_gone}, 0},
        {"a mailbox that is not there", {letter(1, 1, {to(4, mailbox_role::sent)})}, {errc::failed}, 0},
        {"RFC 9051 2.3.1.1: a uid has 32 bits", {letter(1, 1, {to(6)})}, {errc::failed}, 0},
        {"two recipients that lead to one mailbox: one copy", {letter(1, 50, {to(2), to(2)})}, {errc{}}, 1},
        {"nobody here: to be relayed only", {letter(1, 1, {})}, {errc{}}, 0},
    }));
    INFO(c.why);
    delivery_plan plan(c.batch);
    for (const std::int64_t id : {1, 2, 3, 4, 6}) plan.add(box(10 * id, id, mailbox_role::inbox, id == 6 ? 4'294'967'295 : 1));
    plan.add(box(21, 2, mailbox_role::sent));
    for (const std::int64_t id : {1, 4, 6}) plan.add(delivery_plan::account_row{{id}, false, std::nullopt, 0});
    plan.add(delivery_plan::account_row{{2}, false, 150, 100});
    plan.add(delivery_plan::account_row{{3}, true, std::nullopt, 0});
    plan.decide();
    std::vector<std::string> expected;
    for (const auto verdict : c.verdicts) expected.push_back(text(verdict));
    REQUIRE(verdicts(c.batch) == expected);
    REQUIRE(plan.entries().size() == c.entries);
    REQUIRE(plan.accepted().size() + plan.refused().size() == c.batch.size());
}

TEST_CASE("a message's row tells of itself and its first recipient, rows apart of the others, duplicates included") {
    auto first = to(7);
    auto alias = to(7);
    alias.recipient = "alias@example.test";
    const std::vector batch{letter(1, 1, {first, alias})};
    delivery_plan plan(batch);
    plan.add(box(70, 7, mailbox_role::inbox, 5));
    plan.add(delivery_plan::account_row{{7}, false, std::nullopt, 0});
    const std::string detail = R"({"account":"7","mailbox":"a \"box\"","mailbox_id":"70","uid":5})";
    SECTION("decided before it is written") {
        plan.decide();
        CHECK(plan.history_of(batch[0]->messages[0]) ==
              R"([{"kind":"received"},{"kind":"delivered","recipient":"account7@example.test","detail":)" + detail + "}]");
        REQUIRE(plan.events().size() == 1);
        CHECK(plan.events()[0].event->recipient == "alias@example.test");
    }
    SECTION("written before it is decided") {
        CHECK(plan.history_of(batch[0]->messages[0]) == R"([{"kind":"received"}])");
        plan.decide(delivery_plan::rows::written);
        REQUIRE(plan.events().size() == 2);
        CHECK(plan.events()[0].event->kind == "delivered");
        CHECK(plan.events()[0].event->recipient == "account7@example.test");
        CHECK(plan.events()[0].event->detail == detail);
        CHECK(plan.events()[1].event->recipient == "alias@example.test");
    }
}

namespace {

queue_outcome outcome(std::int64_t item, std::int64_t message, queue_outcome::kind what = queue_outcome::kind::done) {
    queue_outcome o;
    o.item = {item};
    o.message = {message};
    o.what = what;
    o.events = {{{}, what == queue_outcome::kind::done ? "relayed" : "deferred", "x@far.test", "{}"}};
    return o;
}

std::shared_ptr<delivery_item> conclusion(const std::string& owner, std::vector<queue_outcome> outcomes,
                                          std::vector<std::int64_t> notices = {}) {
    std::vector<new_message> messages;
    for (const auto id : notices) {
        delivery d;
        d.id = {id};
        d.octets = std::make_shared<core::memory_content>("bounce");
        d.local = {to(7)};
        messages.push_back({.what = std::move(d), .queue = {}});
    }
    return std::make_shared<delivery_item>(queue_conclusion{owner, std::move(outcomes), {}}, std::move(messages));
}

/// A plan with account 7's Inbox and queue items 101 of message 11 and 102 and 103 of message 12, all leased to "w".
void add_rows(delivery_plan& plan) {
    plan.add(box(70, 7, mailbox_role::inbox));
    plan.add(delivery_plan::account_row{{7}, false, 10, 0});
    plan.add(delivery_plan::queue_row{{101}, {11}, "w"});
    plan.add(delivery_plan::queue_row{{102}, {12}, "w"});
    plan.add(delivery_plan::queue_row{{103}, {12}, "w"});
}

}  // namespace

TEST_CASE("what is concluded is named for locking once each, in order") {
    const std::vector batch{conclusion("w", {outcome(103, 12), outcome(101, 11)}), conclusion("w", {outcome(102, 12)})};
    const delivery_plan plan(batch);
    REQUIRE(plan.outbound_ids() == std::vector<message_id>{{11}, {12}});
    REQUIRE(plan.queue_ids() == std::vector<queue_id>{{101}, {102}, {103}});
    REQUIRE_FALSE(plan.has_notices());
}

TEST_CASE("outcomes count while their lease is held, each item once in a batch") {
    using kind = queue_outcome::kind;
    struct judgement {
        const char* why;
        std::vector<std::shared_ptr<delivery_item>> batch;
        std::vector<std::vector<queue_id>> lost;
        std::vector<queue_id> finished;
        std::size_t deferred, events, accepted, refused;
    };
    const auto c = GENERATE(values<judgement>({
        {"held", {conclusion("w", {outcome(101, 11)}, {1})}, {{}}, {{101}}, 0, 2, 1, 0},
        {"another's", {conclusion("v", {outcome(101, 11)}, {1})}, {{{101}}}, {}, 0, 0, 0, 1},
        {"an administrator's", {conclusion("", {outcome(101, 11)})}, {{}}, {{101}}, 0, 1, 0, 0},
        {"of another message", {conclusion("w", {outcome(101, 12)})}, {{{101}}}, {}, 0, 0, 0, 0},
        {"one of two: the notice goes out",
         {conclusion("w", {outcome(101, 11), outcome(4, 12)}, {1})},
         {{{4}}},
         {{101}},
         0,
         2,
         1,
         0},
        {"done by the first, so not the second's any more",
         {conclusion("w", {outcome(101, 11)}), conclusion("w", {outcome(101, 11)}, {1})},
         {{}, {{101}}},
         {{101}},
         0,
         1,
         0,
         1},
        {"deferred by the first, which gives the lease back",
         {conclusion("w", {outcome(101, 11, kind::deferred)}), conclusion("w", {outcome(101, 11)})},
         {{}, {{101}}},
         {},
         1,
         1,
         0,
         0},
        {"deferred, then removed by an administrator",
         {conclusion("w", {outcome(101, 11, kind::deferred)}), conclusion("", {outcome(101, 11)})},
         {{}, {}},
         {{101}},
         0,
         2,
         0,
         0},
        {"named twice over", {conclusion("w", {outcome(101, 11), outcome(101, 11)})}, {{}}, {{101}}, 0, 1, 0, 0},
        {"its notices do not fit together: nothing of it, and the next is well",
         {conclusion("w", {outcome(101, 11)}, {1, 2}), conclusion("w", {outcome(102, 12)}, {3})},
         {{}, {}},
         {{102}},
         0,
         2,
         1,
         2},
    }));
    INFO(c.why);
    delivery_plan plan(c.batch);
    add_rows(plan);
    plan.decide();
    std::vector<std::vector<queue_id>> lost;
    for (const auto& item : c.batch) lost.push_back(item->concludes.lost);
    REQUIRE(lost == c.lost);
    REQUIRE(plan.finished() == c.finished);
    REQUIRE(plan.deferred().size() == c.deferred);
    REQUIRE(plan.events().size() == c.events);
    REQUIRE(plan.accepted().size() == c.accepted);
    REQUIRE(plan.refused().size() == c.refused);
}

TEST_CASE("a notice whose outcomes are all lost is left out before it is written, and so never taken back") {
    const std::vector batch{conclusion("v", {outcome(101, 11)}, {1}), conclusion("w", {outcome(102, 12)}, {2})};
    delivery_plan plan(batch);
    REQUIRE(plan.has_notices());
    add_rows(plan);
    plan.leave_out_lost();
    REQUIRE(plan.messages().size() == 1);
    REQUIRE(plan.messages()[0]->what.id == message_id{2});
    plan.decide();
    REQUIRE(plan.refused().empty());
    REQUIRE(plan.accepted().size() == 1);
    REQUIRE(batch[0]->concludes.lost == std::vector<queue_id>{{101}});
}

TEST_CASE("remote recipients are queued under the ids drawn for them, and wake others only where nobody works on them yet") {
    delivery d;
    d.id = {1};
    d.octets = std::make_shared<core::memory_content>("x");
    d.remote = {{"a@far.test", "far.test", {}, std::nullopt, {}}, {"b@\"far", "b\"far", {}, std::nullopt, {}}};
    d.lease_owner = GENERATE(as<std::string>{}, "", "w");
    const auto owner = d.lease_owner;
    const std::vector batch{std::make_shared<delivery_item>(new_message{.what = std::move(d), .queue = {{5}, {6}}})};
    delivery_plan plan(batch);
    plan.decide();
    REQUIRE(plan.outbound().size() == 1);
    REQUIRE(plan.queued().size() == 2);
    REQUIRE(plan.queued()[1].id == queue_id{6});
    REQUIRE(plan.queued()[1].recipient->recipient == "b@\"far");
    REQUIRE(plan.wakes() == owner.empty());
    REQUIRE(plan.events().size() == 2);
    REQUIRE(plan.events()[1].event->kind == "queued");
    REQUIRE(plan.events()[1].event->detail == R"({"queue_id":"6","destination":"b\"far","until":"1970-01-01T00:00:00Z"})");
}

TEST_CASE("a submitter that is gone keeps its message from being accepted, a Sent copy is no delivery") {
    auto submitted = letter(1, 1, {to(7, mailbox_role::sent, true)});
    submitted->messages[0].what.submitted_by = account_id{7};
    auto orphan = letter(2, 1, {});
    orphan->messages[0].what.submitted_by = account_id{8};
    const std::vector batch{submitted, orphan};
    delivery_plan plan(batch);
    REQUIRE(plan.account_ids() == std::vector<account_id>{{7}, {8}});
    plan.add(box(71, 7, mailbox_role::sent));
    plan.add(delivery_plan::account_row{{7}, false, std::nullopt, 0});
    plan.decide();
    REQUIRE(verdicts(batch) == std::vector<std::string>{"", text(errc::account_gone)});
    REQUIRE(plan.events().empty());
    REQUIRE(plan.history_of(submitted->messages[0]) == R"([{"kind":"received"}])");
}

TEST_CASE("a history says when where that is not when the message came, and is none where nothing happened") {
    const std::vector batch{letter(1, 1, {}), letter(2, 1, {})};
    auto& later = batch[0]->messages[0].what;
    later.recipients = {"a@example.test"};
    later.events = {{core::timestamp(std::chrono::microseconds(5)), "a \"kind\"", "a@example.test", R"({"x":1})"}};
    batch[1]->messages[0].what.events.clear();
    const delivery_plan plan(batch);
    CHECK(plan.history_of(batch[0]->messages[0]) ==
          R"([{"kind":"a \"kind\"","at":5,"recipient":"a@example.test","detail":{"x":1}}])");
    CHECK(plan.history_of(batch[1]->messages[0]) == std::nullopt);
}

}  // namespace delivery_plan_test
