#include "queue_mail.hpp"

namespace queue_admin_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::engine;
using test::ids;
using test::queue_mail;

namespace {

std::vector<queue_id> listed(queue_mail& m, queue_store::filter f) {
    return ids(test::value(m.db.run(m.queue().list(std::move(f)))));
}

}  // namespace

TEST_CASE("the queue is listed by what is asked for, and all of it where nothing is") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto first = m.submit({"Bob@far.test", "carol@near.test"});
    m.db.clock.advance(1h);
    auto other = m.outgoing({"bob@far.test"});
    other.reverse_path = "Other@Example.test";
    const auto message = other.id;
    const auto second = test::value(m.db.run(m.db->messages().deliver(std::move(other)))).queue;
    test::value(m.db.run(m.queue().hold({first[1]}, m.now())));

    struct listing {
        const char* why;
        queue_store::filter asked;
        std::vector<queue_id> found;
    };
    const std::vector<listing> all{
        {"everything, by age", {}, {first[0], first[1], second[0]}},
        {"a destination", {.destination = "far.test"}, {first[0], second[0]}},
        {"a destination nobody has", {.destination = "FAR.test"}, {}},
        {"a sender, whatever its case", {.sender = "other@example.TEST"}, {second[0]}},
        {"a recipient, whatever its case", {.recipient = "BOB@far.test"}, {first[0], second[0]}},
        {"held", {.state = queue_state::held}, {first[1]}},
        {"waiting", {.state = queue_state::waiting}, {first[0], second[0]}},
        {"a message", {.message = message}, {second[0]}},
        {"old", {.created_before = m.now()}, {first[0], first[1]}},
        {"older still", {.created_before = m.now() - 1h}, {}},
        {"all at once", {.destination = "far.test", .sender = "alice@example.test", .created_before = m.now()}, {first[0]}},
        {"a quote", {.sender = "'; DELETE FROM queue_item; --"}, {}},
    };
    for (const auto& c : all) {
        INFO(c.why);
        CHECK(listed(m, c.asked) == c.found);
    }
}

