#include <future>

#include "queue_mail.hpp"
#include "storage/soci/query.hpp"
#include "test/run.hpp"

namespace queue_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::ids;
using test::queue_mail;

TEST_CASE("a submitted message is stored with its Sent copy, its queue items and its events at once") {
    queue_mail m(ON_BOTH_DATABASES);
    auto d = m.outgoing({"bob@far.test", "Carol@far.test", "dave@[192.0.2.7]"});
    d.outbound = {body_kind::eight_bit, true, dsn_return::headers, "an envid"};
    d.return_path_size = 7;
    d.remote[0].notify = {.given = true};
    d.remote[1].notify = {.given = true, .success = true, .delay = true};
    d.remote[1].orcpt = "rfc822;carol@origin.test";
    const auto id = d.id;
    const auto size = static_cast<std::int64_t>(d.octets->size());
    const auto stored = test::value(m.db.run(m.db->messages().deliver(std::move(d))));

    REQUIRE(stored.queue.size() == 3);
    CHECK(m.mailbox(m.alice, mailbox_role::sent).total == 1);
    CHECK(m.kinds(id) == std::vector<std::string>{"received", "queued", "queued", "queued"});
    const auto items = test::value(m.db.run(m.queue().list({})));
    REQUIRE(items.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(items[i].id == stored.queue[i]);
        CHECK(items[i].message == id);
        CHECK(items[i].reverse_path == "alice@example.test");
        CHECK(items[i].submitted_by == m.alice.id);
        CHECK(items[i].size == size);
        CHECK(items[i].return_path_size == 7);
        CHECK(items[i].outbound.body == body_kind::eight_bit);
        CHECK(items[i].outbound.smtputf8);
        CHECK(items[i].outbound.ret == dsn_return::headers);
        CHECK(items[i].outbound.envid == "an envid");
        CHECK(items[i].state == queue_state::waiting);
        CHECK(items[i].attempts == 0);
        CHECK(items[i].created_at == m.now());
        CHECK(items[i].next_attempt_at == m.now());
        CHECK(items[i].expires_at == m.now() + 96h);
        CHECK(items[i].lease_owner.empty());
        CHECK(!items[i].lease_until);
        CHECK(!items[i].delay_notified);
    }
    CHECK(items[0].recipient == "bob@far.test");
    CHECK(items[0].notify.never());
    CHECK(!items[0].orcpt);
    CHECK(items[1].recipient == "Carol@far.test");
    CHECK(items[1].destination == "far.test");
    CHECK(items[1].notify == dsn_notify{.given = true, .success = true, .delay = true});
    CHECK(items[1].orcpt == "rfc822;carol@origin.test");
    CHECK(items[2].destination == "[192.0.2.7]");
    CHECK(items[2].notify == dsn_notify{});
    const auto found = test::value(m.db.run(m.queue().find(stored.queue[1])));
    CHECK(found.recipient == "Carol@far.test");
    test::failure(m.db.run(m.queue().find({4711})), errc::not_found);
}

TEST_CASE("what is empty but given stays given, and what is not given stays so") {
    queue_mail m(ON_BOTH_DATABASES);
    auto d = m.outgoing({"bob@far.test"});
    d.outbound.envid = "";
    d.remote[0].orcpt = "";
    d.local.clear();  // nobody here has it
    d.submitted_by.reset();
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto item = test::value(m.db.run(m.queue().list({}))).at(0);
    CHECK(item.outbound.envid == "");
    CHECK(item.orcpt == "");
    CHECK(item.outbound.ret == dsn_return::unspecified);
    CHECK(item.outbound.body == body_kind::seven_bit);
    CHECK(!item.submitted_by);
}

