#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "cutting_proxy.hpp"
#include "mail.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/postgresql_delivery.hpp"
#include "test/run.hpp"

namespace deliver_failure_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::cutting_proxy;
using test::engine;

namespace {

std::string present(message_id id) { return "SELECT count(*) FROM message WHERE id = " + core::to_string(id); }

std::vector<delivery> letters(test::mail& m, const account& to, int count, std::size_t size = 500) {
    std::vector<delivery> all;
    for (int i = 0; i < count; ++i) all.push_back(m.letter({to}, "n", std::string(size, 'x')));
    return all;
}

std::vector<core::result<delivered>> deliver_all(test::open_database& db, std::vector<delivery> all) {
    std::vector<net::awaitable<core::result<delivered>>> calls;
    for (auto& d : all) calls.push_back(db->messages().deliver(std::move(d)));
    return test::run_all(db.loop, std::move(calls));
}

std::shared_ptr<delivery_item> item_of(delivery d) {
    return std::make_shared<delivery_item>(new_message{.what = std::move(d), .queue = {}});
}

/// A lane with bounds of its own.
struct lane_through {
    lane_through(test::mail& m, postgresql_delivery::silence_bounds silence)
        : lane(m.db.executor(), connected(m.place.settings, silence), {}, core::logger()) {}
    ~lane_through() { lane.close(); }
    lane_through(const lane_through&) = delete;
    lane_through& operator=(const lane_through&) = delete;

    static std::unique_ptr<batch_executor> connected(const config::database_settings& settings,
                                                     postgresql_delivery::silence_bounds silence) {
        auto database = std::make_unique<postgresql_delivery>(settings, silence);
        REQUIRE(database->connect().ok());
        return database;
    }

    group_commit lane;
};

/// A lane whose server does not answer the next COMMIT before it is let go.
struct held_commit {
    held_commit(std::chrono::milliseconds statement_timeout, postgresql_delivery::silence_bounds silence)
        : writes(behind(proxy, m, statement_timeout), silence) {
        proxy.next(cutting_proxy::cut::held);
    }

    static test::mail& behind(const cutting_proxy& proxy, test::mail& m, std::chrono::milliseconds statement_timeout) {
        m.place.settings.url = proxy.url();
        m.place.settings.statement_timeout = statement_timeout;
        return m;
    }

    test::mail m{engine::postgresql};
    account alice = m.account("alice");
    cutting_proxy proxy{m.place.settings.url};
    lane_through writes;
};

/// Calls until the database is there again.
template <class Call>
auto until_available(Call call) {
    for (;;) {
        auto outcome = call();
        if (outcome || outcome.error().code != errc::unavailable) return outcome;
    }
}

}  // namespace

TEST_CASE("a commit whose answer is lost is neither acknowledged nor tried again, whether it happened or not") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    const auto how = GENERATE(cutting_proxy::cut::before_commit, cutting_proxy::cut::after_commit);
    const auto size = GENERATE(std::size_t{500}, std::size_t{2'500'000});  // either lane
    cutting_proxy proxy(m.place.settings.url);
    m.place.settings.url = proxy.url();
    test::open_database through(m.place);
    auto batch = letters(m, alice, size < 1000 ? 5 : 1, size);
    std::vector<message_id> ids;
    for (const auto& d : batch) ids.push_back(d.id);

    // A first one may go alone before the others have gathered: whichever transaction COMMIT is cut in, its items are unknown.
    // So are those that were sent behind that COMMIT, which the cut kept from the server.
    proxy.next(how);
    const auto outcomes = deliver_all(through, std::move(batch));
    int unknown = 0;
    int unknown_and_stored = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const bool stored = m.place.number(present(ids[i])) == 1;
        if (outcomes[i]) {
            CHECK(stored);
        } else {
            test::failure(outcomes[i], errc::outcome_unknown);
            ++unknown;
            if (stored) ++unknown_and_stored;
        }
    }
    CHECK(unknown >= 1);
    CHECK((unknown_and_stored >= 1) == (how == cutting_proxy::cut::after_commit));
    // The lane connects again by itself and goes on.
    test::value(through.run(through->messages().deliver(m.letter({alice}, "next", std::string(size, 'x')))));
}

