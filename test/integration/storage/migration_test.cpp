#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.hpp"
#include "storage/imap_store.hpp"
#include "storage/maintenance.hpp"
#include "storage/soci/connection.hpp"
#include "storage/upkeep_store.hpp"
#include "test/engines.hpp"

namespace migration_test {

using namespace postern;
using namespace postern::storage;
using test::engine;
using test::fresh_database;

namespace {

const core::system_clock now;

std::string file_of(const fresh_database& place) { return place.settings.url.substr(std::string("sqlite://").size()); }

}  // namespace

TEST_CASE("an empty database is migrated once, and then there is nothing to do") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    const auto before = test::value(inspect_schema(place.settings));
    CHECK(before.database_version == 0);
    CHECK(before.program_version >= 1);
    REQUIRE(before.pending.size() == static_cast<std::size_t>(before.program_version));
    CHECK(before.pending.front().version == 1);
    CHECK(before.pending.front().name == "receive_and_read");
    CHECK_THAT(before.pending.front().sql, Catch::Contains("CREATE TABLE mailbox_message"));

    const auto applied = test::value(migrate(place.settings, now));
    REQUIRE(applied.size() == before.pending.size());
    CHECK(applied.front().name == "receive_and_read");
    CHECK(place.number("SELECT count(*) FROM schema_version") == std::ssize(applied));
    CHECK(place.text("SELECT name FROM schema_version WHERE version = 1") == "receive_and_read");
    CHECK(place.number("SELECT count(*) FROM inbox") == 0);  // the views are there

    CHECK(test::value(migrate(place.settings, now)).empty());
    const auto after = test::value(inspect_schema(place.settings));
    CHECK(after.database_version == after.program_version);
    CHECK(after.pending.empty());
}

