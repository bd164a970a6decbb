#include "imap_server.hpp"
#include "test/catch.hpp"

/// More messages than one call of the store takes.
namespace bulk_test {

using namespace postern;
using test::engine;
using test::imap_server;

namespace {

constexpr std::size_t many = 2'048;

/// A message, twice as many with each copy.
void fill(imap_server& server, test::imap_dialogue& client) {
    server.deliver(server.alice, "Subject: many\r\n\r\ntext\r\n");
    CHECK(client.end_of("NOOP") == "A OK Done\n");
    for (std::size_t there = 1; there < many; there *= 2)
        CHECK(client.end_of("COPY 1:" + std::to_string(there) + " INBOX").starts_with("A OK [COPYUID "));
}

std::int64_t used_by_alice(imap_server& server) {
    return server.require(server.call(server.db->accounts().find_account(server.alice)))->quota_used;
}

}  // namespace

TEST_CASE("two thousand messages are marked, moved and expunged by one command each") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.in_mailbox();
    fill(server, client);
    const auto used = used_by_alice(server);
    CHECK(client.ask("STORE 1:2048 +FLAGS.SILENT (\\Deleted)") == "A OK Done\n");
    const auto moved = client.ask("MOVE 1:2048 Archive");
    CHECK(moved.starts_with("* OK [COPYUID "));
    CHECK(moved.contains(" 1:2048 1:2048] Moved\n* 2048 EXPUNGE\n"));
    CHECK(moved.ends_with("* 1 EXPUNGE\nA OK Done\n"));
    CHECK(client.ask("STATUS Archive (MESSAGES DELETED)") == "* STATUS Archive (MESSAGES 2048 DELETED 2048)\nA OK Done\n");
    CHECK(used_by_alice(server) == used);
    CHECK(client.end_of("SELECT Archive").starts_with("A OK "));
    CHECK(client.end_of("EXPUNGE") == "A OK Done\n");
    CHECK(client.ask("STATUS Archive (MESSAGES)") == "* STATUS Archive (MESSAGES 0)\nA OK Done\n");
    CHECK(used_by_alice(server) == 0);
}

TEST_CASE("of a copy that does not fit nothing stays, however much of it had been done") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.in_mailbox();
    fill(server, client);
    const auto used = used_by_alice(server);
    const auto room = used / static_cast<std::int64_t>(many) * 1'500;
    server.require(server.call(server.db->accounts().set_quota(server.alice, used + room)));
    CHECK(client.end_of("COPY 1:2048 Archive").starts_with("A NO [OVERQUOTA] "));
    CHECK(client.ask("STATUS Archive (MESSAGES)") == "* STATUS Archive (MESSAGES 0)\nA OK Done\n");
    CHECK(used_by_alice(server) == used);
    CHECK(client.end_of("COPY 1:1400 Archive").starts_with("A OK [COPYUID "));
}

TEST_CASE("who asks for silence is still told what somebody else has changed") {
    imap_server server(engine::sqlite);
    server.deliver_some(server.alice, 2);
    auto client = server.in_mailbox();
    auto other = server.in_mailbox();
    CHECK(other.end_of("STORE 1 +FLAGS.SILENT (\\Flagged $Forwarded)") == "A OK Done\n");
    CHECK(client.ask("STORE 1:2 +FLAGS.SILENT (\\Seen)").starts_with("* 1 FETCH (FLAGS (\\Seen \\Flagged $Forwarded))\nA OK "));
}

}  // namespace bulk_test
