#include <future>
#include <thread>
#include <vector>

#include "core/random.hpp"
#include "mail.hpp"

namespace content_test {

using namespace postern;
using namespace postern::storage;

namespace {

constexpr std::uint64_t in_memory = 256 * 1024;

std::string random_octets(std::size_t size) {
    std::string octets(size, '\0');
    core::system_random random;
    random.fill(std::as_writable_bytes(std::span(octets)));
    return octets;
}

/// On a thread of its own, as blocking reads must be.
std::string read_off_loop(const core::content& from) {
    return std::async(std::launch::async, [&from] { return core::read_all(from); }).get();
}

}  // namespace

TEST_CASE("octets come back as they were stored, whatever they are") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    std::string every_octet;
    for (int i = 0; i < 256; ++i) every_octet += static_cast<char>(i);
    const auto [octets, why] = GENERATE_REF(table<std::string, std::string>({
        {"", "a message without octets"},
        {std::string(1, '\0'), "a lone NUL"},
        {every_octet + every_octet, "every octet"},
        {"\\x41\\000 'quoted' \xff\xfe", "what an escape format could trip over"},
        {random_octets(1024 * 1024), "one full part"},
        {random_octets(1024 * 1024 + 1), "one octet in a second part"},
        {random_octets(3 * 1024 * 1024 + 12345), "parts"},
    }));
    INFO(why);
    const auto id = m.send({alice}, "x", octets);
    const auto whole = test::value(m.db.run(m.db->messages().read_content(id, UINT64_MAX)));
    REQUIRE(whole->in_memory());
    CHECK(whole->size() == octets.size());
    CHECK((*whole->in_memory() == octets));

    const auto limited = test::value(m.db.run(m.db->messages().read_content(id, in_memory)));
    CHECK(limited->in_memory().has_value() == (octets.size() <= in_memory));
    CHECK(limited->size() == octets.size());
    CHECK((read_off_loop(*limited) == octets));
}

TEST_CASE("a large message is read from any offset, across its parts and by several threads") {
    test::mail m(ON_BOTH_DATABASES);
    const auto octets = random_octets(2 * 1024 * 1024 + 500);
    const auto id = m.send({m.account("alice")}, "large", octets);
    const auto content = test::value(m.db.run(m.db->messages().read_content(id, in_memory)));
    REQUIRE(!content->in_memory());

    const auto check = [&](std::size_t offset, std::size_t size) {
        std::string piece(size, '?');
        const auto got = content->read(offset, piece);
        piece.resize(got);
        const auto expected = offset < octets.size() ? octets.substr(offset, size) : "";
        return piece == expected;
    };
    std::vector<std::future<bool>> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.push_back(std::async(std::launch::async, [&check] {
            constexpr std::size_t part = 1024 * 1024;
            return check(0, 1) && check(part - 1, 2) && check(2 * part, 500) && check(part - 10, part + 20) &&
                   check(2 * part + 499, 100) && check(2 * part + 500, 10) && check(5 * part, 10) && check(7, 0);
        }));
    }
    for (auto& reader : readers) CHECK(reader.get());
}

TEST_CASE("a message that goes while it is read ends the reading with a reason") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto id = m.send({alice}, "large", std::string(2 * 1024 * 1024, 'x'));
    const auto content = test::value(m.db.run(m.db->messages().read_content(id, in_memory)));
    test::value(m.db.run(m.db->accounts().remove_account(alice.id)));
    try {
        read_off_loop(*content);
        FAIL("it was read");
    } catch (const std::system_error& failed) {
        CHECK(failed.code() == errc::not_found);
    }
    test::failure(m.db.run(m.db->messages().read_content(id, in_memory)), errc::not_found);
}

TEST_CASE("a content outlives its database, and says that it can no longer be read") {
    std::optional<test::mail> m(std::in_place, ON_BOTH_DATABASES);
    const auto id = m->send({m->account("alice")}, "large", std::string(2 * 1024 * 1024, 'x'));
    const auto content = test::value(m->db.run(m->db->messages().read_content(id, in_memory)));
    m->db->close();
    try {
        read_off_loop(*content);
        FAIL("it was read");
    } catch (const std::system_error& failed) {
        CHECK(failed.code() == errc::unavailable);
    }
    m.reset();
    CHECK(content->size() == 2 * 1024 * 1024);
}

TEST_CASE("a message whose parts are not all there is a failure, not a shorter message") {
    test::mail m(ON_BOTH_DATABASES);
    const auto id = m.send({m.account("alice")}, "large", std::string(2 * 1024 * 1024, 'x'));
    m.place.execute("DELETE FROM message_content WHERE part = 1");
    test::failure(m.db.run(m.db->messages().read_content(id, in_memory)), errc::failed);
    test::failure(m.db.run(m.db->messages().read_content(id, UINT64_MAX)), errc::failed);
}

TEST_CASE("an account that goes takes its messages, but not what others hold") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    const auto own = m.send({alice}, "own");
    const auto shared = m.send({alice, bob}, "shared");
    const auto his = m.send({bob}, "his");
    // More than one round of deletions; by SQL, as it is about what is read back.
    m.place.execute(
        "INSERT INTO message (id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name, "
        "from_address,"
        " to_list, subject, sent_at, preview, has_attachments, header_message_id, in_reply_to, reference_list, submitted_by)"
        " WITH RECURSIVE many (id) AS (SELECT 1000000 UNION ALL SELECT id + 1 FROM many WHERE id < 1000599)"
        " SELECT many.id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name, from_address, "
        "to_list,"
        " subject, sent_at, preview, has_attachments, header_message_id, in_reply_to, reference_list, submitted_by"
        " FROM message CROSS JOIN many WHERE message.id = " +
        core::to_string(own) +
        "; INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to)"
        " SELECT id + 1000000, (SELECT id FROM mailbox WHERE role = 'inbox' AND account_id = " +
        core::to_string(alice.id) + "), id, id, 1, received_at, '' FROM message WHERE id >= 1000000");
    test::value(m.db.run(m.db->accounts().remove_account(alice.id)));
    CHECK(m.place.number("SELECT count(*) FROM message") == 2);
    test::failure(m.db.run(m.db->messages().read_content(own, in_memory)), errc::not_found);
    test::value(m.db.run(m.db->messages().read_content(shared, in_memory)));
    test::value(m.db.run(m.db->messages().read_content(his, in_memory)));
    CHECK(m.place.number("SELECT count(*) FROM mailbox_message") == 2);
    CHECK(m.place.number("SELECT count(*) FROM message_octets") == 2);
    CHECK(m.place.number("SELECT count(*) FROM message_timeline WHERE message_id = " + core::to_string(own)) == 0);
    CHECK(m.place.number("SELECT count(*) FROM address WHERE local_part = 'alice'") == 0);
}

}  // namespace content_test
