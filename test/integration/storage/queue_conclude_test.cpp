#include <future>

#include "cutting_proxy.hpp"
#include "queue_mail.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/postgresql_delivery.hpp"
#include "test/run.hpp"

namespace queue_conclude_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::cutting_proxy;
using test::engine;
using test::ids;
using test::queue_mail;

namespace {

/// What there is of a message's outward half.
std::int64_t rows(const queue_mail& m) { return m.count("queue_item") + m.count("outbound"); }

}  // namespace

TEST_CASE("an outcome writes its events and takes its item out; the last one takes the outbound half") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test", "carol@far.test"});
    const auto items = m.claim("w");
    REQUIRE(items.size() == 2);
    const auto id = items[0].message;
    CHECK(test::value(m.conclude("w", {queue_mail::done(items[0])})).lost.empty());
    CHECK(m.count("queue_item") == 1);
    CHECK(m.count("outbound") == 1);
    CHECK(test::value(m.conclude("w", {queue_mail::done(items[1], "bounced")})).lost.empty());
    CHECK(rows(m) == 0);
    CHECK(m.kinds(id) == std::vector<std::string>{"received", "queued", "queued", "relayed", "bounced"});
    const auto trace = test::value(m.db.run(m.db->messages().trace(id)));
    CHECK(trace.events[3].recipient == "bob@far.test");
    CHECK_THAT(trace.events[3].detail, Catch::Contains("250 2.0.0 ok"));
    CHECK(trace.places.size() == 1);  // alice's Sent copy keeps it whole
    CHECK(test::value(m.db.run(m.db->messages().read_content(id, 1024)))->size() > 0);
}

TEST_CASE("a message nobody holds keeps its trace when its last recipient is done, and not its octets") {
    queue_mail m(ON_BOTH_DATABASES);
    auto d = m.outgoing({"bob@far.test", "carol@far.test"});
    d.local.clear();
    const auto id = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto items = m.claim("w");
    test::value(m.conclude("w", {queue_mail::done(items.at(0))}));
    CHECK(m.count("message_octets") == 1);
    test::value(m.conclude("w", {queue_mail::done(items.at(1))}));
    CHECK(m.count("message_octets") == 0);
    CHECK(rows(m) == 0);
    const auto trace = test::value(m.db.run(m.db->messages().trace(id)));
    CHECK(trace.recipients == std::vector<std::string>{"bob@far.test", "carol@far.test"});
    CHECK(trace.events.size() == 5);
    test::failure(m.db.run(m.db->messages().read_content(id, 1024)), errc::not_found);
}

TEST_CASE("a deferred item loses its lease, counts its attempt and keeps what the remote said") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto submitted = m.submit({"bob@far.test"});
    auto first = m.deferred(m.claim("w").at(0), m.now() + 1min);
    first.delay_notified = true;
    test::value(m.conclude("w", {first}));
    auto item = test::value(m.db.run(m.queue().find(submitted[0])));
    CHECK(item.attempts == 1);
    CHECK(item.next_attempt_at == m.now() + 1min);
    CHECK(item.lease_owner.empty());
    CHECK(!item.lease_until);
    CHECK(item.delay_notified);
    CHECK(item.last_reply == "450 4.2.0 later");
    m.db.clock.advance(1min);

    auto second = m.deferred(m.claim("w").at(0), m.now() + 5min);
    second.attempted = false;  // given back untried
    second.delay_notified = false;
    test::value(m.conclude("w", {second}));
    item = test::value(m.db.run(m.queue().find(submitted[0])));
    CHECK(item.attempts == 1);
    CHECK(item.delay_notified);  // what was told is not taken back
    CHECK(m.kinds(item.message) == std::vector<std::string>{"received", "queued", "deferred", "deferred"});
}

TEST_CASE("outcomes and the notices they cause are stored together") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test"});
    const auto items = m.claim("w");
    auto remote = m.letter({}, "notice");
    remote.reverse_path = "";
    remote.remote = {queue_mail::to("postmaster@far.test", m.now() + 96h), queue_mail::to("other@far.test", m.now() + 96h)};
    remote.lease_owner = "w";
    remote.lease_until = m.now() + m.lease;
    const auto local = m.bounce();
    const auto local_id = local.id, remote_id = remote.id;
    const auto done = test::value(m.conclude("w", {queue_mail::done(items.at(0), "bounced")}, {local, remote}));
    CHECK(done.lost.empty());
    REQUIRE(done.notices.size() == 2);
    CHECK(done.notices[0].queue.empty());
    CHECK(done.notices[1].queue.size() == 2);
    CHECK(m.mailbox(m.alice, mailbox_role::inbox).total == 1);
    CHECK(m.kinds(local_id) == std::vector<std::string>{"received", "delivered"});
    CHECK(m.kinds(remote_id) == std::vector<std::string>{"received", "queued", "queued"});
    CHECK(ids(test::value(m.db.run(m.queue().list({})))) == done.notices[1].queue);
    CHECK(m.claim("other").empty());  // born leased
}

