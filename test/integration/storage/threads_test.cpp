#include "view_mail.hpp"

namespace threads_test {

using namespace postern;
using namespace postern::storage;
using test::view_mail;

namespace {

struct threads : view_mail {
    using view_mail::view_mail;

    /// An entry of alice's with this Message-ID that names these.
    entry_id letter_of(const std::string& id, std::vector<std::string> references, std::string in_reply_to = "") {
        auto d = letter({alice}, id.empty() ? "none" : id);
        d.summary.message_id = id;
        d.summary.references = std::move(references);
        d.summary.in_reply_to = std::move(in_reply_to);
        const auto message = d.id;
        test::value(db.run(db->messages().deliver(std::move(d))));
        db.clock.advance(std::chrono::seconds(1));
        return find(message.value).id;
    }

    std::size_t thread_all(std::size_t limit = 100) {
        std::size_t all = 0;
        for (std::size_t some = limit; some == limit;) {
            some = test::value(db.run(boxes().thread_arrivals({}, limit)));
            all += some;
        }
        return all;
    }

    std::vector<entry_id> listed(thread_id thread) {
        std::vector<entry_id> all;
        for (const auto& entry : test::value(db.run(boxes().list_thread(alice.id, thread)))) all.push_back(entry.id);
        return all;
    }
    std::vector<entry_id> listed(entry_id of_entry) { return listed(find(of_entry).thread); }
};

}  // namespace

TEST_CASE("replies join the thread of what they answer, whichever came first, and strangers do not") {
    threads m(ON_BOTH_DATABASES);
    const auto root = m.letter_of("root@x", {});
    const auto reply = m.letter_of("reply@x", {"root@x"});
    const auto other = m.letter_of("other@x", {});
    const auto by_in_reply_to = m.letter_of("again@x", {}, "reply@x");
    CHECK(m.listed(root) == std::vector{root});  // not known yet: itself
    CHECK(m.thread_all() == 4);
    CHECK(m.find(root).thread == thread_id{root.value});
    CHECK(m.listed(root) == std::vector{root, reply, by_in_reply_to});
    CHECK(m.listed(reply) == m.listed(root));
    CHECK(m.listed(other) == std::vector{other});
    CHECK(m.thread_all() == 0);

    // An answer before its question; two that name the same unknown one.
    const auto early = m.letter_of("early@x", {"later@x"});
    const auto sibling = m.letter_of("sibling@x", {"later@x"});
    m.thread_all();
    CHECK(m.listed(early) == std::vector{early, sibling});
    const auto later = m.letter_of("later@x", {});
    m.thread_all();
    CHECK(m.listed(later) == std::vector{early, sibling, later});
    const auto listed = test::value(m.db.run(m.db->messages().list_entries(m.alice.id, m.inbox().id, {}, 1)));
    CHECK(listed.entries.at(0).thread == thread_id{early.value});
}

TEST_CASE("a message that names two threads makes them one, and old numbers still lead there") {
    threads m(ON_BOTH_DATABASES);
    const auto a = m.letter_of("a@x", {});
    const auto b = m.letter_of("b@x", {});
    m.thread_all();
    const auto both = m.letter_of("c@x", {"a@x", "b@x"});
    m.thread_all(1);
    CHECK(m.listed(thread_id{a.value}) == std::vector{a, b, both});
    CHECK(m.listed(thread_id{b.value}) == std::vector{a, b, both});
    const auto after = m.letter_of("d@x", {"b@x"});
    m.thread_all();
    CHECK(m.listed(a).back() == after);

    // All in one batch.
    const auto e = m.letter_of("e@x", {});
    const auto f = m.letter_of("f@x", {});
    const auto g = m.letter_of("g@x", {"f@x", "e@x"});
    m.thread_all();
    CHECK(m.listed(e) == std::vector{e, f, g});
}

TEST_CASE("threads are an account's own; without ids everything stands alone") {
    threads m(ON_BOTH_DATABASES);
    const auto root = m.letter_of("root@x", {});
    auto d = m.letter({m.bob}, "his");
    d.summary.references = {"root@x"};
    d.summary.message_id = "his@x";
    const auto message = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto bare = m.letter_of("", {});
    const auto bare_too = m.letter_of("", {});
    m.thread_all();
    const auto his = test::value(m.db.run(m.db->messages().find_entry(m.bob.id, message.value)));
    CHECK(his.thread == thread_id{his.id.value});
    CHECK(m.listed(root) == std::vector{root});
    CHECK(m.listed(bare) == std::vector{bare});
    CHECK(m.listed(bare_too) == std::vector{bare_too});
    test::failure(m.db.run(m.boxes().list_thread(m.bob.id, {root.value})), errc::not_found);
    test::failure(m.db.run(m.boxes().list_thread(m.alice.id, {4'711'000})), errc::not_found);
}

TEST_CASE("entries keep their threads where they move, and what is remembered goes with the last of a thread") {
    threads m(ON_BOTH_DATABASES);
    const auto root = m.letter_of("root@x", {});
    const auto reply = m.letter_of("reply@x", {"root@x"});
    m.thread_all();
    m.discard({root});
    m.thread_all();
    CHECK(m.listed(reply) == std::vector{root, reply});
    m.discard({root});
    CHECK(m.listed(reply) == std::vector{reply});
    CHECK(m.count("thread_reference") == 2);
    m.discard({reply});
    m.discard({reply});
    CHECK(m.count("thread_reference") == 0);

    // Moved before it was reached.
    const auto late = m.letter_of("late@x", {});
    m.change({late}, {.mailbox = m.mailbox(m.alice, mailbox_role::archive).id});
    m.thread_all();
    CHECK(m.place.number("SELECT thread_id FROM mailbox_message WHERE id = " + core::to_string(late)) == late.value);
}

TEST_CASE("arrivals are found by account, in rounds, after a restart, and by two processes at once") {
    threads m(ON_BOTH_DATABASES);
    m.send({m.bob}, "his");
    std::vector<entry_id> all;
    for (int i = 0; i < 25; ++i) {
        all.push_back(m.letter_of("n" + std::to_string(i) + "@x",
                                  i == 0 ? std::vector<std::string>{} : std::vector{"n" + std::to_string(i - 1) + "@x"}));
    }
    CHECK(test::value(m.db.run(m.boxes().thread_arrivals(m.alice.id, 10))) == 10);
    {
        test::open_database again(m.place);
        CHECK(test::value(again.run(again->mailboxes().thread_arrivals(m.alice.id, 10))) == 10);
        std::optional<core::result<std::size_t>> here;
        boost::asio::co_spawn(m.db.loop, m.boxes().thread_arrivals({}, 100),
                              [&here](std::exception_ptr, core::result<std::size_t> r) { here = std::move(r); });
        const auto there = test::value(again.run(again->mailboxes().thread_arrivals({}, 100)));
        m.db.run_until([&] { return here.has_value(); });
        CHECK(there + test::value(*here) == 6);
    }
    CHECK(m.listed(all[24]) == all);
    CHECK(m.thread_all() == 0);
}

TEST_CASE("a long thread is not rewritten for a message that names it beside another, and is listed by its newest") {
    threads m(ON_BOTH_DATABASES);
    const auto first = m.letter_of("first@x", {});
    const auto large = m.letter_of("large@x", {});
    m.thread_all();
    const bool sqlite = m.place.on() == test::engine::sqlite;
    const std::string series = sqlite ? "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000) "
                                      : "WITH s AS (SELECT generate_series(1, 1000) AS n) ";
    const auto of = " FROM mailbox_message WHERE id = " + core::to_string(large);
    m.place.execute(
        series +
        "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to, thread_id)"
        " SELECT 1000000 + n, (SELECT mailbox_id" +
        of + "), 100 + n, (SELECT message_id" + of + "), 1, (SELECT received_at" + of + "), '', " + core::to_string(large) +
        " FROM s");
    const auto both = m.letter_of("both@x", {"first@x", "large@x"});
    m.thread_all();
    CHECK(m.listed(first) == std::vector{first, both});
    const auto listed = m.listed(large);
    CHECK(listed.size() == mailbox_store::longest_thread);
    CHECK(listed.back() == entry_id{1'001'000});
}

}  // namespace threads_test