TEST_CASE("looking at a schema changes nothing") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    test::value(inspect_schema(place.settings));
    if (place.on() == engine::sqlite) {
        CHECK(!std::filesystem::exists(file_of(place)));
    } else {
        CHECK(place.number("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0);
    }
}

TEST_CASE("the folder of an SQLite file is made by migrating, not by looking") {
    fresh_database place(engine::sqlite, false);
    const auto folder = std::filesystem::path(file_of(place)).parent_path() / "new" / "folder";
    place.settings.url = "sqlite://" + (folder / "postern.db").string();
    test::value(inspect_schema(place.settings));
    CHECK(!std::filesystem::exists(folder));
    test::value(migrate(place.settings, now));
    CHECK(std::filesystem::exists(folder / "postern.db"));
}

TEST_CASE("the time a step was applied at is kept to the microsecond") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    const core::manual_clock clock(core::timestamp(std::chrono::microseconds(1'764'000'000'123'457)));
    test::value(migrate(place.settings, clock));
    const auto kept = place.on() == engine::sqlite
                          ? place.number("SELECT applied_at FROM schema_version")
                          : place.number("SELECT CAST(extract(epoch FROM applied_at) * 1000000 AS bigint) FROM schema_version");
    CHECK(kept == 1'764'000'000'123'457);
}

TEST_CASE("a database of a newer program is refused, naming both versions") {
    const fresh_database place(ON_BOTH_DATABASES);
    const auto ours = std::to_string(test::value(inspect_schema(place.settings)).program_version);
    place.execute(place.on() == engine::sqlite ? "INSERT INTO schema_version VALUES (7000, 'from_the_future', 0)"
                                               : "INSERT INTO schema_version VALUES (7000, 'from_the_future', now())");
    boost::asio::io_context loop;
    const auto inspected = test::failure(inspect_schema(place.settings), errc::schema_newer);
    CHECK_THAT(inspected.message(), Catch::Contains("7000 (from_the_future)") && Catch::Contains("none after " + ours));
    test::failure(migrate(place.settings, now), errc::schema_newer);
    test::failure(open(loop.get_executor(), place.settings, now, {}), errc::schema_newer);
}

TEST_CASE("a database that wants migrating is not opened") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    boost::asio::io_context loop;
    const auto refused = test::failure(open(loop.get_executor(), place.settings, now, {}), errc::schema_older);
    CHECK_THAT(refused.message(), Catch::Contains("version 0"));
}

TEST_CASE("a step that fails leaves nothing behind and says which it was") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    place.execute("CREATE TABLE message_event (in_the_way integer)");  // the first step fails near its end
    const auto failed = test::failure(migrate(place.settings, now), errc::failed);
    CHECK_THAT(failed.message(), Catch::Contains("0001_receive_and_read") && Catch::Contains("message_event"));
    place.execute("DROP TABLE message_event");
    CHECK(test::value(inspect_schema(place.settings)).database_version == 0);
    CHECK(test::value(migrate(place.settings, now)).size() == static_cast<std::size_t>(schema_version()));
}

TEST_CASE("two processes that migrate at once apply each step once") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    std::array<pid_t, 4> children{};
    for (auto& child : children) {
        child = fork();
        REQUIRE(child >= 0);
        if (child == 0) _exit(migrate(place.settings, now) ? 0 : 1);
    }
    for (const auto child : children) {
        int status = -1;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
    CHECK(place.number("SELECT count(*) FROM schema_version") == test::value(inspect_schema(place.settings)).program_version);
}

TEST_CASE("migrating waits for another process only so long, and says so") {
    fresh_database place(engine::postgresql, false);
    place.settings.statement_timeout = std::chrono::milliseconds(100);
    storage::connection other(place.settings, storage::access::write);
    other.execute("SELECT pg_advisory_lock(22605217451561550)");  // "POSTERN" in ASCII
    const auto failed = test::failure(migrate(place.settings, now), errc::failed);
    CHECK_THAT(failed.message(), Catch::Contains("another process is migrating"));
}

TEST_CASE("a database that cannot be reached is unavailable") {
    config::database_settings settings;
    settings.url =
        GENERATE(as<std::string>{}, "postgresql://postgres:secret@127.0.0.1:1/none", "sqlite:///proc/none/postern.db");
    boost::asio::io_context loop;
    const auto failed = test::failure(migrate(settings, now), errc::unavailable);
    CHECK_THAT(failed.message(), !Catch::Contains("secret"));
    if (settings.url.starts_with("postgresql")) {
        test::failure(inspect_schema(settings), errc::unavailable);
        test::failure(open(loop.get_executor(), settings, now, {}), errc::unavailable);
    }
}

TEST_CASE("a URL that is not understood is refused everywhere") {
    config::database_settings settings;
    settings.url = "oracle://scott:tiger@host";
    boost::asio::io_context loop;
    test::failure(inspect_schema(settings), errc::bad_url);
    test::failure(migrate(settings, now), errc::bad_url);
    test::failure(open(loop.get_executor(), settings, now, {}), errc::bad_url);
}

namespace {

const std::string sha256_of_a = "8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd";  // "a\r\n"

/// A database as the first version left it: an account with a message in its Inbox.
void make_first_version(const fresh_database& place) {
    const auto step = test::value(inspect_schema(place.settings)).pending.front();
    const bool sqlite = place.on() == engine::sqlite;
    const std::string at = sqlite ? "1764000000123456" : "timestamptz '2025-11-24 16:00:00.123456Z'";
    const std::string octets = sqlite ? "x'610d0a'" : "'\\x610d0a'";
    const std::string sha256 = (sqlite ? "x'" : "'\\x") + sha256_of_a + "'";
    const std::string no = sqlite ? "0" : "false";
    place.execute(step.sql);
    place.execute(
        (sqlite ? "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)"
                  " STRICT;"
                : "CREATE TABLE schema_version (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT "
                  "NULL);") +
        ("INSERT INTO schema_version VALUES (1, 'receive_and_read', " + at + ");") +
        "INSERT INTO domain (name, created_at) VALUES ('example.test', " + at +
        ");"
        "INSERT INTO address (domain_id, local_part, kind) VALUES ((SELECT id FROM domain), 'alice', 'account');"
        "INSERT INTO account (id, password_hash, quota_used, created_at) VALUES ((SELECT id FROM address), 'hash', 3, " +
        at +
        ");"
        "INSERT INTO mailbox (account_id, name, role, uid_validity, uid_next, highest_modseq, total, unread)"
        " SELECT id, 'Inbox', 'inbox', 7, 2, 2, 1, 1 FROM account;"
        "INSERT INTO mailbox (account_id, name, role, uid_validity) SELECT id, 'Sent', 'sent', 7 FROM account;"
        "INSERT INTO message VALUES (1, " +
        at + ", 'a@far.test', '[\"alice@example.test\"]', 3, " + sha256 + ", 0, '', 'a@far.test', '[]', 'old', NULL, 'p', " +
        no +
        ", '', '', '[]');"
        "INSERT INTO message_content VALUES (1, 0, " +
        octets +
        ");"
        "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to)"
        " SELECT 2, id, 1, 1, 2, " +
        at +
        ", 'alice@example.test' FROM mailbox WHERE role = 'inbox';"
        "INSERT INTO message_event (id, message_id, at, kind) VALUES (3, 1, " +
        at + ", 'received');" + (sqlite ? "UPDATE object_id SET next = 4" : "SELECT setval('object_id', 3)"));
}

}  // namespace

TEST_CASE("a database of the first version, with mail in it, is brought up to date and goes on") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    make_first_version(place);
    CHECK(test::value(inspect_schema(place.settings)).database_version == 1);
    const auto applied = test::value(migrate(place.settings, now));
    REQUIRE(std::ssize(applied) == schema_version() - 1);
    CHECK(applied.front().name == "submit_and_relay");

    test::open_database db(place);
    const auto alice = test::value(db.run(db->accounts().find_account(canonical_address{"alice", "example.test"})));
    REQUIRE(alice);
    CHECK(alice->password_hash == "hash");
    const auto old = test::value(db.run(db->messages().find_entry(alice->id, 2)));
    CHECK(old.summary.subject == "old");
    CHECK(core::read_all(*test::value(db.run(db->messages().read_content({1}, 1024)))) == "a\r\n");
    CHECK(test::value(db.run(db->messages().list_events(alice->id, 2))).size() == 1);
    CHECK(test::value(db.run(db->messages().list_traces({.sender = "A@far.test"}))).size() == 1);
    CHECK(test::value(db.run(db->queue().list({}))).empty());
    CHECK(test::value(db.run(db->app_passwords().list(alice->id))).empty());
    CHECK(!test::value(db.run(db->app_passwords().find_scram(alice->address))));

    delivery d;
    d.id = test::value(db.run(db->messages().next_id()));
    CHECK(d.id.value > 3);
    d.received_at = db.clock.now();
    d.octets = std::make_shared<core::memory_content>("b\r\n");
    d.submitted_by = alice->id;
    d.local = {{alice->id, mailbox_role::inbox, "alice@example.test", false}, {alice->id, mailbox_role::sent, "", true}};
    d.remote = {{"bob@far.test", "far.test", {}, std::nullopt, db.clock.now()}};
    CHECK(test::value(db.run(db->messages().deliver(d))).queue.size() == 1);
    CHECK(place.number("SELECT total FROM mailbox WHERE role = 'inbox'") == 2);
    CHECK(place.number("SELECT uid_next FROM mailbox WHERE role = 'inbox'") == 3);
}

namespace {

/// The same as the second version left it, with a message alice submitted and an app password.
void make_second_version(const fresh_database& place) {
    make_first_version(place);
    const bool sqlite = place.on() == engine::sqlite;
    const std::string at = sqlite ? "1764000000123456" : "timestamptz '2025-11-24 16:00:00.123456Z'";
    const std::string key = sqlite ? "zeroblob(32)" : "decode(repeat('00', 32), 'hex')";
    place.execute(test::value(inspect_schema(place.settings)).pending.front().sql);
    place.execute("INSERT INTO schema_version VALUES (2, 'submit_and_relay', " + at +
                  "); UPDATE message SET submitted_by = (SELECT id FROM account), header_message_id = 'old@x';"
                  "INSERT INTO app_password (account_id, name, token_hash, scram_stored_key, scram_server_key, created_at)"
                  " SELECT id, 'phone', " +
                  key + ", " + key + ", " + key + ", " + at + " FROM account");
}

}  // namespace

TEST_CASE("a database of the second version gets threads, and its mail can be moved and removed") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    make_second_version(place);
    const auto applied = test::value(migrate(place.settings, now));
    REQUIRE(std::ssize(applied) == schema_version() - 2);
    CHECK(applied.front().name == "view_and_account");

    test::open_database db(place);
    const auto alice = *test::value(db.run(db->accounts().find_account(canonical_address{"alice", "example.test"})));
    const auto old = test::value(db.run(db->messages().find_entry(alice.id, 2)));
    CHECK(old.thread == thread_id{2});
    CHECK(!old.answered);
    CHECK(test::value(db.run(db->mailboxes().thread_arrivals({}, 10))) == 1);
    CHECK(place.number("SELECT thread_id FROM mailbox_message") == 2);
    CHECK(test::value(db.run(db->app_passwords().list(alice.id))).size() == 1);

    const auto state = test::value(db.run(db->changes().state(alice.id)));
    CHECK(state.mailboxes.size() == 2);
    CHECK(state.last_event == 3);
    const auto sent = place.number("SELECT id FROM mailbox WHERE role = 'sent'");
    test::value(
        db.run(db->mailboxes().change(alice.id, {{2}}, {.seen = true, .mailbox = mailbox_id{sent}}, {}, db.clock.now())));
    CHECK(place.number("SELECT total FROM mailbox WHERE role = 'inbox'") == 0);
    CHECK(place.number("SELECT unread FROM mailbox WHERE role = 'sent'") == 0);
    CHECK(test::value(db.run(db->changes().changes_since(alice.id, state, 10))).changes.size() == 1);
}

