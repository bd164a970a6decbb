#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "mail.hpp"
#include "storage/archive_store.hpp"
#include "storage/digest.hpp"
#include "storage/maintenance.hpp"

namespace archive_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::engine;
using test::value;

namespace {

imported_message from_elsewhere(const std::string& subject, core::timestamp at, std::string octets) {
    imported_message m;
    m.received_at = at;
    m.summary.subject = subject;
    m.summary.message_id = subject + "@id.test";
    m.octets = std::make_shared<core::memory_content>(std::move(octets));
    m.sha256 = sha256(*m.octets);
    return m;
}

struct findings {
    std::vector<std::string> all;
    core::result<verified> sum;
};

findings verify_all(const config::database_settings& settings) {
    findings found;
    found.sum = verify(settings, [&](const damage& d) { found.all.push_back(d.subject + ": " + d.text); }, [](auto, auto) {});
    return found;
}

void require_whole(const config::database_settings& settings) {
    const auto found = verify_all(settings);
    value(found.sum);
    CHECK(found.all == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("what is imported stands in its mailbox with flags and dates, in order, counted and told of") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    const auto sent = mail.mailbox(alice, mailbox_role::sent);
    const auto then = mail.db.clock.now() - std::chrono::days(400) + 7us;
    auto first = from_elsewhere("first", then, "one\r\n");
    first.seen = first.answered = true;
    auto second = from_elsewhere("second", then + 1s, std::string(2'500'000, 'y') + "\r\n");  // in three parts
    second.flagged = true;
    const auto state = value(mail.db.run(mail.db->changes().state(alice.id)));
    value(mail.db.run(mail.db->archive().add(alice.id, sent.id, {first, second}, false, mail.db.clock.now())));

    const auto listed = value(mail.db.run(mail.db->archive().list(alice.id, sent.id, 0, 10)));
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].uid == 1);
    CHECK((listed[0].seen && listed[0].answered && !listed[0].flagged));
    CHECK(listed[0].received_at == then);
    CHECK(listed[0].sha256 == first.sha256);
    CHECK((!listed[1].seen && !listed[1].answered && listed[1].flagged));
    CHECK(listed[1].size == 2'500'002);
    CHECK(value(mail.db.run(mail.db->archive().list(alice.id, sent.id, 1, 10))).size() == 1);
    const auto octets = value(mail.db.run(mail.db->messages().read_content(listed[1].message, 10'000'000)));
    CHECK(core::read_all(*octets) == core::read_all(*second.octets));

    const auto after = mail.mailbox(alice, mailbox_role::sent);
    CHECK(std::tuple(after.total, after.unread, after.uid_next) == std::tuple(2, 1, 3));
    CHECK(mail.place.number("SELECT max(quota_used) FROM account") == 2'500'007);
    const auto changes = value(mail.db.run(mail.db->changes().changes_since(alice.id, state, 100)));
    CHECK(changes.changes.size() == 2);
    CHECK(value(mail.db.run(mail.db->messages().list_events(alice.id, listed[0].id.value))).front().kind == "imported");
    CHECK(value(mail.db.run(mail.db->mailboxes().thread_arrivals(std::nullopt, 100))) == 2);
    require_whole(mail.place.settings);
}

TEST_CASE("an import that does not fit stores nothing, unless it is told to go beyond the quota") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    const auto inbox = mail.mailbox(alice, mailbox_role::inbox);
    mail.place.execute("UPDATE account SET quota_limit = 6");
    const std::vector two{from_elsewhere("a", mail.db.clock.now(), "a\r\n"),
                          from_elsewhere("b", mail.db.clock.now(), "bb\r\n")};
    const auto now = mail.db.clock.now();
    test::failure(mail.db.run(mail.db->archive().add(alice.id, inbox.id, two, false, now)), errc::over_quota);
    CHECK(mail.place.number("SELECT count(*) FROM message") == 0);
    const auto bob = mail.account("bob");
    test::failure(mail.db.run(mail.db->archive().add(bob.id, inbox.id, two, true, now)), errc::not_found);
    value(mail.db.run(mail.db->archive().add(alice.id, inbox.id, two, true, now)));
    CHECK(mail.place.number("SELECT max(quota_used) FROM account") == 7);
    require_whole(mail.place.settings);
}

TEST_CASE("verifying ends though mail comes in faster than it reads") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    const auto inbox = mail.mailbox(alice, mailbox_role::inbox);
    const auto arrive = [&] {
        const auto one = from_elsewhere("another", mail.db.clock.now(), "a\r\n");
        value(mail.db.run(mail.db->archive().add(alice.id, inbox.id, {one}, false, mail.db.clock.now())));
    };
    for (int i = 0; i < 3; ++i) arrive();
    int looked_at = 0;
    const auto found = verify(
        mail.place.settings, [](const damage&) {},
        [&](auto, auto) {
            if (++looked_at < 300) arrive();
        });
    CHECK(value(found).messages == 3);
    CHECK(value(found).damages == 0);
    CHECK(looked_at == 3);
}

TEST_CASE("a server hears of what another process imported") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    const auto inbox = mail.mailbox(alice, mailbox_role::inbox);
    bool begun = false;
    bool heard = false;
    test::open_database server(mail.place);
    server->changes().on_change([&](std::optional<account_id> account) {
        begun = true;
        heard = heard || !account || *account == alice.id;
    });
    // PostgreSQL says when it listens. SQLite has been looked at before a second one sees the number change.
    if (mail.place.on() == engine::postgresql) server.run_until([&] { return begun; });
    heard = false;
    std::size_t added = 0;
    server.run_until([&] {
        if (added++ % 100 == 0) {
            const auto one = from_elsewhere(std::to_string(added), mail.db.clock.now(), "a\r\n");
            value(mail.db.run(mail.db->archive().add(alice.id, inbox.id, {one}, false, mail.db.clock.now())));
        }
        return heard;
    });
}

