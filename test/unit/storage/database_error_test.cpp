#include "storage/soci/database_error.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "test/catch.hpp"

namespace database_error_test {

using namespace postern::storage;

TEST_CASE("a SQLSTATE says whether the connection is gone, a rule was broken or the server refused") {
    const auto [sqlstate, expected, why] = GENERATE(table<const char*, errc, std::string>({
        {"08006", errc::unavailable, "connection failure"},
        {"57P01", errc::unavailable, "admin shutdown: pg_terminate_backend, a restart"},
        {"57P02", errc::unavailable, "crash shutdown"},
        {"57P03", errc::unavailable, "cannot connect now: starting up"},
        {"25P03", errc::unavailable, "the session ended for idling in a transaction"},
        {"25006", errc::unavailable, "read-only transaction: the primary became a standby"},
        {"     ", errc::unavailable, "libpq's own error, which has no SQLSTATE: the socket broke"},
        {"23505", errc::already_exists, "unique violation"},
        {"23503", errc::failed, "foreign key violation"},
        {"57014", errc::failed, "statement timeout"},
        {"55P03", errc::failed, "lock timeout"},
        {"53100", errc::failed, "disk full"},
    }));
    INFO(why);
    CHECK(explain(soci::postgresql_soci_error("said", sqlstate)).code() == expected);
}

TEST_CASE("an SQLite result says whether a rule was broken or the file failed") {
    const auto [result, expected, why] = GENERATE(table<int, errc, std::string>({
        {SQLITE_CONSTRAINT_UNIQUE, errc::already_exists, "unique index"},
        {SQLITE_CONSTRAINT_PRIMARYKEY, errc::already_exists, "primary key"},
        {SQLITE_CONSTRAINT_FOREIGNKEY, errc::failed, "foreign key"},
        {SQLITE_CANTOPEN, errc::unavailable, "the file went away"},
        {SQLITE_BUSY, errc::failed, "locked for longer than the timeout"},
        {SQLITE_FULL, errc::failed, "disk full"},
    }));
    INFO(why);
    CHECK(explain(soci::sqlite3_soci_error("said", result)).code() == expected);
}

TEST_CASE("what a failure says holds no parameters and no rows") {
    soci::postgresql_soci_error thrown("ERROR:  new row violates check constraint\nDETAIL:  Failing row contains (secret).",
                                       "23514");
    thrown.add_context("while executing \"UPDATE\" with :hash=\"secret\"");
    CHECK(std::string(explain(thrown).what()) == "ERROR:  new row violates check constraint");
    CHECK_THAT(to_error(thrown).message(), !Catch::Contains("secret"));
}

TEST_CASE("a failure to connect names every host's reason in one line") {
    const soci::soci_error thrown(
        "Cannot establish connection to the database.\nconnection to server at \"a\", port 1 failed: refused\n"
        "\tIs the server running?\nconnection to server at \"b\", port 2 failed: timeout\n");
    const auto explained = explain(thrown);
    CHECK(explained.code() == errc::unavailable);
    CHECK(std::string(explained.what()) ==
          "connection to server at \"a\", port 1 failed: refused  Is the server running? connection to server at \"b\", port 2 "
          "failed: timeout");
}

TEST_CASE("an error of our own stays what it is") {
    const auto explained = explain(database_error(errc::outcome_unknown, "the connection broke during commit", "08006"));
    CHECK(explained.code() == errc::outcome_unknown);
    CHECK(explained.sqlstate() == "08006");
}

TEST_CASE("every storage error has words of its own") {
    std::vector<std::string> seen;
    for (int value = 1; value <= static_cast<int>(errc::bad_url); ++value) {
        const auto said = make_error_code(static_cast<errc>(value)).message();
        CHECK(said != make_error_code(static_cast<errc>(0)).message());
        CHECK(std::find(seen.begin(), seen.end(), said) == seen.end());
        seen.push_back(said);
    }
}

}  // namespace database_error_test