TEST_CASE("a message that is refused leaves nothing in the queue") {
    queue_mail m(ON_BOTH_DATABASES);
    m.place.execute("UPDATE account SET quota_limit = 30");
    auto full = m.outgoing({"bob@far.test"}, "full", std::string(31, 'x'));
    test::failure(m.db.run(m.db->messages().deliver(std::move(full))), errc::over_quota);
    auto gone = m.outgoing({"bob@far.test"});
    gone.local.clear();
    test::value(m.db.run(m.db->accounts().set_disabled(m.alice.id, true)));
    test::failure(m.db.run(m.db->messages().deliver(std::move(gone))), errc::account_gone);
    auto spoiled = m.outgoing({"bob@far.test", ""});
    spoiled.local.clear();
    spoiled.submitted_by.reset();
    test::failure(m.db.run(m.db->messages().deliver(std::move(spoiled))), errc::failed);
    for (const auto* table : {"message", "message_content", "outbound", "queue_item", "message_event"})
        CHECK(m.count(table) == 0);
}

TEST_CASE("one bad recipient fails its own message, not the batch") {
    queue_mail m(ON_BOTH_DATABASES);
    std::vector<net::awaitable<core::result<delivered>>> batch;
    for (int i = 0; i < 20; ++i) {
        auto d = m.outgoing({"bob@far.test", "carol@far.test"});
        if (i == 7) d.remote[1].destination.clear();
        batch.push_back(m.db->messages().deliver(std::move(d)));
    }
    const auto outcomes = test::run_all(m.db.loop, std::move(batch));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (i == 7) {
            test::failure(outcomes[i], errc::failed);
        } else {
            CHECK(test::value(outcomes[i]).queue.size() == 2);
        }
    }
    CHECK(m.count("queue_item") == 38);
    CHECK(m.count("outbound") == 19);
}

TEST_CASE("an item born leased is its owner's until the lease runs out") {
    queue_mail m(ON_BOTH_DATABASES);
    auto d = m.outgoing({"bob@far.test"});
    d.lease_owner = "first";
    d.lease_until = m.now() + m.lease;
    const auto born = test::value(m.db.run(m.db->messages().deliver(std::move(d)))).queue;
    CHECK(m.claim("second").empty());
    CHECK(test::value(m.db.run(m.queue().next_due(m.now()))) == m.now() + m.lease);
    CHECK(test::value(m.db.run(m.queue().renew("first", born, m.now() + 2 * m.lease))) == born);
    CHECK(test::value(m.db.run(m.queue().renew("second", born, m.now() + 9 * m.lease))).empty());
    m.db.clock.advance(m.lease);
    CHECK(m.claim("second").empty());

    // The first process died.
    m.db.clock.advance(m.lease);
    const auto taken = m.claim("second");
    REQUIRE(ids(taken) == born);
    CHECK(taken[0].lease_owner == "second");
    CHECK(taken[0].lease_until == m.now() + m.lease);
    CHECK(test::value(m.db.run(m.queue().renew("first", born, m.now() + 9 * m.lease))).empty());
    // It was not dead after all.
    const auto late = test::value(m.conclude("first", {queue_mail::done(taken[0])}));
    CHECK(late.lost == born);
    CHECK(m.count("queue_item") == 1);
    CHECK(m.count("message_event WHERE kind = 'relayed'") == 0);
    CHECK(test::value(m.conclude("second", {queue_mail::done(taken[0])})).lost.empty());
    CHECK(m.count("queue_item") == 0);
}

TEST_CASE("a lease that ran out but was not taken by anybody still counts") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test"});
    const auto items = m.claim("first");
    m.db.clock.advance(2 * m.lease);
    CHECK(test::value(m.conclude("first", {queue_mail::done(items.at(0))})).lost.empty());
}

