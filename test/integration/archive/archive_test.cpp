#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "../storage/mail.hpp"
#include "archive/archive.hpp"
#include "net/blocking_pool.hpp"
#include "storage/archive_store.hpp"
#include "storage/digest.hpp"
#include "storage/maintenance.hpp"

namespace archive_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using archive::format;
using test::engine;
using test::value;
namespace fs = std::filesystem;

namespace {

/// A database with mail, and a folder for files.
struct world {
    explicit world(engine on) : mail(on) {
        std::string name = (fs::temp_directory_path() / "postern-archive-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    ~world() { fs::remove_all(folder); }

    archive::report written(const account& of, format as, const fs::path& to) {
        return value(mail.db.run(archive::export_account(*mail.db, of, as, to.string(), observer())));
    }
    core::result<archive::report> read(const account& into, const fs::path& from, archive::import_options how) {
        return mail.db.run(archive::import_account(*mail.db, into, from.string(), how, spools, mail.db.clock, observer()));
    }
    archive::observer observer() {
        return {.passed = [](std::uint64_t) {},
                .failed = [this](const std::string& what, const std::string& why) { failures.push_back(what + ": " + why); }};
    }
    void put(const fs::path& path, const std::string& text, core::timestamp at) {
        fs::create_directories((folder / path).parent_path());
        std::ofstream(folder / path, std::ios::binary) << text;
        timespec time{std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(), 0};
        const std::array both{time, time};
        REQUIRE(utimensat(AT_FDCWD, (folder / path).c_str(), both.data(), 0) == 0);
    }

    /// What an account has: mailbox, octets, time received (to the second), flags; as often as it has it.
    using row = std::tuple<std::string, std::string, std::int64_t, bool, bool, bool>;
    std::multiset<row> all(const account& of) {
        std::multiset<row> rows;
        for (const auto& box : value(mail.db.run(mail.db->messages().list_mailboxes(of.id)))) {
            for (const auto& e : value(mail.db.run(mail.db->archive().list(of.id, box.id, 0, 1'000)))) {
                const auto octets = value(mail.db.run(mail.db->messages().read_content(e.message, 1 << 30)));
                const auto second = std::chrono::floor<std::chrono::seconds>(e.received_at).time_since_epoch().count();
                rows.emplace(box.name, core::read_all(*octets), second, e.seen, e.flagged, e.answered);
            }
        }
        return rows;
    }

    void require_whole() {
        std::vector<std::string> found;
        value(verify(
            mail.place.settings, [&](const damage& d) { found.push_back(d.subject + ": " + d.text); }, [](auto, auto) {}));
        CHECK(found == std::vector<std::string>{});
        CHECK(failures == std::vector<std::string>{});
    }

    test::mail mail;
    fs::path folder;
    std::vector<std::string> failures;
    net::blocking_pool pool{1};
    net::spool_area spools{pool, fs::temp_directory_path(), {.message_memory = 64 * 1024}};
};

/// All kinds of mail in all kinds of mailboxes.
account fill(world& w) {
    auto& mail = w.mail;
    const auto alice = mail.account("alice");
    const auto own = value(mail.db.run(mail.db->mailboxes().add(alice.id, "Projects/R&D. Entwürfe", mail.db.clock.now())));
    const std::string large(3'000'000, 'z');
    int count = 0;
    for (const auto& octets :
         {std::string("Subject: a\r\n\r\nFrom here\r\n>From there\r\n"), std::string("no line end"), std::string("a\nb\r\n"),
          "Subject: large\r\n\r\n" + large + "\r\n", std::string("Status: RO\r\nX-Status: A\r\n\r\n\r\n")}) {
        const auto id = mail.send({alice}, "s" + std::to_string(++count), octets);
        const auto entry = value(mail.db.run(mail.db->messages().find_entry(alice.id, id.value))).id;
        entry_change change{.seen = count % 2 == 0, .flagged = count % 3 == 0, .answered = count == 4};
        if (count > 3) change.mailbox = own.id;
        value(mail.db.run(mail.db->mailboxes().change(alice.id, {entry}, change, std::nullopt, mail.db.clock.now())));
    }
    mail.send({alice}, "twice", "the same\r\n");
    mail.send({alice}, "twice", "the same\r\n");
    return alice;
}

}  // namespace

TEST_CASE("what is exported and imported again is the same to the octet, with mailboxes, flags and dates") {
    world w(ON_BOTH_DATABASES);
    const auto as = GENERATE(format::maildir, format::mbox);
    const auto alice = fill(w);
    const auto out = w.written(alice, as, w.folder / "out");
    CHECK(std::tuple(out.messages, out.known, out.failed) == std::tuple(7U, 0U, 0U));
    const auto bob = w.mail.account("bob");
    const auto in = value(w.read(bob, w.folder / "out", {.as = as}));
    CHECK(std::tuple(in.messages, in.known, in.failed) == std::tuple(7U, 0U, 0U));
    CHECK(w.all(bob) == w.all(alice));

    // Again: everything is there already.
    CHECK(value(w.read(bob, w.folder / "out", {.as = as})).messages == 0);
    CHECK(w.written(alice, as, w.folder / "out").messages == 0);
    w.mail.send({alice}, "later", "later\r\n");
    CHECK(w.written(alice, as, w.folder / "out").messages == 1);
    CHECK(value(w.read(bob, w.folder / "out", {.as = as})).messages == 1);
    CHECK(w.all(bob) == w.all(alice));
    w.require_whole();
}

TEST_CASE("an export that was cut short goes on where it stopped") {
    world w(engine::sqlite);
    const auto as = GENERATE(format::maildir, format::mbox);
    const auto alice = fill(w);
    w.written(alice, as, w.folder / "whole");
    w.written(alice, as, w.folder / "cut");
    if (as == format::mbox) {
        std::ofstream(w.folder / "cut" / "Inbox.mbox", std::ios::app)
            << "From bob@example.test Thu Jan  1 00:00:00 1970\r\nSubject: half a mess";  // after the last note
    } else {
        fs::remove(fs::directory_iterator(w.folder / "cut" / "cur")->path());
    }
    w.mail.send({alice}, "later", "later\r\n");
    CHECK(w.written(alice, as, w.folder / "cut").messages == (as == format::mbox ? 1U : 2U));
    const auto bob = w.mail.account("bob");
    value(w.read(bob, w.folder / "cut", {.as = as}));
    CHECK(w.all(bob) == w.all(alice));
}

TEST_CASE("an export ends with what was there when it began, though mail comes in faster than it writes") {
    world w(engine::sqlite);
    const auto alice = w.mail.account("alice");
    const auto inbox = w.mail.mailbox(alice, mailbox_role::inbox);
    const auto arrive = [&](test::open_database& server) {
        imported_message one;
        one.received_at = w.mail.db.clock.now();
        one.octets = std::make_shared<core::memory_content>("a\r\n");
        one.sha256 = sha256(*one.octets);
        const std::vector many(500, one);  // as many as are read at once
        value(server.run(server->archive().add(alice.id, inbox.id, many, false, one.received_at)));
    };
    arrive(w.mail.db);
    test::open_database server(w.mail.place);
    bool begun = false;
    auto told = w.observer();
    told.passed = [&](std::uint64_t) {
        if (!std::exchange(begun, true)) arrive(server);
    };
    const auto path = (w.folder / "out").string();
    CHECK(value(w.mail.db.run(archive::export_account(*w.mail.db, alice, format::mbox, path, told))).messages == 500);
    CHECK(w.written(alice, format::mbox, path).messages == 500);
}

TEST_CASE("a Maildir export takes the flags of now, and an mbox that was taken away begins anew") {
    world w(engine::sqlite);
    const auto alice = fill(w);
    w.written(alice, format::maildir, w.folder / "out");
    w.written(alice, format::mbox, w.folder / "boxes");
    for (const auto& e : value(w.mail.db.run(w.mail.db->messages().list_entries(
                                   alice.id, w.mail.mailbox(alice, mailbox_role::inbox).id, std::nullopt, 100)))
                             .entries) {
        value(w.mail.db.run(
            w.mail.db->mailboxes().change(alice.id, {e.id}, {.flagged = true}, std::nullopt, w.mail.db.clock.now())));
    }
    CHECK(w.written(alice, format::maildir, w.folder / "out").messages == 0);
    fs::remove(w.folder / "boxes" / "Inbox.mbox");
    CHECK(w.written(alice, format::mbox, w.folder / "boxes").messages == 5);
    const auto bob = w.mail.account("bob");
    const auto carol = w.mail.account("carol");
    value(w.read(bob, w.folder / "out", {.as = format::maildir}));
    value(w.read(carol, w.folder / "boxes", {.as = format::mbox}));
    CHECK(w.all(bob) == w.all(alice));
    CHECK(w.all(carol) == w.all(alice));
}

TEST_CASE("another server's Maildir comes in: folders by their purpose, LF made CRLF, flags and times kept") {
    world w(ON_BOTH_DATABASES);
    const auto alice = w.mail.account("alice");
    const auto then = core::timestamp(1'500'000'000s);
    w.put("m/cur/1500000000.M1P2.host,S=20,W=22:2,RS", "Subject: one\n\nx\n", then);
    w.put("m/new/1500000001.M1P2.host", "Subject: two\r\n\r\ny\r\n", then + 1s);
    w.put("m/.Sent Items/cur/1500000002.host:2,S", "Subject: three\n\nz", then + 2s);
    w.put("m/.Spam/cur/1500000003.host:2,", "Subject: four\n\n", then + 3s);
    w.put("m/.Work.2017/cur/1500000004.host:2,FST", "Subject: five\n\n", then + 4s);
    for (const auto* other : {"m/dovecot-keywords", "m/dovecot.index.log", "m/subscriptions", "m/.Work.2017/maildirfolder",
                              "m/cur/.hidden", "m/.nothing/notes"}) {
        w.put(other, "0 x\n", then);
    }
    const auto in = value(w.read(alice, w.folder / "m", {.as = format::maildir}));
    CHECK(std::tuple(in.messages, in.failed) == std::tuple(5U, 0U));
    const auto at = [&](int seconds) { return 1'500'000'000LL + seconds; };
    CHECK(w.all(alice) == std::multiset<world::row>{
                              {"Inbox", "Subject: one\r\n\r\nx\r\n", at(0), true, false, true},
                              {"Inbox", "Subject: two\r\n\r\ny\r\n", at(1), false, false, false},
                              {"Sent", "Subject: three\r\n\r\nz", at(2), true, false, false},
                              {"Junk", "Subject: four\r\n\r\n", at(3), false, false, false},
                              {"Work/2017", "Subject: five\r\n\r\n", at(4), true, true, false},
                          });
    const auto found = value(w.mail.db.run(
        w.mail.db->messages().list_entries(alice.id, w.mail.mailbox(alice, mailbox_role::inbox).id, std::nullopt, 10)));
    CHECK(found.entries.at(0).summary.subject == "two");
    w.require_whole();
}

TEST_CASE("mboxes come in from a file or a folder, and what is none is told and passed over") {
    world w(engine::sqlite);
    const auto alice = w.mail.account("alice");
    const std::string one = "From a@b Mon Nov 24 16:00:00 2025\nSubject: 1\n\nx\n\n";
    w.put("Mail/Inbox", one, {});
    w.put("Mail/Inbox.msf", "index", {});
    w.put("Mail/Work.sbd/2025", one + one, {});
    w.put("Mail/strange", "not mail\n", {});
    w.put("Mail/empty", "", {});
    const auto in = value(w.read(alice, w.folder / "Mail", {.as = format::mbox}));
    CHECK(std::tuple(in.messages, in.failed) == std::tuple(3U, 1U));
    REQUIRE(w.failures.size() == 1);
    CHECK_THAT(w.failures[0], Catch::Contains("strange: is no mbox"));
    const auto rows = w.all(alice);
    CHECK(rows.count({"Inbox", "Subject: 1\r\n\r\nx\r\n", 1'764'000'000, false, false, false}) == 1);
    CHECK(rows.count({"Work/2025", "Subject: 1\r\n\r\nx\r\n", 1'764'000'000, false, false, false}) == 2);

    const auto into = value(w.read(alice, w.folder / "Mail" / "Inbox", {.as = format::mbox, .mailbox = "Old"}));
    CHECK(into.messages == 1);
    CHECK(w.all(alice).count({"Old", "Subject: 1\r\n\r\nx\r\n", 1'764'000'000, false, false, false}) == 1);
}

TEST_CASE("an import stops when the quota is used up, and goes on when there is more") {
    world w(ON_BOTH_DATABASES);
    const auto alice = w.mail.account("alice");
    w.mail.place.execute("UPDATE account SET quota_limit = 1000");
    for (int i = 0; i < 120; ++i) {
        w.put(fmt::format("m/cur/{}.host:2,", 1'500'000'000 + i), fmt::format("Subject: {}\n\n", i), core::timestamp(1s));
    }
    test::failure(w.read(alice, w.folder / "m", {.as = format::maildir}), errc::over_quota);
    const auto before = w.all(alice).size();
    CHECK(before == 67);  // 10 of 14 octets and 57 of 15
    const auto rest = value(w.read(alice, w.folder / "m", {.as = format::maildir, .mailbox = {}, .beyond_quota = true}));
    CHECK(std::tuple(rest.messages, rest.known) == std::tuple(53U, 67U));
    CHECK(w.all(alice).size() == 120);
    w.require_whole();
}

TEST_CASE("a message whose octets are lost is told, and the rest is exported") {
    world w(ON_BOTH_DATABASES);
    const auto alice = w.mail.account("alice");
    const auto lost = w.mail.send({alice}, "lost");
    w.mail.send({alice}, "kept");
    w.mail.place.execute(fmt::format("UPDATE message SET octets = NULL WHERE id = {}", lost.value));
    const auto out = w.written(alice, format::maildir, w.folder / "out");
    CHECK(std::tuple(out.messages, out.failed) == std::tuple(1U, 1U));
    CHECK_THAT(w.failures.at(0), Catch::StartsWith(fmt::format("message {}: ", lost.value)));
}

}  // namespace archive_test
