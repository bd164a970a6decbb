#include <future>
#include <random>
#include <vector>

#include <fmt/format.h>

#include "mail.hpp"
#include "test/run.hpp"

namespace deliver_concurrency_test {

using namespace postern;
using namespace postern::storage;

namespace {

using outcomes = std::vector<core::result<delivered>>;

/// Everything kept in counters against what is there to count.
void check_counters(const test::fresh_database& place) {
    const auto wrong = [&](const std::string& sql) { return place.number("SELECT count(*) FROM (" + sql + ") AS wrong"); };
    CHECK(wrong("SELECT 1 FROM mailbox b WHERE total <> (SELECT count(*) FROM mailbox_message e WHERE e.mailbox_id = b.id)") ==
          0);
    CHECK(wrong("SELECT 1 FROM mailbox b WHERE unread <> (SELECT count(*) FROM mailbox_message e"
                " WHERE e.mailbox_id = b.id AND CAST(e.seen AS integer) = 0)") == 0);
    CHECK(wrong("SELECT 1 FROM mailbox b WHERE total > 0 AND uid_next <> 1 + (SELECT max(uid) FROM mailbox_message e"
                " WHERE e.mailbox_id = b.id)") == 0);
    CHECK(wrong("SELECT 1 FROM mailbox b WHERE total > 0 AND highest_modseq <> (SELECT max(modseq) FROM mailbox_message e"
                " WHERE e.mailbox_id = b.id)") == 0);
    CHECK(wrong("SELECT 1 FROM account a WHERE quota_used <> coalesce((SELECT sum(m.size) FROM mailbox_message e"
                " JOIN message m ON m.id = e.message_id JOIN mailbox b ON b.id = e.mailbox_id"
                " WHERE b.account_id = a.id), 0)") == 0);
    CHECK(wrong("SELECT 1 FROM message m WHERE NOT EXISTS (SELECT 1 FROM mailbox_message e WHERE e.message_id = m.id)") == 0);
}

/// One process's share: `messages` to random pairs of the accounts, all at once.
outcomes deliver_many(test::open_database& db, const std::vector<account>& to, int messages, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<net::awaitable<core::result<delivered>>> all;
    for (int i = 0; i < messages; ++i) {
        delivery d;
        d.id = test::value(db.run(db->messages().next_id()));
        d.received_at = db.clock.now();
        d.octets = std::make_shared<core::memory_content>(std::string(100 + random() % 1000, 'x'));
        const auto first = random() % to.size();
        const auto second = (first + 1 + random() % (to.size() - 1)) % to.size();
        d.local = {{to[first].id, mailbox_role::inbox, "first@example.test", false},
                   {to[second].id, mailbox_role::inbox, "second@example.test", random() % 2 == 0}};
        all.push_back(db->messages().deliver(std::move(d)));
    }
    return test::run_all(db.loop, std::move(all));
}

}  // namespace

TEST_CASE("two processes that deliver to the same mailboxes neither block for good nor lose count") {
    test::mail m(ON_BOTH_DATABASES);
    std::vector<account> accounts;
    for (int i = 0; i < 5; ++i) accounts.push_back(m.account("account" + std::to_string(i)));
    test::open_database other(m.place);
    constexpr int messages = 400;
    auto elsewhere = std::async(std::launch::async, [&] { return deliver_many(other, accounts, messages, 1); });
    for (const auto& outcome : deliver_many(m.db, accounts, messages, 2)) test::value(outcome);
    for (const auto& outcome : elsewhere.get()) test::value(outcome);
    CHECK(m.place.number("SELECT count(*) FROM message") == 2 * messages);
    CHECK(m.place.number("SELECT count(*) FROM mailbox_message") == 4 * messages);
    check_counters(m.place);
}

TEST_CASE("large and small messages to one mailbox keep its count") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    std::vector<net::awaitable<core::result<delivered>>> all;
    for (int i = 0; i < 60; ++i) {
        const std::size_t size = i % 6 == 0 ? 2'500'000 : 500;
        all.push_back(m.db->messages().deliver(m.letter({alice}, "n", std::string(size, 'x'))));
    }
    for (const auto& outcome : test::run_all(m.db.loop, std::move(all))) test::value(outcome);
    CHECK(m.mailbox(alice, mailbox_role::inbox).total == 60);
    check_counters(m.place);
}

TEST_CASE("of messages that race for the last of a quota, those that fit are stored and no other") {
    test::mail m(ON_BOTH_DATABASES);
    new_account wanted;
    wanted.address = {"small", "example.test"};
    wanted.created_at = m.db.clock.now();
    wanted.quota_limit = 10'000;
    const auto small = test::value(m.db.run(m.db->accounts().add_account(wanted)));
    const auto wide = m.account("wide");
    test::open_database other(m.place);
    const auto race = [&](test::open_database& db) {
        std::vector<net::awaitable<core::result<delivered>>> all;
        for (int i = 0; i < 15; ++i) {
            delivery d;
            d.id = test::value(db.run(db->messages().next_id()));
            d.received_at = db.clock.now();
            d.octets = std::make_shared<core::memory_content>(std::string(1000, 'x'));
            d.local = {{small.id, mailbox_role::inbox, "small@example.test", false}};
            if (i % 3 == 0) d.local.push_back({wide.id, mailbox_role::inbox, "wide@example.test", false});
            all.push_back(db->messages().deliver(std::move(d)));
        }
        return test::run_all(db.loop, std::move(all));
    };
    auto elsewhere = std::async(std::launch::async, [&] { return race(other); });
    auto all = race(m.db);
    for (auto& outcome : elsewhere.get()) all.push_back(std::move(outcome));
    int stored = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i]) {
            ++stored;
        } else {
            test::failure(all[i], i % 15 % 3 == 0 ? errc::some_over_quota : errc::over_quota);
        }
    }
    CHECK(stored == 10);
    CHECK(test::value(m.db.run(m.db->accounts().find_account(small.id)))->quota_used == 10'000);
    check_counters(m.place);
}

TEST_CASE("deliveries and removals of their accounts end one way or the other") {
    test::mail m(ON_BOTH_DATABASES);
    test::open_database other(m.place);
    for (int round = 0; round < 5; ++round) {
        std::vector<account> accounts;
        for (int i = 0; i < 3; ++i) accounts.push_back(m.account(fmt::format("account{}.{}", round, i)));
        const auto before = m.send(accounts, "before");
        auto elsewhere = std::async(std::launch::async,
                                    [&] { return other.run(other->accounts().remove_account(accounts[0].id)).has_value(); });
        for (const auto& outcome : deliver_many(m.db, accounts, 40, static_cast<unsigned>(round))) {
            if (!outcome) test::failure(outcome, errc::account_gone);
        }
        CHECK(elsewhere.get());
        CHECK(test::value(m.db.run(m.db->messages().trace(before))).places.size() == 2);
        check_counters(m.place);
    }
}

}  // namespace deliver_concurrency_test