TEST_CASE("a notice that cannot be stored keeps everything of its outcome from being stored") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test"});
    m.submit({"carol@far.test"});
    const auto items = m.claim("w");
    struct obstacle {
        const char* why;
        std::function<void(queue_mail&, delivery&)> make;
        errc told;
    };
    const auto c = GENERATE(values<obstacle>({
        {"the sender's mailbox is full",
         [](queue_mail& m, delivery&) { m.place.execute("UPDATE account SET quota_limit = 1"); }, errc::over_quota},
        {"the sender is gone",
         [](queue_mail& m, delivery&) { test::value(m.db.run(m.db->accounts().set_disabled(m.alice.id, true))); },
         errc::account_gone},
        {"the database refuses", [](queue_mail&, delivery& d) { d.return_path_size = -1; }, errc::failed},
        {"an id that is taken", [](queue_mail& m, delivery& d) { d.id = {m.place.number("SELECT min(id) FROM message")}; },
         errc::failed},
    }));
    INFO(c.why);
    auto bad = m.bounce();
    c.make(m, bad);
    auto good = m.letter({}, "good");
    good.remote = {queue_mail::to("x@far.test", m.now())};
    // In one batch with an outcome that is well.
    std::vector<net::awaitable<core::result<concluded>>> both;
    both.push_back(m.queue().conclude("w", {queue_mail::done(items.at(0), "bounced")}, {good, bad}));
    both.push_back(m.queue().conclude("w", {queue_mail::done(items.at(1))}, {}));
    const auto outcomes = test::run_all(m.db.loop, std::move(both));
    const auto failed = test::failure(outcomes[0], c.told);
    test::value(outcomes[1]);
    CHECK(m.count("queue_item") == 1);
    CHECK(m.count("message_event WHERE kind = 'bounced'") == 0);
    CHECK(m.count("message WHERE subject IN ('bounce', 'good')") == 0);
    CHECK(m.count("message_octets") == 2);
    // Without the notice it is done.
    test::value(m.conclude("w", {queue_mail::done(items.at(0), "bounced")}));
    CHECK(rows(m) == 0);
}

TEST_CASE("of outcomes whose lease is lost nothing is written, and no notice when all are") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test", "carol@far.test"});
    auto items = m.claim("w");
    std::ranges::sort(items, {}, &queue_item::id);
    m.db.clock.advance(m.lease);
    REQUIRE(m.claim("other", 2).size() == 2);
    const auto all =
        test::value(m.conclude("w", {queue_mail::done(items.at(0)), m.deferred(items.at(1), m.now())}, {m.bounce()}));
    CHECK(all.lost == ids(items));
    CHECK(all.notices.empty());
    CHECK(m.count("message") == 1);
    CHECK(m.count("message_timeline") == 3);
    CHECK(m.count("queue_item WHERE lease_owner = 'other' AND attempts = 0") == 2);

    // One of two: its notice goes out.
    m.place.execute("UPDATE queue_item SET lease_owner = 'w' WHERE id = " + core::to_string(items[0].id));
    const auto one = test::value(m.conclude("w", {queue_mail::done(items[0]), queue_mail::done(items[1])}, {m.bounce()}));
    CHECK(one.lost == std::vector{items[1].id});
    CHECK(one.notices.size() == 1);
    CHECK(m.count("queue_item") == 1);
    CHECK(m.mailbox(m.alice, mailbox_role::inbox).total == 1);
}