TEST_CASE("a server that does not answer COMMIT is given up: its items are of unknown outcome, and the lane goes on") {
    held_commit server(1s, {.statement = 0ms, .commit = 0ms});
    auto& [m, alice, proxy, writes] = server;
    std::vector<std::shared_ptr<delivery_item>> batch;
    std::vector<net::awaitable<core::result<void>>> calls;
    for (int i = 0; i < 5; ++i) calls.push_back(writes.lane.deliver(batch.emplace_back(item_of(m.letter({alice}, "n")))));
    const auto outcomes = test::run_all(m.db.loop, std::move(calls));
    int unknown = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i]) {
            CHECK(m.place.number(present(batch[i]->messages.front().what.id)) == 1);
        } else {
            test::failure(outcomes[i], errc::outcome_unknown);
            ++unknown;
        }
    }
    CHECK(unknown >= 1);
    test::value(m.db.run(writes.lane.deliver(item_of(m.letter({alice}, "next")))));
}

TEST_CASE("a COMMIT that is answered late, but within its bound, is a success") {
    held_commit server(750ms, {.statement = 0ms});
    auto& [m, alice, proxy, writes] = server;
    std::thread disk([&server] {
        server.proxy.wait_for_answer();
        // Nothing is waited for but time itself: any other statement would have been given up after one and a half seconds.
        std::this_thread::sleep_for(2s);
        server.proxy.let_go();
    });
    const auto slow = item_of(m.letter({alice}, "slow"));
    const auto outcome = m.db.run(writes.lane.deliver(slow));
    disk.join();
    test::value(outcome);
    CHECK(m.place.number(present(slow->messages.front().what.id)) == 1);
    CHECK(m.place.number("SELECT count(*) FROM message") == 1);
    test::value(m.db.run(writes.lane.deliver(item_of(m.letter({alice}, "next")))));
}

TEST_CASE("the answer to a batch that was sent ahead is not taken for another batch's") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    const auto item = [&] { return item_of(m.letter({alice}, "n")); };
    const auto first = item(), ahead = item(), other = item();
    const auto one = [](const std::shared_ptr<delivery_item>& i) { return std::span(&i, 1); };
    postgresql_delivery lane(m.place.settings);
    REQUIRE(lane.connect().ok());
    REQUIRE(lane.deliver(one(first)).ok());
    REQUIRE(lane.commit([&] { return one(ahead); }).ok());
    CHECK(lane.deliver(one(other)).end == step::ending::lost);
    CHECK(m.place.number(present(other->messages.front().what.id)) == 0);

    lane.rollback();
    REQUIRE(lane.connect().ok());
    REQUIRE(lane.deliver(one(other)).ok());
    REQUIRE(lane.commit([] { return std::span<const std::shared_ptr<delivery_item>>(); }).ok());
    CHECK(m.place.number(present(other->messages.front().what.id)) == 1);
}

TEST_CASE("a job's commit whose answer is lost is of unknown outcome too") {
    test::mail m(engine::postgresql);
    cutting_proxy proxy(m.place.settings.url);
    m.place.settings.url = proxy.url();
    test::open_database through(m.place);
    proxy.next(cutting_proxy::cut::after_commit);
    test::failure(through.run(through->accounts().add_domain("second.test", m.db.clock.now())), errc::outcome_unknown);
    CHECK(m.place.number("SELECT count(*) FROM domain WHERE name = 'second.test'") == 1);
    test::failure(through.run(through->accounts().add_domain("second.test", m.db.clock.now())), errc::already_exists);
}

TEST_CASE("sessions killed under load: what was acknowledged is there, what was refused is not, and counts are right") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    std::atomic<bool> done = false;
    std::thread killer([&] {
        for (int i = 0; i < 15 && !done; ++i) m.place.drop_sessions();
    });
    std::vector<message_id> stored, refused;
    std::int64_t unknown = 0;
    for (int round = 0; round < 30; ++round) {
        std::vector<delivery> batch;
        for (int i = 0; i < 20; ++i) {
            const auto id = until_available([&] { return m.db.run(m.db->messages().next_id()); });
            if (!id) continue;  // drawn in a transaction that ended unknown
            delivery d;
            d.id = *id;
            d.received_at = m.db.clock.now();
            d.octets = std::make_shared<core::memory_content>(std::string(i == 0 ? 1'500'000 : 700, 'x'));
            d.local = {{alice.id, mailbox_role::inbox, "alice@example.test", false}};
            batch.push_back(std::move(d));
        }
        std::vector<message_id> ids;
        for (const auto& d : batch) ids.push_back(d.id);
        const auto outcomes = deliver_all(m.db, std::move(batch));
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            if (outcomes[i]) {
                stored.push_back(ids[i]);
            } else if (outcomes[i].error().code == errc::outcome_unknown) {
                ++unknown;
            } else {
                test::failure(outcomes[i], errc::unavailable);
                refused.push_back(ids[i]);
            }
        }
    }
    done = true;
    killer.join();
    const auto count_of = [&m](const std::vector<message_id>& ids) {
        std::string list = "0";
        for (const auto id : ids) list += ',' + core::to_string(id);
        return m.place.number("SELECT count(*) FROM message WHERE id IN (" + list + ')');
    };
    CHECK(count_of(stored) == std::ssize(stored));
    CHECK(count_of(refused) == 0);
    const auto there = m.place.number("SELECT count(*) FROM message");
    CHECK(there >= std::ssize(stored));
    CHECK(there <= std::ssize(stored) + unknown);
    CHECK(m.place.number("SELECT total FROM mailbox WHERE role = 'inbox' AND total > 0") == there);
    CHECK(m.place.number("SELECT count(*) FROM message m WHERE (SELECT sum(octet_length(octets)) FROM message_octets c"
                         " WHERE c.message_id = m.id) <> m.size") == 0);
}

