#include "mail.hpp"
#include "storage/digest.hpp"
#include "storage/upkeep_store.hpp"

namespace upkeep_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::value;

namespace {

std::int64_t total(test::mail& mail, const account& of, mailbox_role role) { return mail.mailbox(of, role).total; }

void discard(test::mail& mail, const account& of, message_id message) {
    const auto entry = value(mail.db.run(mail.db->messages().find_entry(of.id, message.value)));
    value(mail.db.run(mail.db->mailboxes().discard(of.id, {entry.id}, std::nullopt, mail.db.clock.now())));
}

std::size_t empty_trash(test::mail& mail, std::chrono::seconds age) {
    const auto now = mail.db.clock.now();
    return value(mail.db.run(mail.db->upkeep().remove_entries_before(mailbox_role::trash, now - age, 100, now)));
}

imported_message warning() {
    imported_message m;
    m.octets = std::make_shared<core::memory_content>(std::string(2'000, 'w') + "\r\n");
    m.sha256 = sha256(*m.octets);
    m.summary.subject = "warning";
    return m;
}

}  // namespace

TEST_CASE("Trash is emptied by how long a message has been there, not by its own age") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    const auto bob = mail.account("bob");
    const auto old = mail.send({alice, bob}, "old");
    mail.db.clock.advance(std::chrono::days(100));
    discard(mail, alice, old);
    CHECK(empty_trash(mail, std::chrono::days(30)) == 0);
    CHECK(total(mail, alice, mailbox_role::trash) == 1);
    mail.db.clock.advance(std::chrono::days(31));
    const auto young = mail.send({alice}, "young");
    discard(mail, alice, young);
    CHECK(empty_trash(mail, std::chrono::days(30)) == 1);
    CHECK(empty_trash(mail, std::chrono::days(30)) == 0);
    CHECK(total(mail, alice, mailbox_role::trash) == 1);
    CHECK(total(mail, bob, mailbox_role::inbox) == 1);  // it has its own copy
    CHECK(mail.place.number("SELECT count(*) FROM message_octets") == 2);
}

TEST_CASE("a round of emptying takes one account's and no more than its limit") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    const auto bob = mail.account("bob");
    for (int i = 0; i < 3; ++i) discard(mail, alice, mail.send({alice}, "a" + std::to_string(i)));
    discard(mail, bob, mail.send({bob}, "b"));
    mail.db.clock.advance(1h);
    const auto round = [&] {
        const auto now = mail.db.clock.now();
        return value(mail.db.run(mail.db->upkeep().remove_entries_before(mailbox_role::trash, now, 2, now)));
    };
    CHECK(round() == 2);
    CHECK(round() == 1);
    CHECK(round() == 1);
    CHECK(round() == 0);
    CHECK(mail.place.number("SELECT sum(quota_used) FROM account") == 0);
    CHECK(mail.place.number("SELECT count(*) FROM mailbox_change WHERE kind = 'removed'") == 4);
}

TEST_CASE("old attempts to sign in are forgotten, so many at a time") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    for (int i = 0; i < 3; ++i) {
        mail.db->logins().note({alice.id, mail.db.clock.now(), "192.0.2." + std::to_string(i), "web", "b", true});
        mail.db.clock.advance(1h);
    }
    mail.db.run_until([&] { return mail.place.number("SELECT count(*) FROM login") == 3; });
    const auto before = mail.db.clock.now() - 90min;
    CHECK(value(mail.db.run(mail.db->upkeep().remove_logins_before(before, 1))) == 1);
    CHECK(value(mail.db.run(mail.db->upkeep().remove_logins_before(before, 10))) == 1);
    CHECK(value(mail.db.run(mail.db->upkeep().remove_logins_before(before, 10))) == 0);
    CHECK(value(mail.db.run(mail.db->logins().list(alice.id))).size() == 1);
}

TEST_CASE("an account is told of its quota once at each mark, by whoever is first, though its quota is used up") {
    test::mail mail(ON_BOTH_DATABASES);
    const auto alice = mail.account("alice");
    mail.account("bob");
    const auto news = [&] { return value(mail.db.run(mail.db->upkeep().list_quota_news(10))); };
    const auto tell = [&](const quota_news& of, bool with) {
        return value(mail.db.run(
            mail.db->upkeep().tell_of_quota(of, with ? std::optional(warning()) : std::nullopt, mail.db.clock.now())));
    };
    mail.send({alice}, "a", std::string(7'900, 'a') + "\r\n");
    mail.place.execute("UPDATE account SET quota_limit = 10000");
    CHECK(news().empty());

    mail.send({alice}, "b", std::string(98, 'b') + "\r\n");  // 8,002 of 10,000
    const auto first = news();
    REQUIRE(first.size() == 1);
    CHECK(std::tuple(first[0].account, first[0].percent, first[0].told) == std::tuple(alice.id, 80, 0));
    CHECK(to_string(first[0].address) == "alice@example.test");
    CHECK(tell(first[0], true));
    CHECK_FALSE(tell(first[0], true));  // the other process
    CHECK(total(mail, alice, mailbox_role::inbox) == 3);

    const auto second = news();  // the warning itself has passed the next mark, and the quota
    REQUIRE(second.size() == 1);
    CHECK(std::tuple(second[0].percent, second[0].told) == std::tuple(95, 80));
    CHECK(tell(second[0], true));
    CHECK(news().empty());

    mail.place.execute("UPDATE account SET quota_limit = 100000");
    const auto third = news();
    REQUIRE(third.size() == 1);
    CHECK(third[0].percent == 0);
    CHECK(tell(third[0], false));
    CHECK(news().empty());
    CHECK(total(mail, alice, mailbox_role::inbox) == 4);
}

}  // namespace upkeep_test