TEST_CASE("an outcome for the wrong message, for nothing, or twice over does no harm") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test"});
    m.submit({"carol@far.test"});
    const auto items = m.claim("w");
    auto wrong = queue_mail::done(items.at(0));
    wrong.message = items.at(1).message;
    CHECK(test::value(m.conclude("w", {wrong})).lost == std::vector{items[0].id});
    auto nothing = queue_mail::done(items[0]);
    nothing.item = {4711};
    CHECK(test::value(m.conclude("w", {nothing})).lost == std::vector<queue_id>{{4711}});
    CHECK(m.count("queue_item") == 2);

    // Both of them in one batch with each other: only one counts.
    std::vector<net::awaitable<core::result<concluded>>> twice;
    for (int i = 0; i < 3; ++i) twice.push_back(m.queue().conclude("w", {queue_mail::done(items[0])}, {m.bounce()}));
    std::size_t counted = 0;
    for (const auto& outcome : test::run_all(m.db.loop, std::move(twice))) counted += test::value(outcome).lost.empty() ? 1 : 0;
    CHECK(counted == 1);
    CHECK(m.mailbox(m.alice, mailbox_role::inbox).total == 1);
    CHECK(m.count("message_event WHERE kind = 'relayed'") == 1);
    test::value(m.conclude("w", {queue_mail::done(items[1]), m.deferred(items[1], m.now()), queue_mail::done(items[1])}));
    CHECK(rows(m) == 0);
    CHECK(m.count("message_event WHERE kind = 'relayed'") == 2);
    CHECK(m.count("message_event WHERE kind = 'deferred'") == 0);
}

TEST_CASE("notices without outcomes are stored, and an administrator's word needs no lease") {
    queue_mail m(ON_BOTH_DATABASES);
    CHECK(test::value(m.conclude("w", {}, {m.bounce()})).notices.size() == 1);
    m.submit({"bob@far.test"});
    const auto items = m.claim("w");
    const auto bounced = test::value(m.conclude("", {queue_mail::done(items.at(0), "bounced")}, {m.bounce()}));
    CHECK(bounced.lost.empty());
    CHECK(m.mailbox(m.alice, mailbox_role::inbox).total == 2);
    CHECK(test::value(m.conclude("w", {queue_mail::done(items[0])})).lost == ids(items));
}

TEST_CASE("two processes that finish the last two recipients of messages leave nothing of them") {
    queue_mail m(ON_BOTH_DATABASES);
    test::open_database other(m.place);
    constexpr int messages = 60;
    for (int i = 0; i < messages; ++i) {
        auto d = m.outgoing({"bob@far.test", "carol@near.test"});
        d.local.clear();
        test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    }
    std::vector<queue_item> ours, theirs;
    for (const auto& item : m.claim("x", 1000)) (item.destination == "far.test" ? ours : theirs).push_back(item);
    m.place.execute("UPDATE queue_item SET lease_owner = 'y' WHERE destination = 'near.test'");
    const auto finish = [](test::open_database& db, const std::string& owner, const std::vector<queue_item>& items) {
        std::vector<net::awaitable<core::result<concluded>>> all;
        for (const auto& item : items) all.push_back(db->queue().conclude(owner, {queue_mail::done(item)}, {}));
        return test::run_all(db.loop, std::move(all));
    };
    std::ranges::reverse(theirs);
    auto elsewhere = std::async(std::launch::async, [&] { return finish(other, "y", theirs); });
    for (const auto& outcome : finish(m.db, "x", ours)) CHECK(test::value(outcome).lost.empty());
    for (const auto& outcome : elsewhere.get()) CHECK(test::value(outcome).lost.empty());
    CHECK(rows(m) == 0);
    CHECK(m.count("message_octets") == 0);
    CHECK(m.count("message") == messages);
}