TEST_CASE("verify names what is damaged, and goes on") {
    struct harm {
        std::string sql;
        std::string found;
    };
    const auto one = GENERATE(values<harm>({
        {"UPDATE message SET sha256 = (SELECT m.sha256 FROM message m WHERE m.id <> message.id LIMIT 1) WHERE subject = 'a'",
         "its octets are not those that were accepted"},
        {"UPDATE message SET octets = NULL WHERE subject = 'a'", "octets are not there"},
        {"UPDATE message SET size = 4 WHERE subject = 'a'", "octets of 4"},
        {"UPDATE mailbox SET total = 7 WHERE total = 2", "says 7 messages and holds 2"},
        {"UPDATE mailbox SET unread = 1 WHERE total = 2", "says 1 unread and holds 2"},
        {"UPDATE mailbox SET uid_next = 2 WHERE total = 2", "would give the uid 2 twice"},
        {"UPDATE mailbox SET highest_modseq = 1 WHERE total = 2", "as its highest modseq"},
        {"UPDATE account SET quota_used = 1", "says 1 octets and holds"},
        {"INSERT INTO outbound (message_id, body, smtputf8) SELECT id, '7BIT', (1 = 0) FROM message WHERE subject = 'a'",
         "is to be sent, and to nobody"},
    }));
    const auto on = ON_BOTH_DATABASES;
    INFO(one.sql);
    test::mail mail(on);
    const auto alice = mail.account("alice");
    mail.send({alice}, "a");
    mail.send({alice}, "b", "other\r\n");
    require_whole(mail.place.settings);
    mail.place.execute(one.sql);
    const auto found = verify_all(mail.place.settings);
    const auto sum = value(found.sum);
    CHECK(sum.damages == found.all.size());
    CAPTURE(found.all);
    CHECK(std::ranges::any_of(found.all, [&](const std::string& each) { return each.contains(one.found); }));
}

TEST_CASE("verify sees rows that refer to nothing") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    mail.send({alice}, "a");
    const std::string removal = "DELETE FROM message WHERE subject = 'a'";
    mail.place.execute(mail.place.on() == engine::sqlite ? "PRAGMA foreign_keys = OFF; " + removal
                                                         : "SET LOCAL session_replication_role = replica; " + removal);
    const auto found = verify_all(mail.place.settings);
    REQUIRE(!found.all.empty());
    CHECK_THAT(found.all.front(), Catch::Contains("are not there") || Catch::Contains("is not there"));
}

TEST_CASE("a backup is the database of one moment in one file, and nothing is overwritten") {
    test::mail mail(engine::sqlite);
    const auto alice = mail.account("alice");
    mail.send({alice}, "a");
    const auto folder = std::filesystem::path(mail.place.settings.url.substr(9)).parent_path();
    const auto file = folder / "backup.db";
    std::uint64_t last = 0;
    const auto copy = [&](const std::filesystem::path& to) {
        return backup(mail.place.settings, to, [&](std::uint64_t done, std::uint64_t all) { last = all - done; });
    };
    value(copy(file));
    CHECK(last == 0);
    CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms(0600));
    mail.send({alice}, "later");

    config::database_settings copied = mail.place.settings;
    copied.url = "sqlite://" + file.string();
    const auto found = verify_all(copied);
    CHECK(value(found.sum).messages == 1);
    CHECK(found.all.empty());
    CHECK(!std::filesystem::exists(file.string() + "-wal"));

    const auto again = test::failure(copy(file), errc::refused);
    CHECK_THAT(again.message(), Catch::Contains("backup.db exists"));
    test::failure(copy(folder / "no" / "such" / "folder.db"), errc::failed);
    CHECK(!std::filesystem::exists(file.string() + ".partial"));
}

TEST_CASE("a page of a backup that is damaged is found") {
    test::mail mail(engine::sqlite);
    const auto alice = mail.account("alice");
    for (int i = 0; i < 20; ++i) mail.send({alice}, "m" + std::to_string(i), std::string(5'000, 'x') + "\r\n");
    const auto file = std::filesystem::path(mail.place.settings.url.substr(9)).parent_path() / "backup.db";
    value(backup(mail.place.settings, file, [](auto, auto) {}));
    {
        std::fstream raw(file, std::ios::in | std::ios::out | std::ios::binary);
        const std::string content((std::istreambuf_iterator<char>(raw)), {});
        raw.seekp(static_cast<std::streamoff>(content.find(std::string(2'000, 'x')) + 1'000));
        raw << "rot";
    }
    auto copied = mail.place.settings;
    copied.url = "sqlite://" + file.string();
    const auto found = verify_all(copied);
    REQUIRE(found.all.size() == 1);
    CHECK_THAT(found.all.front(), Catch::StartsWith("message ") && Catch::Contains("not those that were accepted"));
}

TEST_CASE("for PostgreSQL a backup names the command to use, without the password") {
    config::database_settings settings;
    settings.url = "postgresql://postern:secret@db.test/postern?sslmode=require";
    const auto refused = test::failure(backup(settings, "/tmp/b", [](auto, auto) {}), errc::refused);
    CHECK_THAT(refused.message(),
               Catch::Contains("pg_dump --format=custom --file=/tmp/b 'postgresql://postern") && !Catch::Contains("secret"));
}

}  // namespace archive_test
