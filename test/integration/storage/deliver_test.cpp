#include <algorithm>
#include <atomic>
#include <semaphore>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "mail.hpp"
#include "storage/digest.hpp"
#include "test/run.hpp"

namespace deliver_test {

using namespace postern;
using namespace postern::storage;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

/// Octets that need no memory: a different one at every place, NUL included, and no period that divides a part.
class generated_content : public core::content {
public:
    explicit generated_content(std::uint64_t size) : size_(size) {}
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        if (offset >= size_) return 0;
        const auto n = std::min<std::uint64_t>(into.size(), size_ - offset);
        for (std::uint64_t i = 0; i < n; ++i) into[i] = static_cast<char>((offset + i) * 2654435761U >> 13U);
        largest_read = std::max(largest_read.load(), into.size());
        return n;
    }
    mutable std::atomic<std::size_t> largest_read = 0;

private:
    std::uint64_t size_;
};

/// Octets on a medium that takes its time: whoever reads waits until the test lets it go.
class slow_content final : public generated_content {
public:
    using generated_content::generated_content;
    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        if (!let_go_.exchange(true)) {
            reading.release();
            go.acquire();
        }
        return generated_content::read(offset, into);
    }
    mutable std::binary_semaphore reading{0}, go{0};

private:
    mutable std::atomic<bool> let_go_ = false;
};

net::awaitable<bool> deliver_and_note(test::mail& m, delivery d, std::vector<std::string>& order) {
    auto name = d.summary.subject;
    const auto outcome = co_await m.db->messages().deliver(std::move(d));
    order.push_back(std::move(name));
    co_return outcome.has_value();
}

/// While a lane is busy with `blocked`, which is let go on only when this one has its answer.
net::awaitable<bool> deliver_meanwhile(test::mail& m, delivery d, const slow_content& blocked,
                                       std::vector<std::string>& order) {
    blocked.reading.acquire();
    const auto stored = co_await deliver_and_note(m, std::move(d), order);
    blocked.go.release();
    co_return stored;
}

std::int64_t count(const test::mail& m, const std::string& table) { return m.place.number("SELECT count(*) FROM " + table); }

}  // namespace

TEST_CASE("a message for many is stored once, with a copy in each one's mailbox") {
    test::mail m(ON_BOTH_DATABASES);
    std::vector<account> all;
    for (int i = 0; i < 30; ++i) all.push_back(m.account("account" + std::to_string(i)));
    const std::string octets = "Subject: x\r\n\r\nbody\r\n";
    const auto id = m.send(all, "many", octets);

    CHECK(count(m, "message") == 1);
    CHECK(count(m, "message_octets") == 1);
    CHECK(count(m, "mailbox_message") == 30);
    CHECK(count(m, "message_timeline") == 31);
    for (const auto& account : all) {
        const auto inbox = m.mailbox(account, mailbox_role::inbox);
        CHECK(inbox.total == 1);
        CHECK(inbox.unread == 1);
        CHECK(inbox.uid_next == 2);
        CHECK(inbox.highest_modseq == 2);
        const auto now = test::value(m.db.run(m.db->accounts().find_account(account.id)));
        CHECK(now->quota_used == static_cast<std::int64_t>(octets.size()));
    }
    const auto trace = test::value(m.db.run(m.db->messages().trace(id)));
    REQUIRE(trace.events.size() == 31);
    CHECK(trace.events.front().kind == "received");
    CHECK(trace.events.back().kind == "delivered");
    CHECK(trace.places.size() == 30);
    CHECK(trace.recipients.size() == 30);
}

TEST_CASE("two recipients that lead to one mailbox make one copy, and both are told of") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    auto d = m.letter({alice}, "twice");
    d.local.push_back({alice.id, mailbox_role::inbox, "alias@example.test", false});
    const auto id = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    CHECK(m.mailbox(alice, mailbox_role::inbox).total == 1);
    const auto trace = test::value(m.db.run(m.db->messages().trace(id)));
    REQUIRE(trace.events.size() == 3);
    CHECK(trace.events[1].recipient == "alice@example.test");
    CHECK(trace.events[2].recipient == "alias@example.test");
}

TEST_CASE("a sent copy is born read and counts towards the quota like any other") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    auto d = m.letter({alice}, "self", "0123456789");
    d.local.push_back({alice.id, mailbox_role::sent, "", true});
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    CHECK(m.mailbox(alice, mailbox_role::sent).total == 1);
    CHECK(m.mailbox(alice, mailbox_role::sent).unread == 0);
    CHECK(m.mailbox(alice, mailbox_role::inbox).unread == 1);
    CHECK(test::value(m.db.run(m.db->accounts().find_account(alice.id)))->quota_used == 20);
}

TEST_CASE("a message of 25 MB goes in by parts and comes out as it was") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto size = GENERATE(25 * mebibyte, 25 * mebibyte + 1);
    auto d = m.letter({alice}, "large");
    const auto octets = std::make_shared<generated_content>(size);
    d.octets = octets;
    const auto id = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    CHECK(octets->largest_read <= mebibyte);
    CHECK(count(m, "message_octets") == static_cast<std::int64_t>((size + mebibyte - 1) / mebibyte));
    const auto stored = test::value(m.db.run(m.db->messages().read_content(id, UINT64_MAX)));
    CHECK(stored->size() == size);
    CHECK((core::read_all(*stored) == core::read_all(*octets)));
    std::string hex;
    for (const auto octet : sha256(*stored)) hex += fmt::format("{:02x}", octet);
    CHECK(m.place.text(m.place.on() == test::engine::sqlite ? "SELECT lower(hex(sha256)) FROM message"
                                                            : "SELECT encode(sha256, 'hex') FROM message") == hex);
}