TEST_CASE("outcomes, claims and deliveries of two processes at once neither deadlock nor lose anything") {
    queue_mail m(ON_BOTH_DATABASES);
    test::open_database other(m.place);
    const auto work = [&m](test::open_database& db, const std::string& owner) {
        int relayed = 0;
        for (int round = 0; round < 10; ++round) {
            std::vector<net::awaitable<core::result<delivered>>> out;
            for (int i = 0; i < 10; ++i) {
                delivery d;
                d.id = test::value(db.run(db->messages().next_id()));
                d.received_at = db.clock.now();
                d.octets = std::make_shared<core::memory_content>("x\r\n");
                d.submitted_by = m.alice.id;
                d.local = {{m.alice.id, mailbox_role::sent, "", true}};
                d.remote = {queue_mail::to("a@far.test", d.received_at), queue_mail::to("b@far.test", d.received_at)};
                out.push_back(db->messages().deliver(std::move(d)));
            }
            for (const auto& outcome : test::run_all(db.loop, std::move(out))) test::value(outcome);
            std::vector<net::awaitable<core::result<concluded>>> outcomes;
            for (const auto& item : test::value(db.run(db->queue().claim(m.request(owner, 30))))) {
                delivery notice;
                notice.id = test::value(db.run(db->messages().next_id()));
                notice.received_at = db.clock.now();
                notice.octets = std::make_shared<core::memory_content>("bounce\r\n");
                notice.local = {{m.alice.id, mailbox_role::inbox, "alice@example.test", false}};
                outcomes.push_back(db->queue().conclude(owner, {queue_mail::done(item)}, {notice}));
            }
            for (const auto& outcome : test::run_all(db.loop, std::move(outcomes))) {
                CHECK(test::value(outcome).lost.empty());
                ++relayed;
            }
        }
        return relayed;
    };
    auto elsewhere = std::async(std::launch::async, [&] { return work(other, "y"); });
    const auto relayed = work(m.db, "x") + elsewhere.get();
    CHECK(m.count("queue_item") + relayed == 400);
    CHECK(m.mailbox(m.alice, mailbox_role::sent).total == 200);
    CHECK(m.mailbox(m.alice, mailbox_role::inbox).total == relayed);
    CHECK(m.count("message_event WHERE kind = 'relayed'") == relayed);
    CHECK(m.count("outbound o WHERE NOT EXISTS (SELECT 1 FROM queue_item q WHERE q.message_id = o.message_id)") == 0);
}

TEST_CASE("an outcome whose commit is lost may be said again: it counts once, with its notices") {
    queue_mail m(test::engine::postgresql);
    const auto how = GENERATE(cutting_proxy::cut::before_commit, cutting_proxy::cut::after_commit);
    m.submit({"bob@far.test"});
    const auto items = m.claim("w");
    cutting_proxy proxy(m.place.settings.url);
    m.place.settings.url = proxy.url();
    test::open_database through(m.place);
    const auto notice = m.bounce();
    const auto say = [&] {
        return through.run(through->queue().conclude("w", {queue_mail::done(items.at(0), "bounced")}, {notice}));
    };
    proxy.next(how);
    test::failure(say(), errc::outcome_unknown);
    for (;;) {
        const auto again = say();
        if (!again && again.error().code == errc::unavailable) continue;
        const bool happened = how == cutting_proxy::cut::after_commit;
        CHECK(test::value(again).lost.empty() == !happened);
        CHECK(again->notices.empty() == happened);
        break;
    }
    CHECK(rows(m) == 0);
    CHECK(m.count("message_event WHERE kind = 'bounced'") == 1);
    CHECK(m.mailbox(m.alice, mailbox_role::inbox).total == 1);
}

TEST_CASE("a message accepted in a commit whose answer is lost is in the queue wholly or not at all") {
    queue_mail m(test::engine::postgresql);
    const auto how = GENERATE(cutting_proxy::cut::before_commit, cutting_proxy::cut::after_commit);
    cutting_proxy proxy(m.place.settings.url);
    m.place.settings.url = proxy.url();
    test::open_database through(m.place);
    auto d = m.outgoing({"bob@far.test", "carol@far.test"});
    d.lease_owner = "w";
    d.lease_until = m.now() + m.lease;
    // Ids are drawn in commits of their own, which must not be the one that is cut: there are plenty, and none is under way.
    for (int i = 0; i < 100; ++i) test::value(through.run(through->messages().next_id()));
    test::value(through.run(through->accounts().add_domain("later.test", m.now())));
    proxy.next(how);
    test::failure(through.run(through->messages().deliver(std::move(d))), errc::outcome_unknown);
    const std::int64_t stored = how == cutting_proxy::cut::after_commit ? 1 : 0;
    CHECK(m.count("message") == stored);
    CHECK(m.count("outbound") == stored);
    CHECK(m.count("queue_item") == 2 * stored);
    // The sender sends again, and who died with the first lease is succeeded.
    m.db.clock.advance(m.lease);
    CHECK(m.claim("other").size() == static_cast<std::size_t>(2 * stored));
}

