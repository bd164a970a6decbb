#include "storage/soci/connection.hpp"

#include <filesystem>

#include "core/clock.hpp"
#include "storage/soci/query.hpp"
#include "test/engines.hpp"

namespace connection_test {

using namespace postern;
using namespace postern::storage;
using test::engine;

namespace {

std::string answer(connection& on, const std::string& sql) {
    std::string text;
    query(on, sql).into(text).next();
    return text;
}

}  // namespace

TEST_CASE("an SQLite session is durable, checks its keys and reads beside a writer") {
    const test::fresh_database place(engine::sqlite);
    connection session(place.settings, access::write);
    CHECK(answer(session, "PRAGMA journal_mode") == "wal");
    CHECK(answer(session, "PRAGMA synchronous") == "2");  // FULL
    CHECK(answer(session, "PRAGMA foreign_keys") == "1");
    CHECK(session.kind() == backend::sqlite);
    CHECK(session.sqlite() != nullptr);
    CHECK(session.postgresql() == nullptr);
}

TEST_CASE("a PostgreSQL session is durable, limited and speaks our tongue") {
    test::fresh_database place(engine::postgresql);
    place.settings.statement_timeout = std::chrono::milliseconds(7000);
    place.execute("ALTER DATABASE " +
                  answer(*std::make_unique<connection>(place.settings, access::read), "SELECT current_database()") +
                  " SET synchronous_commit = off");
    connection session(place.settings, access::write);
    const auto setting = [&](const std::string& name) { return answer(session, "SELECT current_setting('" + name + "')"); };
    CHECK(setting("synchronous_commit") == "on");  // whatever the server's default: 250 means on disk
    CHECK(setting("statement_timeout") == "7s");
    CHECK(setting("lock_timeout") == "7s");
    CHECK(setting("idle_in_transaction_session_timeout") == "14s");
    CHECK(setting("TimeZone") == "UTC");
    CHECK(setting("client_encoding") == "UTF8");
    CHECK(setting("application_name") == "postern");
    CHECK(session.postgresql() != nullptr);
    CHECK(session.sqlite() == nullptr);
}

TEST_CASE("a server that waits for its standbys goes on doing so") {
    const test::fresh_database place(engine::postgresql);
    connection(place.settings, access::write)
        .execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = remote_apply', current_database()); END "
            "$$");
    connection session(place.settings, access::write);
    CHECK(answer(session, "SELECT current_setting('synchronous_commit')") == "remote_apply");
}

TEST_CASE("every parameter of a PostgreSQL URL arrives as it was written") {
    test::fresh_database place(engine::postgresql);
    place.settings.url += place.settings.url.find('?') == std::string::npos ? "?" : "&";
    place.settings.url += "application_name=two%20%20blanks%3Dand%27quotes%5C&options=-c%20work_mem%3D12345kB";
    connection session(place.settings, access::read);
    CHECK(answer(session, "SELECT current_setting('application_name')") == "two  blanks=and'quotes\\");
    CHECK(answer(session, "SELECT current_setting('work_mem')") == "12345kB");
}

TEST_CASE("the next host is tried when the first is not there") {
    test::fresh_database place(engine::postgresql);
    const auto at = place.settings.url.find('@') == std::string::npos ? place.settings.url.find("://") + 3
                                                                      : place.settings.url.find('@') + 1;
    place.settings.url.insert(at, "127.0.0.1:1,");
    connection session(place.settings, access::read);
    CHECK(answer(session, "SELECT 'here'") == "here");
}

TEST_CASE("an SQLite file may have any name") {
    test::fresh_database place(engine::sqlite, false);
    const auto folder = std::filesystem::path(place.settings.url.substr(9)).parent_path();
    const auto* const name = GENERATE("with blank.db", "dbname=other synchronous=off", "quote\"s'.db", "file:x", "ü.db", "%25");
    place.settings.url = "sqlite://" + (folder / name).string();
    test::value(migrate(place.settings, core::system_clock()));
    CHECK(std::filesystem::exists(folder / (name == std::string("%25") ? "%" : name)));
    connection session(place.settings, access::read);
    CHECK(answer(session, "PRAGMA synchronous") == "2");
}

TEST_CASE("a new SQLite file is its owner's alone") {
    const test::fresh_database place(engine::sqlite);
    connection session(place.settings, access::write);
    session.execute("DELETE FROM domain");  // so that there is a log
    using std::filesystem::perms;
    for (const auto* suffix : {"", "-wal", "-shm"}) {
        const auto mode = std::filesystem::status(place.settings.url.substr(9) + suffix).permissions();
        CHECK(mode == (perms::owner_read | perms::owner_write));
    }
}

TEST_CASE("a mistyped SQLite path is not a new database") {
    test::fresh_database place(engine::sqlite);
    place.settings.url += "x";
    try {
        connection session(place.settings, access::write);
        FAIL("it opened");
    } catch (const database_error& refused) {
        CHECK(refused.code() == errc::unavailable);
    }
    CHECK(!std::filesystem::exists(place.settings.url.substr(9)));
}

TEST_CASE("what a query reads into is emptied by a NULL") {
    const test::fresh_database place(ON_BOTH_DATABASES);
    connection session(place.settings, access::read);
    std::string text;
    std::int64_t number = 0;
    bool flag = false;
    std::optional<std::int64_t> maybe;
    std::optional<core::timestamp> time;
    query rows(session, "SELECT 'a', 7, 1, 8, 9 UNION ALL SELECT NULL, NULL, NULL, NULL, NULL");
    rows.into(text).into(number).into(flag).into(maybe).into(time);
    REQUIRE(rows.next());
    CHECK((text == "a" && number == 7 && flag && maybe == 8 && time == core::timestamp(std::chrono::microseconds(9))));
    REQUIRE(rows.next());
    CHECK((text.empty() && number == 0 && !flag && !maybe && !time));
    CHECK(!rows.next());
}

TEST_CASE("a transaction that is rolled back leaves nothing, one that is committed everything") {
    const test::fresh_database place(ON_BOTH_DATABASES);
    const std::string now = place.on() == engine::sqlite ? "0" : "now()";
    connection session(place.settings, access::write);
    session.begin();
    session.execute("INSERT INTO domain (name, created_at) VALUES ('a.test', " + now + ")");
    session.rollback();
    session.rollback();  // of nothing: nothing
    session.begin();
    session.execute("INSERT INTO domain (name, created_at) VALUES ('b.test', " + now + ")");
    session.commit();
    CHECK(place.text("SELECT name FROM domain") == "b.test");
    CHECK(!session.lost());
}

}  // namespace connection_test