TEST_CASE("a large message on a slow medium holds up no small one") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto octets = std::make_shared<slow_content>(3 * mebibyte);
    auto large = m.letter({alice}, "large");
    large.octets = octets;
    auto small = m.letter({alice}, "small");
    std::vector<std::string> order;
    std::vector<net::awaitable<bool>> both;
    both.push_back(deliver_and_note(m, std::move(large), order));
    both.push_back(deliver_meanwhile(m, std::move(small), *octets, order));
    CHECK(test::run_all(m.db.loop, std::move(both)) == std::vector<bool>{true, true});
    CHECK(order == std::vector<std::string>{"small", "large"});
    CHECK(m.mailbox(alice, mailbox_role::inbox).total == 2);
}

TEST_CASE("an account removed or disabled after RCPT gets nothing, and its message is not stored for others either") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    const auto removed = GENERATE(true, false);
    if (removed) {
        test::value(m.db.run(m.db->accounts().remove_account(bob.id)));
    } else {
        test::value(m.db.run(m.db->accounts().set_disabled(bob.id, true)));
    }
    // In one batch with a message that is well.
    std::vector<net::awaitable<core::result<delivered>>> batch;
    batch.push_back(m.db->messages().deliver(m.letter({alice}, "well")));
    batch.push_back(m.db->messages().deliver(m.letter({alice, bob}, "gone")));
    batch.push_back(m.db->messages().deliver(m.letter({bob}, "gone")));
    const auto outcomes = test::run_all(m.db.loop, std::move(batch));
    test::value(outcomes[0]);
    test::failure(outcomes[1], errc::account_gone);
    test::failure(outcomes[2], errc::account_gone);
    CHECK(count(m, "message") == 1);
    CHECK(count(m, "message_octets") == 1);
    CHECK(count(m, "mailbox_message") == 1);
    CHECK(m.mailbox(alice, mailbox_role::inbox).total == 1);
}

TEST_CASE("a message the database refuses fails alone, in the midst of others") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto first_id = m.send({alice}, "first");
    struct bad_item {
        const char* why;
        std::function<void(delivery&)> spoil;
    };
    const auto bad = GENERATE_COPY(values<bad_item>({
        {"a check constraint", [](delivery& d) { d.return_path_size = -1; }},
        {"a detail that is no JSON", [](delivery& d) { d.events[0].detail = "{"; }},
        {"an id that is taken", [first_id](delivery& d) { d.id = first_id; }},
    }));
    INFO(bad.why);
    std::vector<net::awaitable<core::result<delivered>>> batch;
    for (int i = 0; i < 20; ++i) {
        auto d = m.letter({alice}, "n" + std::to_string(i));
        if (i == 7) bad.spoil(d);
        batch.push_back(m.db->messages().deliver(std::move(d)));
    }
    const auto outcomes = test::run_all(m.db.loop, std::move(batch));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (i == 7) {
            test::failure(outcomes[i], errc::failed);
        } else {
            test::value(outcomes[i]);
        }
    }
    CHECK(m.mailbox(alice, mailbox_role::inbox).total == 20);
    CHECK(m.mailbox(alice, mailbox_role::inbox).uid_next == 21);
    CHECK(count(m, "message") == 20);
}

TEST_CASE("any date a stranger writes can be stored") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    std::vector dates{core::timestamp::min(), core::timestamp::max()};
    for (const auto year : {-32'767, -1, 0, 1900, 9999, 10'000, 32'767}) {
        dates.emplace_back(std::chrono::sys_days(std::chrono::year{year} / 1 / 1));
    }
    for (const auto date : dates) {
        auto d = m.letter({alice}, "date");
        d.summary.date = date;
        test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    }
    CHECK(count(m, "message WHERE sent_at IS NOT NULL") == 3);
    CHECK(count(m, "message WHERE sent_at IS NULL") == 6);
}

TEST_CASE("ids are handed out once, rising, by two processes at a time") {
    const auto on = ON_BOTH_DATABASES;
    test::mail m(on);
    test::open_database other(m.place);
    std::set<std::int64_t> seen;
    std::int64_t last = 0, last_other = 0;
    for (int i = 0; i < 1500; ++i) {
        const auto mine = test::value(m.db.run(m.db->messages().next_id())).value;
        const auto theirs = test::value(other.run(other->messages().next_id())).value;
        if (mine <= last || theirs <= last_other || !seen.insert(mine).second || !seen.insert(theirs).second) {
            FAIL("an id came twice or out of order");
        }
        last = mine;
        last_other = theirs;
    }
    // More waiters than a block holds, all at once.
    std::vector<net::awaitable<core::result<message_id>>> many;
    for (int i = 0; i < 10'000; ++i) many.push_back(m.db->messages().next_id());
    for (const auto& id : test::run_all(m.db.loop, std::move(many))) {
        if (!seen.insert(test::value(id).value).second) FAIL("an id came twice");
    }
}

}  // namespace deliver_test
