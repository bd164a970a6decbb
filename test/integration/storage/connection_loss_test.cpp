#include <vector>

#include "mail.hpp"
#include "storage/soci/connection.hpp"
#include "test/run.hpp"

namespace connection_loss_test {

using namespace postern;
using namespace postern::storage;
using test::engine;

TEST_CASE("a restart of the server that is over goes unnoticed by readers") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    const auto id = m.send({alice}, "large", std::string(2 * 1024 * 1024, 'x'));
    const auto content = test::value(m.db.run(m.db->messages().read_content(id, 1024)));
    test::value(m.db.run(m.db->accounts().find_routes("example.test", {"alice"})));  // a prepared statement to lose

    for (int restart = 0; restart < 3; ++restart) {
        m.place.drop_sessions();
        CHECK(test::value(m.db.run(m.db->accounts().find_routes("example.test", {"alice"}))).routes.size() == 1);
        CHECK(test::value(m.db.run(m.db->accounts().list_accounts(std::nullopt))).size() == 2);
        CHECK(test::value(m.db.run(m.db->messages().find_entry(alice.id, id.value))).message == id);
        test::value(m.db.run(m.db->ping()));
    }
    m.place.drop_sessions();
    CHECK(core::read_all(*content).size() == 2 * 1024 * 1024);
}

TEST_CASE("while there is no server every call is answered unavailable, and after it all is well again") {
    test::mail m(engine::postgresql);
    const auto alice = m.account("alice");
    const auto id = m.send({alice}, "before");

    m.place.allow_connections(false);
    m.place.drop_sessions();
    auto& accounts = m.db->accounts();
    auto& messages = m.db->messages();
    for (int round = 0; round < 3; ++round) {
        test::failure(m.db.run(m.db->ping()), errc::unavailable);
        test::failure(m.db.run(accounts.find_routes("example.test", {"alice"})), errc::unavailable);
        test::failure(m.db.run(accounts.find_caretaker("example.test")), errc::unavailable);
        test::failure(m.db.run(accounts.find_account(alice.id)), errc::unavailable);
        test::failure(m.db.run(accounts.list_domains()), errc::unavailable);
        test::failure(m.db.run(messages.list_mailboxes(alice.id)), errc::unavailable);
        test::failure(m.db.run(messages.find_entry(alice.id, id.value)), errc::unavailable);
        test::failure(m.db.run(messages.read_content(id, 1024)), errc::unavailable);
        test::failure(m.db.run(messages.trace(id)), errc::unavailable);
        test::failure(m.db.run(accounts.set_disabled(alice.id, false)), errc::unavailable);
        test::failure(m.db.run(accounts.add_domain("second.test", m.db.clock.now())), errc::unavailable);
    }
    m.place.allow_connections(true);

    const auto again = [&](auto call) {
        for (;;) {
            auto outcome = m.db.run(call());
            if (outcome) return outcome;
            test::failure(outcome, errc::unavailable);
        }
    };
    again([&] { return m.db->ping(); });
    CHECK(again([&] { return accounts.find_routes("example.test", {"alice"}); })->routes.size() == 1);
    again([&] { return accounts.add_domain("second.test", m.db.clock.now()); });
}

TEST_CASE("of calls under way when the sessions break, each is answered") {
    test::mail m(engine::postgresql);
    m.account("alice");
    for (int round = 0; round < 5; ++round) {
        std::vector<net::awaitable<core::result<route_answer>>> calls;
        for (int i = 0; i < 200; ++i) calls.push_back(m.db->accounts().find_routes("example.test", {"alice"}));
        boost::asio::post(m.db.loop, [&m] { m.place.drop_sessions(); });
        for (const auto& answer : test::run_all(m.db.loop, std::move(calls))) {
            if (!answer) {
                test::failure(answer, errc::unavailable);
            } else {
                CHECK(answer->routes.size() == 1);
            }
        }
    }
}

TEST_CASE("a statement that takes too long is given up") {
    test::fresh_database place(ON_BOTH_DATABASES);
    place.settings.statement_timeout = std::chrono::milliseconds(500);
    connection session(place.settings, access::read);
    session.restart_deadline();
    const auto endless = place.on() == engine::sqlite
                             ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
                             : "SELECT pg_sleep(3600)";
    try {
        session.execute(endless);
        FAIL("it ended");
    } catch (const database_error& given_up) {
        CHECK(given_up.code() == errc::failed);
    }
    CHECK(!session.lost());
    session.restart_deadline();
    session.execute("SELECT 1");
}

TEST_CASE("a lock that is not given is given up") {
    test::fresh_database place(ON_BOTH_DATABASES);
    place.settings.statement_timeout = std::chrono::milliseconds(500);
    connection holder(place.settings, access::write);
    connection waiter(place.settings, access::write);
    holder.begin();
    holder.execute("INSERT INTO domain (name, created_at) SELECT 'locked.test', " +
                   std::string(place.on() == engine::sqlite ? "0" : "now()"));
    try {
        waiter.begin();
        waiter.execute("LOCK TABLE domain IN ACCESS EXCLUSIVE MODE");  // PostgreSQL; SQLite waited at begin()
        FAIL("both hold it");
    } catch (const database_error& given_up) {
        CHECK(given_up.code() == errc::failed);
    }
    waiter.rollback();
    holder.commit();
    CHECK(place.number("SELECT count(*) FROM domain") == 1);
}

TEST_CASE("a commit whose answer never came is of unknown outcome, and any other failure is not") {
    test::fresh_database place(engine::postgresql);
    connection session(place.settings, access::write);
    session.begin();
    session.execute("INSERT INTO domain (name, created_at) VALUES ('a.test', now())");
    place.drop_sessions();
    try {
        session.commit();
        FAIL("it was committed");
    } catch (const database_error& unknown) {
        CHECK(unknown.code() == errc::outcome_unknown);
    }
    CHECK(session.lost());

    connection next(place.settings, access::write);
    next.begin();
    CHECK_THROWS_AS(next.execute("SELECT 1/0"), database_error);
    try {
        next.commit();  // answered ROLLBACK, which libpq calls a success
        FAIL("it was committed");
    } catch (const database_error& refused) {
        CHECK(refused.code() == errc::failed);
    }
    CHECK(!next.lost());
}

}  // namespace connection_loss_test