TEST_CASE("what is due longest is claimed first, what is not due, held, leased or unwanted not at all") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto first = m.submit({"a@one.test"});
    m.db.clock.advance(1s);
    const auto second = m.submit({"b@two.test"});
    m.db.clock.advance(1s);
    const auto third = m.submit({"c@three.test"});
    m.db.clock.advance(1s);
    const auto held = m.submit({"d@one.test"});
    CHECK(test::value(m.db.run(m.queue().hold(held, m.now()))) == 1);
    // The first one comes back a minute later.
    const auto early = m.claim("w", 1);
    REQUIRE(ids(early) == first);
    test::value(m.conclude("w", {m.deferred(early[0], m.now() + 1min)}));

    auto picky = m.request("w");
    picky.not_to = {"three.test", "never.test", "'; DROP TABLE queue_item --"};
    CHECK(ids(test::value(m.db.run(m.queue().claim(picky)))) == second);
    CHECK(ids(m.claim("x")) == third);
    CHECK(m.claim("y").empty());
    CHECK(test::value(m.db.run(m.queue().next_due(m.now()))) == m.now() + 1min);
    m.db.clock.advance(1min);
    const auto again = m.claim("y");
    REQUIRE(ids(again) == first);
    CHECK(again[0].attempts == 1);
    CHECK(again[0].last_host == "mx.far.test");
    CHECK(again[0].last_status == "4.2.0");
    CHECK(again[0].last_reply == "450 4.2.0 later");
}

TEST_CASE("with an item comes what else of its message is due, and nothing that is not") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto items = m.submit({"a@one.test", "b@two.test", "c@three.test", "d@four.test", "e@five.test"});
    const auto mine = m.claim("x", 5);
    REQUIRE(ids(mine) == items);
    const auto other = m.submit({"a@one.test"});
    test::value(m.conclude("x", {m.deferred(mine[0], m.now() + 2s), m.deferred(mine[1], m.now() - 1s),
                                 m.deferred(mine[2], m.now()), m.deferred(mine[4], m.now() + 3s)}));
    CHECK(test::value(m.db.run(m.queue().hold({items[2]}, m.now()))) == 1);
    m.db.clock.advance(2s);
    CHECK(ids(m.claim("w", 1)) == std::vector{items[0], items[1]});
    CHECK(ids(m.claim("w", 1)) == other);
    CHECK(m.claim("w", 1).empty());
}

TEST_CASE("a thousand items are claimed in rounds, each once, by two processes at the same time") {
    queue_mail m(ON_BOTH_DATABASES);
    std::vector<net::awaitable<core::result<delivered>>> batch;
    for (int i = 0; i < 250; ++i) {
        batch.push_back(m.db->messages().deliver(m.outgoing({"a@far.test", "b@far.test", "c@near.test", "d@near.test"})));
    }
    for (const auto& outcome : test::run_all(m.db.loop, std::move(batch))) test::value(outcome);
    test::open_database other(m.place);
    const auto claim_all = [&m](test::open_database& db, const std::string& owner) {
        std::vector<queue_id> all;
        for (;;) {
            const auto items = test::value(db.run(db->queue().claim(m.request(owner, 37))));
            if (items.empty()) return all;
            for (const auto& item : items) all.push_back(item.id);
        }
    };
    auto elsewhere = std::async(std::launch::async, [&] { return claim_all(other, "other"); });
    auto all = claim_all(m.db, "one");
    const auto theirs = elsewhere.get();
    all.insert(all.end(), theirs.begin(), theirs.end());
    CHECK(all.size() == 1000);
    CHECK(std::set(all.begin(), all.end()).size() == 1000);

    CHECK(m.count("queue_item WHERE lease_owner IS NULL") == 0);
    test::value(m.db.run(m.queue().release_leases("one")));
    CHECK(m.count("queue_item WHERE lease_owner = 'other'") == std::ssize(theirs));
    CHECK(m.claim("third", 1000).size() == 1000 - theirs.size());
}

