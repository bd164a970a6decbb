#include "storage/soci/delivery_plan.hpp"

#include <string>
#include <vector>

#include "storage/errc.hpp"
#include "test/catch.hpp"

namespace {

using namespace postern;
using namespace postern::storage;

std::shared_ptr<delivery_item> letter(std::int64_t id, std::size_t size, std::vector<local_delivery> local) {
    delivery d;
    d.id = {id};
    d.octets = std::make_shared<core::memory_content>(std::string(size, 'x'));
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

TEST_CASE("a message's own events come first, then one delivered for each recipient, duplicates included") {
    auto first = to(7);
    auto alias = to(7);
    alias.recipient = "alias@example.test";
    const std::vector batch{letter(1, 1, {first, alias})};
    delivery_plan plan(batch);
    plan.add(box(70, 7, mailbox_role::inbox, 5));
    plan.add(delivery_plan::account_row{{7}, false, std::nullopt, 0});
    plan.decide();
    REQUIRE(plan.events().size() == 3);
    REQUIRE(plan.events()[0].event->kind == "received");
    REQUIRE(plan.events()[1].event->kind == "delivered");
    REQUIRE(plan.events()[1].event->recipient == "account7@example.test");
    REQUIRE(plan.events()[1].event->detail == R"({"account":"7","mailbox":"a \"box\"","mailbox_id":"70","uid":5})");
    REQUIRE(plan.events()[2].event->recipient == "alias@example.test");
}