TEST_CASE("a long queue is listed page by page, and what comes and goes meanwhile shifts nothing") {
    queue_mail m(ON_BOTH_DATABASES);
    std::vector<queue_id> all;
    for (int i = 0; i < 25; ++i) {
        const auto added = m.submit({"a@far.test", "b@near.test"});
        all.insert(all.end(), added.begin(), added.end());
    }
    std::vector<queue_id> read;
    queue_store::filter f{.limit = 7};
    for (;;) {
        const auto page = test::value(m.db.run(m.queue().list(f)));
        if (page.empty()) break;
        CHECK(page.size() <= 7);
        for (const auto& item : page) read.push_back(item.id);
        CHECK(std::ranges::is_sorted(page, {}, &queue_item::id));
        f.after = page.back().id;
        if (read.size() == 14) test::value(m.db.run(m.queue().remove({all[0], all[30]}, m.now())));
    }
    std::erase(all, all[30]);
    CHECK(read == all);
    CHECK(test::value(m.db.run(m.queue().list({.limit = 0}))).size() == 1);
    CHECK(test::value(m.db.run(m.queue().list({.limit = 100'000}))).size() == 48);
}

TEST_CASE("an administrator holds, releases and hurries items, and each step is in the message's history") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto items = m.submit({"bob@far.test", "carol@far.test"});
    const auto id = test::value(m.db.run(m.queue().find(items[0]))).message;
    CHECK(test::value(m.db.run(m.queue().hold(items, m.now()))) == 2);
    CHECK(test::value(m.db.run(m.queue().hold(items, m.now()))) == 0);
    CHECK(test::value(m.db.run(m.queue().retry_now(items, m.now()))) == 0);  // a held one waits for its release
    m.db.clock.advance(1h);
    CHECK(m.claim("w").empty());
    CHECK(test::value(m.db.run(m.queue().release({items[0], {4711}}, m.now()))) == 1);
    CHECK(test::value(m.db.run(m.queue().find(items[0]))).next_attempt_at == m.now());
    const auto claimed = m.claim("w");
    REQUIRE(ids(claimed) == std::vector{items[0]});
    test::value(m.conclude("w", {m.deferred(claimed[0], m.now() + 1h)}));
    CHECK(m.claim("w").empty());
    CHECK(test::value(m.db.run(m.queue().retry_now(items, m.now()))) == 1);
    CHECK(m.claim("w").size() == 1);

    const auto trace = test::value(m.db.run(m.db->messages().trace(id)));
    std::vector<std::string> told;
    for (const auto& event : trace.events) told.push_back(event.kind + ' ' + event.recipient);
    CHECK(told == std::vector<std::string>{"received ", "queued bob@far.test", "queued carol@far.test", "held bob@far.test",
                                           "held carol@far.test", "released bob@far.test", "deferred bob@far.test",
                                           "retried bob@far.test"});
}

TEST_CASE("an item under a running lease is left to its worker, but for its removal") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto items = m.submit({"bob@far.test"});
    const auto claimed = m.claim("w");
    CHECK(test::value(m.db.run(m.queue().hold(items, m.now()))) == 0);
    CHECK(test::value(m.db.run(m.queue().retry_now(items, m.now()))) == 0);
    CHECK(m.count("queue_item WHERE lease_owner = 'w'") == 1);
    m.db.clock.advance(m.lease);
    CHECK(test::value(m.db.run(m.queue().retry_now(items, m.now()))) == 1);  // its worker died
    REQUIRE(m.claim("x").size() == 1);

    CHECK(test::value(m.db.run(m.queue().remove(items, m.now()))) == 1);
    CHECK(test::value(m.db.run(m.queue().remove(items, m.now()))) == 0);
    CHECK(m.count("queue_item") == 0);
    CHECK(m.count("outbound") == 0);
    CHECK(test::value(m.conclude("x", {queue_mail::done(claimed.at(0))}, {m.bounce()})).lost == items);
    CHECK(m.kinds(claimed[0].message) == std::vector<std::string>{"received", "queued", "retried", "removed"});
}

TEST_CASE("a thousand items are decided about at once") {
    queue_mail m(ON_BOTH_DATABASES);
    std::vector<std::string> recipients;
    for (int i = 0; i < 1000; ++i) recipients.push_back("user" + std::to_string(i) + "@far.test");
    const auto items = m.submit(recipients);
    REQUIRE(items.size() == 1000);
    CHECK(std::set(items.begin(), items.end()).size() == 1000);
    CHECK(test::value(m.db.run(m.queue().hold(items, m.now()))) == 1000);
    CHECK(test::value(m.db.run(m.queue().release(items, m.now()))) == 1000);
    CHECK(test::value(m.db.run(m.queue().retry_now(items, m.now()))) == 1000);
    CHECK(m.claim("w", 1000).size() == 1000);
    CHECK(test::value(m.db.run(m.queue().renew("w", items, m.now() + 9 * m.lease))) == items);
    CHECK(test::value(m.db.run(m.queue().remove(items, m.now()))) == 1000);
    CHECK(m.count("message_timeline") == 1 + 5 * 1000);
    CHECK(m.count("message_event") == m.count("(SELECT DISTINCT id FROM message_event) AS ids"));
    CHECK(m.count("outbound") == 0);
}

TEST_CASE("the queue's depth counts waiting and held items and knows the oldest") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto depth = [&m] { return test::value(m.db.run(m.queue().depth())); };
    CHECK(depth().waiting == 0);
    CHECK(depth().oldest == std::nullopt);
    const auto start = m.now();
    const auto first = m.submit({"a@far.test", "b@far.test"});
    m.db.clock.advance(1h);
    m.submit({"c@far.test"});
    test::value(m.db.run(m.queue().hold({first[0]}, m.now())));
    CHECK(depth().waiting == 2);
    CHECK(depth().held == 1);
    CHECK(depth().oldest == start);
    test::value(m.db.run(m.queue().remove(first, m.now())));
    CHECK(depth().held == 0);
    CHECK(depth().oldest == m.now());
}

// Waking across processes.

TEST_CASE("what one process leaves to whoever claims wakes another") {
    queue_mail m(engine::postgresql);
    test::open_database other(m.place);
    int woken = 0;
    other->queue().on_wake([&woken] { ++woken; });
    const auto wait_for_wake = [&] {
        other.run_until([&] { return woken > 0; });
        woken = 0;
    };
    wait_for_wake();  // it listens now, and says so
    const auto items = m.submit({"bob@far.test"});
    wait_for_wake();
    test::value(m.db.run(m.queue().hold(items, m.now())));
    test::value(m.db.run(m.queue().release(items, m.now())));
    wait_for_wake();
    test::value(m.db.run(m.queue().retry_now(items, m.now())));
    wait_for_wake();
    m.claim("w");
    test::value(m.db.run(m.queue().release_leases("w")));
    wait_for_wake();
    auto notice = m.letter({}, "notice");
    notice.remote = {queue_mail::to("x@far.test", m.now())};
    test::value(m.conclude("w", {}, {notice}));
    wait_for_wake();

    // What is worked on from birth concerns nobody else. The next one proves that it was not told of.
    auto leased = m.outgoing({"carol@far.test"});
    leased.lease_owner = "w";
    leased.lease_until = m.now() + m.lease;
    test::value(m.db.run(m.db->messages().deliver(std::move(leased))));
    test::value(m.db.run(m.db->messages().deliver(m.letter({m.alice}, "local"))));
    CHECK(test::value(other.run(other->queue().next_due(m.now()))) == m.now());
    CHECK(woken == 0);
    m.submit({"dave@far.test"});
    wait_for_wake();
}

TEST_CASE("after a restart of the server a process listens again, and counts what it missed as a wake") {
    queue_mail m(engine::postgresql);
    test::open_database other(m.place);
    int woken = 0;
    other->queue().on_wake([&woken] { ++woken; });
    for (int restart = 0; restart < 3; ++restart) {
        other.run_until([&] { return woken > restart; });
        m.place.drop_sessions();
    }
    other.run_until([&] { return woken > 3; });
    woken = 0;
    m.submit({"bob@far.test"});
    other.run_until([&] { return woken > 0; });
}

TEST_CASE("a closed database wakes nobody, whatever was on its way") {
    queue_mail m(engine::postgresql);
    int woken = 0;
    {
        test::open_database other(m.place);
        other->queue().on_wake([&woken] { ++woken; });
        other.run_until([&] { return woken > 0; });
        m.submit({"bob@far.test"});
        other->close();
        woken = 0;
        other.loop.poll();
        CHECK(woken == 0);
    }
    test::open_database unreachable(m.place);
    m.place.allow_connections(false);
    m.place.drop_sessions();
    unreachable->queue().on_wake([] {});  // ends all the same, though it never gets a connection
}

TEST_CASE("on SQLite nobody is ever woken") {
    queue_mail m(engine::sqlite);
    m.queue().on_wake([] { FAIL("woken"); });
    m.submit({"bob@far.test"});
    m.db.loop.poll();
}

}  // namespace queue_admin_test
