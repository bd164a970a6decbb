#include "mail.hpp"
#include "storage/soci/connection.hpp"

namespace constraints_test {

using namespace postern;
using namespace postern::storage;

// The rules that no bug of ours may break stand in the database itself.

TEST_CASE("the database refuses rows that break the model") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    m.send({alice}, "one");
    test::value(m.db.run(m.db->accounts().add_alias({"team", "example.test"}, {alice.address}, m.db.clock.now())));
    auto remote = m.letter({}, "remote");
    remote.remote = {{"bob@far.test", "far.test", {}, std::nullopt, m.db.clock.now()}};
    test::value(m.db.run(m.db->messages().deliver(std::move(remote))));
    const bool sqlite = m.place.on() == test::engine::sqlite;
    const std::string now = sqlite ? "0" : "now()";
    const std::string alias = "(SELECT id FROM alias)";
    const std::string account = core::to_string(alice.id);
    const std::string inbox = core::to_string(m.mailbox(alice, mailbox_role::inbox).id);
    const std::string domain = "(SELECT id FROM domain)";
    const std::string entry =
        "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to)";

    const std::vector<std::pair<std::string, std::string>> refused = {
        {"an alias's address as an account", "INSERT INTO account (id, created_at) VALUES (" + alias + ", " + now + ")"},
        {"an account's address as an alias", "INSERT INTO alias (id, created_at) VALUES (" + account + ", " + now + ")"},
        {"an account that says it is an alias", "UPDATE account SET kind = 'alias'"},
        {"an address that changes its kind", "UPDATE address SET kind = 'alias' WHERE id = " + account},
        {"an alias of an alias", "INSERT INTO alias_target VALUES (" + alias + ", " + alias + ")"},
        {"an address twice", "INSERT INTO address (domain_id, local_part, kind) VALUES (" + domain + ", 'alice', 'alias')"},
        {"an account as catch-all", "INSERT INTO address (domain_id, local_part, kind) VALUES (" + domain + ", '', 'account')"},
        {"a domain with capitals", "INSERT INTO domain (name, created_at) VALUES ('Example.test2', " + now + ")"},
        {"a domain without a name", "INSERT INTO domain (name, created_at) VALUES ('', " + now + ")"},
        {"a domain twice", "INSERT INTO domain (name, created_at) VALUES ('example.test', " + now + ")"},
        {"a domain gone from under its accounts", "DELETE FROM domain"},
        {"an empty password hash", "UPDATE account SET password_hash = ''"},
        {"a quota of nothing", "UPDATE account SET quota_limit = 0"},
        {"a negative use", "UPDATE account SET quota_used = -1"},
        {"more unread than there is", "UPDATE mailbox SET unread = total + 1"},
        {"two Inboxes", "INSERT INTO mailbox (account_id, name, role, uid_validity) VALUES (" + account + ", 'x', 'inbox', 1)"},
        {"two mailboxes of a name",
         "INSERT INTO mailbox (account_id, name, uid_validity) VALUES (" + account + ", 'Inbox', 1)"},
        {"a role nobody knows", "UPDATE mailbox SET role = 'outbox' WHERE role = 'sent'"},
        {"a mailbox of nobody", "INSERT INTO mailbox (account_id, name, uid_validity) VALUES (4711, 'x', 1)"},
        {"a uid twice", entry + " SELECT 4711, mailbox_id, uid, message_id, 1, received_at, '' FROM mailbox_message"},
        {"a uid beyond 32 bits",
         entry + " SELECT 4711, mailbox_id, 4294967296, message_id, 1, received_at, '' FROM mailbox_message"},
        {"an entry without a message", entry + " VALUES (4711, " + inbox + ", 77, 4711, 1, " + now + ", '')"},
        {"a message gone from under its entry", "DELETE FROM message"},
        {"a part too large", "INSERT INTO message_content SELECT id, 7, " +
                                 std::string(sqlite ? "zeroblob(1048577)" : "CAST(repeat('x', 1048577) AS bytea)") +
                                 " FROM message"},
        {"a list that is no JSON", "UPDATE message SET recipients = '['"},
        {"a message gone from under its way out", "DELETE FROM message WHERE subject = 'remote'"},
        {"an outbound half gone from under its items", "DELETE FROM outbound"},
        {"a queue item of a message that does not go out", "UPDATE queue_item SET message_id = (SELECT min(id) FROM message)"},
        {"a queue item for nobody", "UPDATE queue_item SET recipient = ''"},
        {"a queue item to nowhere", "UPDATE queue_item SET destination = ''"},
        {"a state nobody knows", "UPDATE queue_item SET state = 'done'"},
        {"a lease of nobody", "UPDATE queue_item SET lease_until = " + now},
        {"a lease without end", "UPDATE queue_item SET lease_owner = 'w'"},
        {"a body nobody knows", "UPDATE outbound SET body = '9BIT'"},
        {"an envelope id beyond RFC 3461 4.4", "UPDATE outbound SET envid = '" + std::string(101, 'x') + "'"},
        {"a salt of the wrong size",
         std::string("UPDATE account SET scram_iterations = 4096, scram_salt = ") + (sqlite ? "x'00'" : "'\\x00'")},
        {"iterations without a salt", "UPDATE account SET scram_iterations = 4096"},
        {"an app password of nobody",
         std::string("INSERT INTO app_password (account_id, name, token_hash, scram_stored_key, scram_server_key, created_at)"
                     " SELECT 4711, 'x', sha256, sha256, sha256, received_at FROM message")},
        {"a hash of the wrong size", std::string("UPDATE message SET sha256 = ") + (sqlite ? "x'00'" : "'\\x00'")},
    };
    for (const auto& [why, sql] : refused) {
        INFO(why);
        CHECK_THROWS_AS(m.place.execute(sql), std::runtime_error);
    }
}

TEST_CASE("an account row that goes takes its mailboxes and alias targets with it") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    test::value(m.db.run(m.db->accounts().add_alias({"team", "example.test"}, {alice.address, bob.address}, m.db.clock.now())));
    m.place.execute("DELETE FROM address WHERE id = " + core::to_string(alice.id));
    CHECK(m.place.number("SELECT count(*) FROM mailbox WHERE account_id = " + core::to_string(alice.id)) == 0);
    CHECK(m.place.number("SELECT count(*) FROM alias_target") == 1);
}

TEST_CASE("a session that reads cannot write") {
    const test::fresh_database place(ON_BOTH_DATABASES);
    connection reading(place.settings, access::read);
    CHECK_THROWS_AS(reading.execute("DELETE FROM domain"), database_error);
}

}  // namespace constraints_test