TEST_CASE("a process that holds items keeps nobody waiting who claims others") {
    queue_mail m(test::engine::postgresql);
    m.place.settings.statement_timeout = 5s;
    test::open_database db(m.place);
    const auto locked = m.submit({"a@far.test"});
    m.db.clock.advance(1s);
    const auto free = m.submit({"b@far.test"});
    connection holder(m.place.settings, access::write);
    holder.begin();
    holder.execute("SELECT 1 FROM queue_item WHERE id = " + core::to_string(locked[0]) + " FOR UPDATE");
    CHECK(ids(test::value(db.run(db->queue().claim(m.request("w"))))) == free);
    holder.rollback();
    CHECK(ids(m.claim("w")) == locked);
}

TEST_CASE("the next time something is due is told, whoever holds what") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto next = [&m] { return test::value(m.db.run(m.queue().next_due(m.now()))); };
    CHECK(next() == std::nullopt);
    const auto start = m.now();
    const auto first = m.submit({"a@far.test"});
    CHECK(next() == start);
    const auto items = m.claim("w");
    CHECK(next() == start + m.lease);
    m.db.clock.advance(1min);
    const auto second = m.submit({"b@far.test"});
    CHECK(next() == m.now());
    test::value(m.db.run(m.queue().hold(second, m.now())));
    CHECK(next() == start + m.lease);
    test::value(m.conclude("w", {m.deferred(items[0], m.now() + 1h)}));
    CHECK(next() == m.now() + 1h);
}

TEST_CASE("claims and outcomes of a large queue go by its indexes") {
    queue_mail m(ON_BOTH_DATABASES);
    const bool sqlite = m.place.on() == test::engine::sqlite;
    const auto explain = [&](const std::string& sql) {
        std::string plan;
        connection session(m.place.settings, access::read);
        std::string line;
        if (sqlite) {
            std::int64_t a = 0, b = 0, c = 0;
            query rows(session, "EXPLAIN QUERY PLAN " + sql);
            rows.into(a).into(b).into(c).into(line);
            while (rows.next()) plan += line + '\n';
        } else {
            query rows(session, "EXPLAIN " + sql);
            rows.into(line);
            while (rows.next()) plan += line + '\n';
        }
        return plan;
    };
    m.submit({"a@far.test"});
    // 20,000 more recipients of that message, of which a few are due.
    m.place.execute(
        sqlite ? "WITH RECURSIVE n(i) AS (SELECT 1000001 UNION ALL SELECT i + 1 FROM n WHERE i < 1020000)"
                 " INSERT INTO queue_item (id, message_id, recipient, destination, created_at, next_attempt_at, expires_at)"
                 " SELECT i, message_id, 'x@far.test', 'far.test', created_at, created_at + i * 1000000, created_at FROM n,"
                 " (SELECT * FROM queue_item); ANALYZE"
               : "INSERT INTO queue_item (id, message_id, recipient, destination, created_at, next_attempt_at, expires_at)"
                 " SELECT i, message_id, 'x@far.test', 'far.test', created_at, created_at + i * interval '1 second', created_at"
                 " FROM queue_item, generate_series(1000001, 1020000) i; ANALYZE queue_item");
    const std::string time = sqlite ? "1764000001000000" : "timestamptz '2025-11-24T16:00:01Z'";
    CHECK_THAT(explain("SELECT q.id FROM queue_item q WHERE q.state = 'waiting' AND q.next_attempt_at <= " + time +
                       " AND (q.lease_until IS NULL OR q.lease_until <= " + time + ") ORDER BY q.next_attempt_at LIMIT 100"),
               Catch::Contains("queue_item_due"));
    CHECK_THAT(explain("SELECT next_attempt_at FROM queue_item WHERE state = 'waiting' AND lease_until IS NULL"
                       " ORDER BY queue_item.next_attempt_at LIMIT 1"),
               Catch::Contains("queue_item_due"));
    CHECK_THAT(explain("SELECT 1 FROM queue_item q WHERE q.message_id = 5"), Catch::Contains("queue_item_message"));
    CHECK(m.claim("w").size() == 1);
}

}  // namespace queue_test