namespace {

/// As the third version left it: a message in Trash, moved there an hour after it came, and one of everything it made rows for.
void make_third_version(const fresh_database& place) {
    make_second_version(place);
    const bool sqlite = place.on() == engine::sqlite;
    const std::string at = sqlite ? "1764000000123456" : "timestamptz '2025-11-24 16:00:00.123456Z'";
    const std::string later = sqlite ? "1764003600123456" : "timestamptz '2025-11-24 17:00:00.123456Z'";
    const std::string key = sqlite ? "zeroblob(32)" : "decode(repeat('00', 32), 'hex')";
    const std::string yes = sqlite ? "1" : "true";
    place.execute(test::value(inspect_schema(place.settings)).pending.front().sql);
    place.execute(
        "INSERT INTO schema_version VALUES (3, 'view_and_account', " + at +
        ");"
        "INSERT INTO mailbox (account_id, name, role, uid_validity, uid_next, highest_modseq, total, unread)"
        " SELECT id, 'Trash', 'trash', 7, 2, 2, 1, 1 FROM account;"
        "INSERT INTO message (id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name,"
        " from_address, to_list, subject, preview, has_attachments, header_message_id, in_reply_to, reference_list)"
        " SELECT 5, received_at, 'b@far.test', recipients, size, sha256, 0, '', '', '[]', 'gone', '', has_attachments, '', '',"
        " '[]' FROM message WHERE id = 1;"
        "INSERT INTO message_content SELECT 5, 0, octets FROM message_content WHERE message_id = 1;"
        "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to, thread_id)"
        " SELECT 6, id, 1, 5, 2, " +
        at +
        ", '', 6 FROM mailbox WHERE role = 'trash';"
        "INSERT INTO mailbox_change (mailbox_id, modseq, entry_id, uid, kind, other_mailbox_id, at) SELECT t.id, 2, 6, 1,"
        " 'moved_in', i.id, " +
        later +
        " FROM mailbox t JOIN mailbox i ON i.role = 'inbox' WHERE t.role = 'trash';"
        "UPDATE account SET quota_used = 6;"
        "INSERT INTO thread_reference SELECT id, 42, 6 FROM account;"
        "INSERT INTO mailbox_progress SELECT id, 2 FROM mailbox WHERE role = 'trash';"
        "INSERT INTO api_token (account_id, name, token_hash, scopes, created_at) SELECT id, 'script', " +
        key + ", 'read', " + at +
        " FROM account;"
        "INSERT INTO web_session (account_id, token_hash, created_at, last_seen_at, expires_at, address, user_agent) SELECT "
        "id, " +
        key + ", " + at + ", " + at + ", " + later +
        ", '', '' FROM account;"
        "INSERT INTO login (account_id, at, address, method, client, ok) SELECT id, " +
        at + ", '192.0.2.1', 'web', 'b', " + yes +
        " FROM account;"
        "INSERT INTO idempotency (account_id, key, request_hash, status, response, created_at) SELECT id, 'k', " +
        key + ", 202, '{}', " + at + " FROM account;" +
        (sqlite ? "UPDATE object_id SET next = 7" : "SELECT setval('object_id', 6)"));
}

/// As the fourth version left it: both messages can be found.
void make_fourth_version(const fresh_database& place) {
    make_third_version(place);
    const bool sqlite = place.on() == engine::sqlite;
    place.execute(test::value(inspect_schema(place.settings)).pending.front().sql);
    place.execute((sqlite ? "INSERT INTO schema_version VALUES (4, 'search', 0);"
                            "INSERT INTO search_document (rowid, account, subject, message_id)"
                            " SELECT e.id, 'a' || b.account_id, 'old', e.message_id FROM mailbox_message e"
                            " JOIN mailbox b ON b.id = e.mailbox_id;"
                          : "INSERT INTO schema_version VALUES (4, 'search', now());"
                            "INSERT INTO search_document SELECT e.id, b.account_id, e.message_id, to_tsvector('simple', 'old')"
                            " FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id;") +
                  std::string("INSERT INTO search_progress SELECT id, 2 FROM mailbox WHERE total > 0"));
}

void make_fifth_version(const fresh_database& place) {
    make_fourth_version(place);
    place.execute(test::value(inspect_schema(place.settings)).pending.front().sql);
    place.execute(place.on() == engine::sqlite ? "INSERT INTO schema_version VALUES (5, 'trace', 0)"
                                               : "INSERT INTO schema_version VALUES (5, 'trace', now())");
}

void make_sixth_version(const fresh_database& place) {
    make_fifth_version(place);
    place.execute(test::value(inspect_schema(place.settings)).pending.front().sql);
    place.execute(place.on() == engine::sqlite ? "INSERT INTO schema_version VALUES (6, 'upkeep', 0)"
                                               : "INSERT INTO schema_version VALUES (6, 'upkeep', now())");
}

void make_seventh_version(const fresh_database& place) {
    make_sixth_version(place);
    place.execute(test::value(inspect_schema(place.settings)).pending.front().sql);
    place.execute(place.on() == engine::sqlite ? "INSERT INTO schema_version VALUES (7, 'history', 0)"
                                               : "INSERT INTO schema_version VALUES (7, 'history', now())");
}

constexpr std::array made{make_first_version, make_second_version, make_third_version,  make_fourth_version,
                          make_fifth_version, make_sixth_version,  make_seventh_version};

}  // namespace

