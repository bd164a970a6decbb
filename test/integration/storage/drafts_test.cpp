#include "view_mail.hpp"

namespace drafts_test {

using namespace postern;
using namespace postern::storage;
using test::view_mail;

namespace {

struct drafts : view_mail {
    using view_mail::view_mail;

    storage::mailbox box() { return mailbox(alice, mailbox_role::drafts); }

    delivery draft(const std::string& subject, std::string octets) {
        auto d = letter({}, subject, std::move(octets));
        d.events.clear();
        d.submitted_by = alice.id;
        d.local = {{alice.id, mailbox_role::drafts, "", true}};
        return d;
    }

    core::result<delivered> deliver(delivery d) { return db.run(db->messages().deliver(std::move(d))); }

    entry save(const std::string& subject, std::string octets = "draft\r\n") {
        auto d = draft(subject, std::move(octets));
        const auto id = d.id;
        test::value(deliver(std::move(d)));
        return find(id.value);
    }

    /// To bob, in place of a draft.
    delivery sending(entry_id replaces) {
        auto d = letter({bob}, "sent");
        d.submitted_by = alice.id;
        d.local.push_back({alice.id, mailbox_role::sent, "", true});
        d.replaces = replaced_draft{alice.id, replaces};
        return d;
    }

    std::int64_t used() { return place.number("SELECT quota_used FROM account WHERE id = " + core::to_string(alice.id)); }
};

new_response response(const account& of, const std::string& key) {
    new_response r;
    r.account = of.id;
    r.key = key;
    r.request_sha256[0] = 0;
    r.request_sha256[31] = 0xff;
    r.make_body = [](const delivered& d) { return R"({"queue":)" + std::to_string(d.queue.size()) + "}"; };
    r.created_at = core::timestamp(std::chrono::hours(24 * 365 * 50));
    return r;
}

}  // namespace

TEST_CASE("a draft is kept, written anew under its id, and nothing is left of what it was") {
    drafts m(ON_BOTH_DATABASES);
    const auto first = m.save("first", "1234567\r\n");
    CHECK(first.role == mailbox_role::drafts);
    CHECK(first.uid == 1);
    CHECK(m.used() == 9);
    CHECK(m.count("message_timeline") == 0);  // nothing has happened to it yet

    auto again = m.draft("second", "12\r\n");
    again.replaces = replaced_draft{m.alice.id, first.id};
    const auto second = again.id;
    test::value(m.deliver(std::move(again)));
    const auto now = m.find(first.id);
    CHECK(now.id == first.id);
    CHECK(now.message == second);
    CHECK(now.summary.subject == "second");
    CHECK(now.uid == 2);
    CHECK(now.modseq > first.modseq);
    CHECK(m.box().total == 1);
    CHECK(m.box().unread == 0);
    CHECK(m.used() == 4);
    CHECK(m.count("message") == 1);
    CHECK(m.count("message_octets") == 1);
    CHECK(m.counters_are_right());
}

TEST_CASE("sending takes the draft away in the delivery's transaction, and cannot be done twice") {
    drafts m(ON_BOTH_DATABASES);
    const auto draft = m.save("to be sent");
    const auto other = m.save("other");
    auto refused = m.sending(draft.id);
    refused.local.push_back({{4711}, mailbox_role::inbox, "gone@example.test", false});
    test::failure(m.deliver(std::move(refused)), errc::account_gone);
    CHECK(m.find(draft.id).summary.subject == "to be sent");

    test::value(m.deliver(m.sending(draft.id)));
    CHECK(m.gone(draft.id));
    CHECK(m.find(other.id).summary.subject == "other");
    CHECK(m.box().total == 1);
    CHECK(m.mailbox(m.bob, mailbox_role::inbox).total == 1);
    CHECK(m.counters_are_right());

    test::failure(m.deliver(m.sending(draft.id)), errc::not_found);
    CHECK(m.mailbox(m.bob, mailbox_role::inbox).total == 1);
    CHECK(m.mailbox(m.alice, mailbox_role::sent).total == 1);

    // Not a draft any more, or somebody else's.
    m.change({other.id}, {.mailbox = m.trash().id});
    test::failure(m.deliver(m.sending(other.id)), errc::not_found);
    auto theirs = m.sending(other.id);
    theirs.replaces->account = m.bob.id;
    test::failure(m.deliver(std::move(theirs)), errc::not_found);
    CHECK(m.counters_are_right());
}

TEST_CASE("of two that send one draft at the same time one does") {
    drafts m(ON_BOTH_DATABASES);
    const auto draft = m.save("once");
    std::vector<std::optional<core::result<delivered>>> outcomes(4);
    for (auto& outcome : outcomes) {
        boost::asio::co_spawn(m.db.loop, m.db->messages().deliver(m.sending(draft.id)),
                              [&outcome](std::exception_ptr, core::result<delivered> r) { outcome = std::move(r); });
    }
    m.db.run_until([&] { return std::ranges::all_of(outcomes, [](const auto& o) { return o.has_value(); }); });
    CHECK(std::ranges::count_if(outcomes, [](const auto& o) { return o->has_value(); }) == 1);
    CHECK(m.mailbox(m.bob, mailbox_role::inbox).total == 1);
    CHECK(m.counters_are_right());
}

TEST_CASE("a draft written anew needs only the room it grows by") {
    drafts m(ON_BOTH_DATABASES);
    test::value(m.db.run(m.db->accounts().set_quota(m.alice.id, 100)));
    const auto draft = m.save("large", std::string(90, 'x'));
    auto again = m.draft("as large", std::string(95, 'y'));
    again.replaces = replaced_draft{m.alice.id, draft.id};
    test::value(m.deliver(std::move(again)));
    CHECK(m.used() == 95);
    auto too_large = m.draft("too large", std::string(101, 'z'));
    too_large.replaces = replaced_draft{m.alice.id, draft.id};
    test::failure(m.deliver(std::move(too_large)), errc::over_quota);
    CHECK(m.find(draft.id).summary.subject == "as large");
    CHECK(m.counters_are_right());
}

TEST_CASE("a response is kept with what it tells of, and its key is good for one delivery") {
    drafts m(ON_BOTH_DATABASES);
    const auto send = [&m](const std::string& key, const account& of) {
        auto d = m.letter({m.bob}, "keyed");
        d.submitted_by = m.alice.id;
        d.remote = {{"x@far.test", "far.test", {}, std::nullopt, m.now()},
                    {"y@far.test", "far.test", {}, std::nullopt, m.now()}};
        d.response = response(of, key);
        return m.deliver(std::move(d));
    };
    const auto find = [&m](const account& of, const std::string& key) {
        return test::value(m.db.run(m.db->responses().find(of.id, key)));
    };
    CHECK(!find(m.alice, "k'1"));
    test::value(send("k'1", m.alice));
    const auto kept = find(m.alice, "k'1");
    REQUIRE(kept);
    CHECK(kept->body == R"({"queue":2})");
    CHECK(kept->status == 202);
    CHECK(kept->request_sha256 == response(m.alice, "").request_sha256);
    test::failure(send("k'1", m.alice), errc::already_exists);
    test::value(send("k'1", m.bob));  // another's key
    test::value(send("k'2", m.alice));
    CHECK(m.mailbox(m.bob, mailbox_role::inbox).total == 3);

    // Both at once: one is stored.
    std::vector<std::optional<core::result<delivered>>> outcomes(3);
    for (auto& outcome : outcomes) {
        auto d = m.letter({m.bob}, "raced");
        d.response = response(m.alice, "race");
        boost::asio::co_spawn(m.db.loop, m.db->messages().deliver(std::move(d)),
                              [&outcome](std::exception_ptr, core::result<delivered> r) { outcome = std::move(r); });
    }
    m.db.run_until([&] { return std::ranges::all_of(outcomes, [](const auto& o) { return o.has_value(); }); });
    CHECK(std::ranges::count_if(outcomes, [](const auto& o) { return o->has_value(); }) == 1);
    CHECK(m.mailbox(m.bob, mailbox_role::inbox).total == 4);

    // What was not stored has no response.
    auto refused = m.letter({m.bob}, "refused");
    refused.local.push_back({{4711}, mailbox_role::inbox, "gone@example.test", false});
    refused.response = response(m.alice, "refused");
    test::failure(m.deliver(std::move(refused)), errc::account_gone);
    CHECK(!find(m.alice, "refused"));

    const auto before = response(m.alice, "").created_at;
    CHECK(test::value(m.db.run(m.db->responses().remove_before(before, 100))) == 0);
    CHECK(test::value(m.db.run(m.db->responses().remove_before(before + std::chrono::seconds(1), 3))) == 3);
    CHECK(test::value(m.db.run(m.db->responses().remove_before(before + std::chrono::seconds(1), 3))) == 1);
}

}  // namespace drafts_test