TEST_CASE("without a server messages and ids are refused at once, and after it all is well again") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    auto one = letters(m, alice, 1), two = letters(m, alice, 1);
    m.place.allow_connections(false);
    m.place.drop_sessions();
    test::failure(deliver_all(m.db, std::move(one))[0], errc::unavailable);
    test::failure(m.db.run(m.db->messages().next_id()), errc::unavailable);
    test::failure(deliver_all(m.db, std::move(two))[0], errc::unavailable);
    m.place.allow_connections(true);
    test::value(until_available([&] { return m.db.run(m.db->messages().next_id()); }));
    test::value(deliver_all(m.db, letters(m, alice, 1))[0]);
    CHECK(m.place.number("SELECT total FROM mailbox WHERE role = 'inbox' AND total > 0") == 1);
}

TEST_CASE("a server's restart between two messages goes unnoticed") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    for (const std::size_t size : {500UL, 1'500'000UL, 500UL, 1'500'000UL}) {
        auto batch = letters(m, alice, 3, size);
        m.place.drop_sessions();
        for (const auto& outcome : deliver_all(m.db, std::move(batch))) test::value(outcome);
    }
    CHECK(m.mailbox(alice, mailbox_role::inbox).total == 12);
}

TEST_CASE("a mailbox that somebody keeps locked fails its messages after the timeout, and only that long") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    m.place.settings.statement_timeout = std::chrono::seconds(2);
    test::open_database db(m.place);
    connection holder(m.place.settings, access::write);
    holder.begin();
    holder.execute("SELECT 1 FROM account WHERE id = " + core::to_string(alice.id) + " FOR UPDATE");
    test::failure(db.run(db->messages().deliver(m.letter({alice}, "locked"))), errc::failed);
    test::value(db.run(db->messages().deliver(m.letter({bob}, "free"))));
    holder.rollback();
    test::value(db.run(db->messages().deliver(m.letter({alice}, "free"))));
}

TEST_CASE("an SQLite file that another process writes to is waited for, but not for ever") {
    test::mail m(engine::sqlite);
    const auto alice = m.account("alice");
    m.place.settings.statement_timeout = std::chrono::milliseconds(200);
    test::open_database db(m.place);
    auto small = letters(m, alice, 2), large = letters(m, alice, 2, 1'500'000);
    connection holder(m.place.settings, access::write);
    holder.begin();
    for (auto* batch : {&small, &large}) {
        const auto refused = test::failure(db.run(db->messages().deliver(std::move(batch->front()))), errc::failed);
        CHECK(refused.detail == "database is locked");
    }
    holder.rollback();
    for (auto* batch : {&small, &large}) test::value(db.run(db->messages().deliver(std::move(batch->back()))));
}

TEST_CASE("an SQLite log does not grow without end while messages come in") {
    test::mail m(engine::sqlite);
    const auto alice = m.account("alice");
    for (int round = 0; round < 40; ++round) {
        for (const auto& outcome : deliver_all(m.db, letters(m, alice, 20, 60'000))) test::value(outcome);
    }
    const auto path = m.place.settings.url.substr(std::string("sqlite://").size()) + "-wal";
    CHECK(std::filesystem::file_size(path) < 40 * 1024 * 1024);  // 48 MB came in, each octet once in the log
}

}  // namespace deliver_failure_test