TEST_CASE("a database of every version there was, with data, becomes one of this version and is whole") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    const auto version = GENERATE(range<std::size_t>(1, made.size() + 1));
    CAPTURE(version);
    REQUIRE(std::ssize(made) == schema_version() - 1);  // a new step wants its own line above
    made.at(version - 1)(place);
    CHECK(test::value(inspect_schema(place.settings)).database_version == static_cast<int>(version));
    CHECK(test::value(migrate(place.settings, now)).size() == static_cast<std::size_t>(schema_version()) - version);

    std::vector<std::string> damages;
    const auto sum = test::value(
        verify(place.settings, [&](const damage& d) { damages.push_back(d.subject + ": " + d.text); }, [](auto, auto) {}));
    CHECK(damages == std::vector<std::string>{});
    CHECK(sum.messages == (version < 3 ? 1 : 2));

    test::open_database db(place);
    const auto alice = *test::value(db.run(db->accounts().find_account(canonical_address{"alice", "example.test"})));
    CHECK(test::value(db.run(db->messages().find_entry(alice.id, 2))).summary.subject == "old");
    const auto boxes = test::value(db.run(db->messages().list_mailboxes(alice.id)));
    CHECK(std::ranges::all_of(boxes, &mailbox::subscribed));
    const auto listed = test::value(db.run(db->imap().list(alice.id, boxes.front().id, 0, 10)));
    REQUIRE(listed.size() == 1);
    CHECK(listed.front().flags == entry_flags{});
    if (version < 3) return;
    CHECK(test::value(db.run(db->api_tokens().list(alice.id))).size() == 1);
    CHECK(test::value(db.run(db->logins().list(alice.id))).size() == 1);
    // Emptying Trash counts from when it was moved there, which only the row of the change told until now.
    const auto moved = core::timestamp(std::chrono::microseconds(1'764'003'600'123'456));
    const auto remove = [&](core::timestamp before) {
        return test::value(db.run(db->upkeep().remove_entries_before(mailbox_role::trash, before, 10, moved)));
    };
    CHECK(remove(moved) == 0);
    CHECK(remove(moved + std::chrono::microseconds(1)) == 1);
}

TEST_CASE("what lay in Trash and nobody knows since when counts from the upgrade") {
    const fresh_database place(ON_BOTH_DATABASES, false);
    make_third_version(place);
    place.execute("DELETE FROM mailbox_change");
    const auto before = now.now() - std::chrono::minutes(1);
    test::value(migrate(place.settings, now));
    test::open_database db(place);
    CHECK(test::value(db.run(db->upkeep().remove_entries_before(mailbox_role::trash, before, 10, before))) == 0);
}

}  // namespace migration_test