TEST_CASE("sessions killed while outcomes are written: every item is done once or still there") {
    queue_mail m(test::engine::postgresql);
    for (int i = 0; i < 100; ++i) m.submit({"bob@far.test"});
    const auto items = m.claim("w", 1000);
    REQUIRE(items.size() == 100);
    std::atomic<bool> finished = false;
    std::thread killer([&] {
        for (int i = 0; i < 15 && !finished; ++i) m.place.drop_sessions();
    });
    std::vector<queue_item> left = items;
    while (!left.empty()) {
        std::vector<delivery> notices;
        for (std::size_t i = 0; i < left.size(); ++i) {
            delivery d;
            d.received_at = m.now();
            d.octets = std::make_shared<core::memory_content>("bounce\r\n");
            d.local = {{m.alice.id, mailbox_role::inbox, "alice@example.test", false}};
            if (const auto id = m.db.run(m.db->messages().next_id())) {
                d.id = *id;
                notices.push_back(std::move(d));
            }
        }
        std::vector<net::awaitable<core::result<concluded>>> calls;
        for (std::size_t i = 0; i < notices.size(); ++i) {
            calls.push_back(m.queue().conclude("w", {queue_mail::done(left[i], "bounced")}, {notices[i]}));
        }
        const auto outcomes = test::run_all(m.db.loop, std::move(calls));
        std::vector<queue_item> again(left.begin() + static_cast<std::ptrdiff_t>(outcomes.size()), left.end());
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            if (!outcomes[i]) again.push_back(left[i]);
        }
        left = std::move(again);
    }
    finished = true;
    killer.join();
    CHECK(rows(m) == 0);
    CHECK(m.count("message_event WHERE kind = 'bounced'") == 100);
    CHECK(m.place.number("SELECT total FROM mailbox WHERE role = 'inbox' AND total > 0") == 100);
}

TEST_CASE("a message on its way out outlives its sender's account, and then leaves only its trace") {
    queue_mail m(ON_BOTH_DATABASES);
    m.submit({"bob@far.test"});
    const auto items = m.claim("w");
    test::value(m.db.run(m.db->accounts().remove_account(m.alice.id)));
    CHECK(m.count("message") == 1);
    CHECK(m.count("message_octets") == 1);
    CHECK(test::value(m.db.run(m.queue().find(items.at(0).id))).submitted_by == m.alice.id);
    test::value(m.conclude("w", {queue_mail::done(items[0])}));
    CHECK(m.count("message_octets") == 0);
    CHECK(m.kinds(items[0].message).back() == "relayed");
}

TEST_CASE("an outcome sent behind the batch before it is written if the lease holds, and lost if it does not") {
    queue_mail m(engine::postgresql);
    m.submit({"bob@far.test"});
    const auto item = m.claim("w").at(0);
    const auto letter = [&] {
        const auto ids = std::vector{test::value(m.db.run(m.db->messages().next_id()))};
        return std::make_shared<delivery_item>(new_message{.what = m.outgoing({"carol@far.test"}), .queue = {{ids[0].value}}});
    };
    const auto outcome =
        std::make_shared<delivery_item>(queue_conclusion{"w", {queue_mail::done(item)}, {}}, std::vector<new_message>{});
    const std::vector first{letter()};
    const std::vector ahead{letter(), outcome};
    for (const auto* batch : {&first, &ahead})
        for (const auto& each : *batch)
            for (auto& message : each->messages) {
                message.what.lease_owner = "w";
                message.what.lease_until = m.now() + m.lease;
            }
    const bool holds = GENERATE(true, false);
    if (!holds) m.place.execute("UPDATE queue_item SET lease_owner = 'other'");
    const auto nothing = [] { return std::span<const std::shared_ptr<delivery_item>>(); };
    postgresql_delivery lane(m.place.settings);
    REQUIRE(lane.connect().ok());
    REQUIRE(lane.deliver(first).ok());
    REQUIRE(lane.commit([&] { return std::span(ahead); }).ok());
    REQUIRE(lane.deliver(ahead).ok());
    const auto ended = lane.commit(nothing);
    if (holds) {
        CHECK(ended.ok());
    } else {
        CHECK(ended.end == step::ending::conflict);
        lane.rollback();
        CHECK(m.count("message") == 2);
        REQUIRE(lane.deliver(ahead).ok());  // now it is read before it is decided
        REQUIRE(lane.commit(nothing).ok());
    }
    CHECK(m.count("message") == 3);
    CHECK(outcome->concludes.lost == (holds ? std::vector<queue_id>{} : std::vector{item.id}));
    CHECK(m.count("queue_item") == (holds ? 2 : 3));
    CHECK(m.kinds(item.message).back() == (holds ? "relayed" : "queued"));
}

}  // namespace queue_conclude_test
