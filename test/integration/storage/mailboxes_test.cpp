#include <thread>

#include "storage/soci/entry_columns.hpp"
#include "view_mail.hpp"

namespace mailboxes_test {

using namespace postern;
using namespace postern::storage;
using test::all_done;
using test::view_mail;
using status = changed_entry::status;

TEST_CASE("flags are changed as asked, counted, numbered once a call, and nothing happens where they are so already") {
    view_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one");
    const auto two = m.receive("two");
    const auto before = m.inbox();
    REQUIRE(before.unread == 2);

    CHECK(m.change({two.id, one.id}, {.seen = true, .flagged = true}) ==
          std::vector<changed_entry>{{two.id, status::done}, {one.id, status::done}});
    const auto after = m.inbox();
    CHECK(after.unread == 0);
    CHECK(after.total == 2);
    CHECK(after.highest_modseq == before.highest_modseq + 1);
    CHECK(after.uid_next == before.uid_next);
    for (const auto id : {one.id, two.id}) {
        const auto entry = m.find(id);
        CHECK(entry.seen);
        CHECK(entry.flagged);
        CHECK(!entry.answered);
        CHECK(entry.modseq == after.highest_modseq);
    }
    CHECK(m.find(one.id).uid == one.uid);

    CHECK(all_done(m.change({one.id, two.id}, {.seen = true})));
    CHECK(m.inbox().highest_modseq == after.highest_modseq);
    CHECK(all_done(m.change({one.id}, {.seen = false, .answered = true})));
    CHECK(m.inbox().unread == 1);
    CHECK(m.find(one.id).answered);
    CHECK(m.find(one.id).flagged);
    CHECK(m.count("mailbox_change") == 3);
    CHECK(m.counters_are_right());
}

TEST_CASE("an entry moves with its id and gets the next uid, in the order the entries had") {
    view_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one");
    const auto two = m.receive("two");
    const auto archive = m.mailbox(m.alice, mailbox_role::archive);
    CHECK(all_done(m.change({two.id, one.id}, {.seen = true, .mailbox = archive.id})));
    const auto moved_one = m.find(one.id);
    const auto moved_two = m.find(two.id);
    CHECK(moved_one.mailbox == archive.id);
    CHECK(moved_one.uid == 1);
    CHECK(moved_two.uid == 2);
    CHECK(moved_one.seen);
    CHECK(m.inbox().total == 0);
    CHECK(m.inbox().unread == 0);
    CHECK(m.mailbox(m.alice, mailbox_role::archive).uid_next == 3);
    CHECK(m.mailbox(m.alice, mailbox_role::archive).total == 2);
    CHECK(all_done(m.change({one.id}, {.mailbox = archive.id})));  // there already
    CHECK(m.find(one.id).uid == 1);
    CHECK(m.counters_are_right());
    CHECK(m.count("mailbox_change WHERE kind = 'moved_out'") == 2);
    CHECK(m.count("mailbox_change WHERE kind = 'moved_in'") == 2);

    m.receive("three");  // deliveries go on from where the changes left the mailbox
    CHECK(m.counters_are_right());
}

TEST_CASE("what is not there, not theirs or not as expected is said for each, and the others go on") {
    view_mail m(ON_BOTH_DATABASES);
    const auto mine = m.receive("mine");
    const auto other = m.receive("other");
    const auto bobs = m.send({m.bob}, "his");
    const auto his = test::value(m.db.run(m.db->messages().find_entry(m.bob.id, bobs.value)));
    CHECK(m.change({his.id, mine.id, {4711}, mine.id}, {.flagged = true}) ==
          std::vector<changed_entry>{
              {his.id, status::missing}, {mine.id, status::done}, {{4711}, status::missing}, {mine.id, status::done}});
    CHECK(!test::value(m.db.run(m.db->messages().find_entry(m.bob.id, his.id.value))).flagged);

    CHECK(m.change({mine.id}, {.seen = true}, mine.modseq) == std::vector<changed_entry>{{mine.id, status::modified}});
    CHECK(!m.find(mine.id).seen);
    CHECK(m.change({other.id}, {.seen = true}, other.modseq) == std::vector<changed_entry>{{other.id, status::done}});
    CHECK(m.discard({mine.id}, mine.modseq) == std::vector<changed_entry>{{mine.id, status::modified}});
    CHECK(m.change({}, {.seen = true}).empty());

    const auto his_inbox = m.mailbox(m.bob, mailbox_role::inbox).id;
    test::failure(m.db.run(m.boxes().change(m.alice.id, {mine.id}, {.mailbox = his_inbox}, {}, m.now())), errc::not_found);
    const std::vector<entry_id> too_many(mailbox_store::most_entries + 1, mine.id);
    test::failure(m.db.run(m.boxes().change(m.alice.id, too_many, {.seen = true}, {}, m.now())), errc::refused);
    CHECK(m.find(mine.id).mailbox == mine.mailbox);
    CHECK(m.counters_are_right());
}

TEST_CASE("discarding moves to Trash, and from there removes for good, octets and all, while the trace stays") {
    view_mail m(ON_BOTH_DATABASES);
    const auto entry = m.receive("unwanted", std::string(5000, 'x'));
    REQUIRE(m.count("message_octets") == 1);
    CHECK(all_done(m.discard({entry.id})));
    CHECK(m.find(entry.id).mailbox == m.trash().id);
    CHECK(m.count("message_octets") == 1);
    CHECK(m.place.number("SELECT quota_used FROM account WHERE id = " + core::to_string(m.alice.id)) == 5000);

    CHECK(all_done(m.discard({entry.id})));
    CHECK(m.gone(entry.id));
    CHECK(m.trash().total == 0);
    CHECK(m.count("message_octets") == 0);
    CHECK(m.place.number("SELECT quota_used FROM account WHERE id = " + core::to_string(m.alice.id)) == 0);
    CHECK(!test::value(m.db.run(m.db->messages().trace(entry.message))).events.empty());
    test::failure(m.db.run(m.db->messages().read_content(entry.message, 1024)), errc::not_found);
    CHECK(m.discard({entry.id}) == std::vector<changed_entry>{{entry.id, status::missing}});
    CHECK(m.counters_are_right());

    test::value(m.db.run(m.db->messages().remove_events_before(m.now(), 100)));
    CHECK(m.count("message") == 0);
}

TEST_CASE("octets stay while somebody else has the message, or while it is on its way out") {
    view_mail m(ON_BOTH_DATABASES);
    const auto both = m.send({m.alice, m.bob}, "both");
    auto d = m.letter({}, "out");
    d.submitted_by = m.alice.id;
    d.local = {{m.alice.id, mailbox_role::sent, "", true}};
    d.remote = {{"x@far.test", "far.test", {}, std::nullopt, m.now() + std::chrono::hours(1)}};
    const auto sent = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    for (const auto message : {both, sent}) {
        const auto entry = m.find(message.value).id;
        CHECK(all_done(m.discard({entry})));
        CHECK(all_done(m.discard({entry})));
        CHECK(m.gone(entry));
        CHECK(m.db.run(m.db->messages().read_content(message, 1024)));
    }
    const auto his = test::value(m.db.run(m.db->messages().find_entry(m.bob.id, both.value))).id;
    for (int i = 0; i < 2; ++i) test::value(m.db.run(m.boxes().discard(m.bob.id, {his}, {}, m.now())));
    CHECK(!m.db.run(m.db->messages().read_content(both, 1024)));

    const auto items = test::value(m.db.run(m.db->queue().list({})));
    queue_outcome done;
    done.item = items.at(0).id;
    done.message = sent;
    test::value(m.db.run(m.db->queue().conclude("", {done}, {})));
    CHECK(!m.db.run(m.db->messages().read_content(sent, 1024)));
    CHECK(m.counters_are_right());
}

TEST_CASE("mailboxes are made, renamed and removed; those with a role stay as they are") {
    view_mail m(ON_BOTH_DATABASES);
    const auto make = [&m](const std::string& name) { return m.db.run(m.boxes().add(m.alice.id, name, m.now())); };
    const auto work = test::value(make("Arbeit/漢字 'x'"));
    CHECK(work.role == mailbox_role::none);
    CHECK(work.uid_next == 1);
    CHECK(work.highest_modseq == 1);
    test::failure(make("Arbeit/漢字 'x'"), errc::already_exists);
    for (const auto* name : {"", " a", "a ", "a\nb", "a\x7f", "\t", "inbox", "INBOX", "iNbOx"}) {
        INFO(name);
        test::failure(make(name), errc::refused);
    }
    test::failure(make(std::string(1025, 'x')), errc::refused);
    test::value(make(std::string(1024, 'x')));
    test::value(make("Inboxes"));
    test::failure(m.db.run(m.boxes().add({4711}, "x", m.now())), errc::not_found);

    CHECK(test::value(m.db.run(m.boxes().rename(m.alice.id, work.id, "Work"))).name == "Work");
    CHECK(test::value(m.db.run(m.boxes().rename(m.alice.id, work.id, "Work"))).name == "Work");
    test::failure(m.db.run(m.boxes().rename(m.alice.id, work.id, "Sent")), errc::already_exists);
    test::failure(m.db.run(m.boxes().rename(m.alice.id, work.id, "")), errc::refused);
    test::failure(m.db.run(m.boxes().rename(m.bob.id, work.id, "His")), errc::not_found);
    for (const auto role : {mailbox_role::inbox, mailbox_role::sent, mailbox_role::trash, mailbox_role::drafts}) {
        const auto box = m.mailbox(m.alice, role).id;
        test::failure(m.db.run(m.boxes().rename(m.alice.id, box, "Other")), errc::refused);
        test::failure(m.db.run(m.boxes().remove(m.alice.id, box, m.now())), errc::refused);
    }

    const auto entry = m.receive("kept");
    CHECK(all_done(m.change({entry.id}, {.mailbox = work.id})));
    test::failure(m.db.run(m.boxes().remove(m.bob.id, work.id, m.now())), errc::not_found);
    CHECK(m.find(entry.id).mailbox == work.id);
    test::value(m.db.run(m.boxes().remove(m.alice.id, work.id, m.now())));
    CHECK(m.find(entry.id).mailbox == m.trash().id);
    test::failure(m.db.run(m.boxes().remove(m.alice.id, work.id, m.now())), errc::not_found);
    CHECK(m.counters_are_right());
}

TEST_CASE("an account has so many mailboxes and no more") {
    view_mail m(ON_BOTH_DATABASES);
    for (int i = 0; i < 250; ++i) {
        test::value(m.db.run(m.boxes().add(m.alice.id, "box " + std::to_string(i), m.now())));
    }
    test::failure(m.db.run(m.boxes().add(m.alice.id, "one more", m.now())), errc::refused);
}

TEST_CASE("a thousand entries change in one call, and a mailbox of more is removed in rounds") {
    view_mail m(ON_BOTH_DATABASES);
    constexpr std::int64_t many = 2'300;
    const auto box = test::value(m.db.run(m.boxes().add(m.alice.id, "many", m.now()))).id;
    const auto message = m.send({m.bob}, "held by many");
    const bool sqlite = m.place.on() == test::engine::sqlite;
    const auto id = core::to_string(box);
    const std::string series = sqlite ? "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2300) "
                                      : "WITH s AS (SELECT generate_series(1, 2300) AS n) ";
    m.place.execute(series +
                    "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to)"
                    " SELECT 1000000 + n, " +
                    id + ", n, " + core::to_string(message) + ", n + 1, (SELECT max(received_at) FROM message), '' FROM s");
    m.place.execute("UPDATE mailbox SET total = 2300, unread = 2300, uid_next = 2301, highest_modseq = 2301 WHERE id = " + id);
    m.place.execute("UPDATE account SET quota_used = 2300 * 3 WHERE id = " + core::to_string(m.alice.id));
    REQUIRE(m.counters_are_right());

    std::vector<entry_id> thousand;
    for (std::int64_t i = 1; i <= 1000; ++i) thousand.push_back({1'000'000 + i});
    CHECK(all_done(m.change(thousand, {.seen = true})));
    CHECK(m.place.number("SELECT highest_modseq FROM mailbox WHERE id = " + id) == 2302);
    CHECK(m.counters_are_right());

    test::value(m.db.run(m.boxes().remove(m.alice.id, box, m.now())));
    CHECK(m.trash().total == many);
    CHECK(m.trash().unread == many - 1000);
    CHECK(m.place.number("SELECT uid FROM mailbox_message WHERE id = 1000001") == 1);
    CHECK(m.place.number("SELECT uid FROM mailbox_message WHERE id = 1002300") == many);
    CHECK(m.counters_are_right());

    for (auto& entry : thousand) entry.value += 1000;
    CHECK(all_done(m.discard(thousand)));
    CHECK(m.trash().total == many - 1000);
    CHECK(m.counters_are_right());
}

TEST_CASE("two processes change, move and discard the same entries while mail arrives, and the numbers are right") {
    view_mail m(ON_BOTH_DATABASES);
    std::vector<entry_id> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(m.receive("r" + std::to_string(i)).id);
    const auto box = test::value(m.db.run(m.boxes().add(m.alice.id, "elsewhere", m.now()))).id;
    const auto inbox = m.inbox().id;

    const auto disturb = [&m, &ids, box, inbox](unsigned seed) {
        test::open_database other(m.place);
        auto& boxes = other->mailboxes();
        for (unsigned i = 0; i < 30; ++i) {
            auto some = ids;
            std::ranges::rotate(some, some.begin() + (i * 7 + seed) % 20);
            some.resize(10);
            entry_change wanted{.seen = i % 2 == 0, .flagged = i % 3 == 0};
            if (i % 4 == 0) wanted.mailbox = (i + seed) % 8 < 4 ? box : inbox;
            const auto done = other.run(boxes.change(m.alice.id, some, wanted, {}, other.clock.now()));
            if (!done) throw std::runtime_error(done.error().message());
            if (i % 10 == 9) {
                const auto thrown = other.run(boxes.discard(m.alice.id, {some[0], some[1]}, {}, other.clock.now()));
                if (!thrown) throw std::runtime_error(thrown.error().message());
            }
        }
    };
    std::exception_ptr failed;
    std::vector<std::jthread> others;
    for (const unsigned seed : {1U, 4U}) {
        others.emplace_back([&, seed] {
            try {
                disturb(seed);
            } catch (...) {
                failed = std::current_exception();
            }
        });
    }
    for (int i = 0; i < 20; ++i) m.receive("meanwhile" + std::to_string(i));
    others.clear();
    if (failed) std::rethrow_exception(failed);
    CHECK(m.counters_are_right());
    CHECK(m.inbox().total + m.trash().total + m.place.number("SELECT total FROM mailbox WHERE id = " + core::to_string(box)) ==
          m.count("mailbox_message"));
}

TEST_CASE("two who let go of a message at the same time leave no octets behind") {
    view_mail m(ON_BOTH_DATABASES);
    std::vector<entry_id> hers;
    std::vector<entry_id> his;
    for (int i = 0; i < 10; ++i) {
        const auto message = m.send({m.alice, m.bob}, "both" + std::to_string(i));
        hers.push_back(m.find(message.value).id);
        his.push_back(test::value(m.db.run(m.db->messages().find_entry(m.bob.id, message.value))).id);
    }
    test::value(m.db.run(m.boxes().discard(m.bob.id, his, {}, m.now())));
    m.discard(hers);
    std::jthread other([&] {
        test::open_database second(m.place);
        for (const auto id : his) second.run(second->mailboxes().discard(m.bob.id, {id}, {}, second.clock.now()));
    });
    for (const auto id : hers) m.discard({id});
    other.join();
    CHECK(m.count("mailbox_message") == 0);
    CHECK(m.count("message_octets") == 0);
    CHECK(m.counters_are_right());
}

TEST_CASE("who lets go of a message waits for another who is about to, and then drops its octets") {
    view_mail m(test::engine::postgresql);
    const auto message = m.send({m.alice, m.bob}, "both");
    const auto hers = m.find(message.value).id;
    const auto his = test::value(m.db.run(m.db->messages().find_entry(m.bob.id, message.value))).id;
    m.discard({hers});
    connection other(m.place.settings, access::write);  // has looked, seen her entry, and will leave the octets to her
    other.begin();
    other.execute("DELETE FROM mailbox_message WHERE id = " + core::to_string(his) +
                  "; SELECT id FROM message WHERE id = " + core::to_string(message) + " FOR UPDATE");
    std::optional<core::result<std::vector<changed_entry>>> outcome;
    boost::asio::co_spawn(
        m.db.loop, m.boxes().discard(m.alice.id, {hers}, {}, m.now()),
        [&outcome](std::exception_ptr, core::result<std::vector<changed_entry>> r) { outcome = std::move(r); });
    const std::string waiting = "pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while (!outcome && m.count(waiting) == 0) m.db.loop.poll();
    CHECK(!outcome);
    other.commit();
    m.db.run_until([&] { return outcome.has_value(); });
    CHECK(all_done(test::value(*std::move(outcome))));
    CHECK(m.count("message_octets") == 0);
}

TEST_CASE("a page costs its own rows, read by the index, however many entries the mailbox has") {
    view_mail m(ON_BOTH_DATABASES);
    const bool sqlite = m.place.on() == test::engine::sqlite;
    const auto message = m.send({m.alice}, "one of many");
    const auto inbox = core::to_string(m.inbox().id);
    const std::string series = sqlite ? "WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) "
                                      : "WITH s AS (SELECT generate_series(2, 20000) AS n) ";
    m.place.execute(series +
                    "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, delivered_to)"
                    " SELECT 1000000 + n, " +
                    inbox + ", n, " + core::to_string(message) + ", n, (SELECT max(received_at) FROM message), '' FROM s;" +
                    (sqlite ? "ANALYZE" : "ANALYZE mailbox_message; ANALYZE message; ANALYZE mailbox"));
    auto sql = entry_columns::page(sqlite ? backend::sqlite : backend::postgresql);
    for (const auto& [name, value] : {std::pair<std::string, std::string>{":mailbox", inbox},
                                      {":account", core::to_string(m.alice.id)},
                                      {":before", "10000"},
                                      {":rows", "51"}}) {
        for (auto at = sql.find(name); at != std::string::npos; at = sql.find(name)) sql.replace(at, name.size(), value);
    }
    connection session(m.place.settings, access::read);
    std::string plan;
    std::vector<std::int64_t> numbers(3);
    std::string step;
    if (sqlite) {
        query rows(session, "EXPLAIN QUERY PLAN " + sql);
        rows.into(numbers[0]).into(numbers[1]).into(numbers[2]).into(step);
        while (rows.next()) plan += step + '\n';
        CAPTURE(plan);
        CHECK_THAT(plan, Catch::Contains("(mailbox_id=? AND uid<?)"));
        CHECK_THAT(plan, !Catch::Contains("SCAN mailbox_message"));
    } else {
        query rows(session, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql);
        rows.into(step);
        while (rows.next()) plan += step + '\n';
        CAPTURE(plan);
        CHECK_THAT(plan, Catch::Contains("on mailbox_message (actual rows=51 "));
        CHECK_THAT(plan, !Catch::Contains("Seq Scan on mailbox_message"));
    }
}

}  // namespace mailboxes_test
