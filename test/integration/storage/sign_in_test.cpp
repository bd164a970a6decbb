#include "view_mail.hpp"

namespace sign_in_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::view_mail;

namespace {

key_octets hash(unsigned char first) {
    key_octets all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<unsigned char>(first + i * 37);  // NULs among them
    return all;
}

new_api_token token(const account& of, const std::string& name, unsigned char first, token_scopes scopes = {.read = true}) {
    return {.account = of.id,
            .name = name,
            .token_hash = hash(first),
            .scopes = scopes,
            .created_at = core::timestamp(1s),
            .expires_at = std::nullopt};
}

new_web_session session(const account& of, unsigned char first, core::timestamp now) {
    return {.account = of.id,
            .token_hash = hash(first),
            .created_at = now,
            .expires_at = now + 24h,
            .address = "192.0.2.1",
            .user_agent = "Browser/1.0"};
}

}  // namespace

TEST_CASE("API tokens are made, found, listed by name and revoked, each account's apart") {
    view_mail m(ON_BOTH_DATABASES);
    auto& tokens = m.db->api_tokens();
    auto wanted = token(m.alice, "script 'x'", 1, {.read = true, .send = false, .admin = true});
    wanted.expires_at = m.now() + 1h;
    const auto made = test::value(m.db.run(tokens.add(wanted)));
    const auto other = test::value(m.db.run(tokens.add(token(m.alice, "Another", 2, {.read = false, .send = true}))));
    const auto his = test::value(m.db.run(tokens.add(token(m.bob, "script 'x'", 3, {}))));
    test::failure(m.db.run(tokens.add(token(m.alice, "Another", 4))), errc::already_exists);
    auto nobodys = token(m.alice, "x", 5);
    nobodys.account = {4711};
    test::failure(m.db.run(tokens.add(nobodys)), errc::not_found);

    const auto all = test::value(m.db.run(tokens.list(m.alice.id)));
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "Another");
    CHECK(all[0].scopes == token_scopes{.read = false, .send = true, .admin = false});
    CHECK(!all[0].expires_at);
    CHECK(all[1].scopes == token_scopes{.read = true, .send = false, .admin = true});
    CHECK(all[1].expires_at == wanted.expires_at);
    CHECK(all[1].created_at == wanted.created_at);
    CHECK(!all[1].last_used_at);

    const auto found = test::value(m.db.run(tokens.find(hash(1))));
    REQUIRE(found);
    CHECK(found->token.id == made.id);
    CHECK(found->token.scopes.admin);
    CHECK(found->account.address == m.alice.address);
    CHECK(!test::value(m.db.run(tokens.find(hash(9)))));
    CHECK(test::value(m.db.run(tokens.find(hash(3))))->token.scopes == token_scopes{});

    tokens.used(made.id, m.now());
    tokens.used(made.id, m.now() + 10s);  // within the minute
    m.db.run_until([&] { return m.count("api_token WHERE last_used_at IS NOT NULL") == 1; });
    CHECK(test::value(m.db.run(tokens.list(m.alice.id)))[1].last_used_at == m.now());

    test::failure(m.db.run(tokens.remove(m.alice.id, his.id)), errc::not_found);
    test::value(m.db.run(tokens.remove(m.alice.id, other.id)));
    test::failure(m.db.run(tokens.remove(m.alice.id, other.id)), errc::not_found);
    CHECK(!test::value(m.db.run(tokens.find(hash(2)))));
    test::value(m.db.run(m.db->accounts().remove_account(m.alice.id)));
    CHECK(!test::value(m.db.run(tokens.find(hash(1)))));
}

TEST_CASE("an account has so many API tokens and no more") {
    view_mail m(ON_BOTH_DATABASES);
    for (std::size_t i = 0; i < api_token_store::most_tokens; ++i) {
        const auto name = "t" + std::to_string(i);
        test::value(m.db.run(m.db->api_tokens().add(token(m.alice, name, static_cast<unsigned char>(i)))));
    }
    test::failure(m.db.run(m.db->api_tokens().add(token(m.alice, "more", 200))), errc::refused);
    test::value(m.db.run(m.db->api_tokens().add(token(m.bob, "more", 200))));
}

TEST_CASE("web sessions are made, seen, listed and ended, one, all but one and all") {
    view_mail m(ON_BOTH_DATABASES);
    auto& sessions = m.db->web_sessions();
    auto strange = session(m.alice, 1, m.now());
    strange.user_agent = std::string("a\xff\0z", 4) + std::string(300, 'x');
    const auto first = test::value(m.db.run(sessions.add(strange)));
    CHECK(first.user_agent.size() <= 256);
    const auto second = test::value(m.db.run(sessions.add(session(m.alice, 2, m.now() + 1s))));
    const auto third = test::value(m.db.run(sessions.add(session(m.alice, 3, m.now() + 2s))));
    const auto his = test::value(m.db.run(sessions.add(session(m.bob, 4, m.now()))));
    auto nobodys = session(m.alice, 5, m.now());
    nobodys.account = {4711};
    test::failure(m.db.run(sessions.add(nobodys)), errc::not_found);

    const auto found = test::value(m.db.run(sessions.find(hash(2))));
    REQUIRE(found);
    CHECK(found->session.id == second.id);
    CHECK(found->session.created_at == m.now() + 1s);
    CHECK(found->session.last_seen_at == m.now() + 1s);
    CHECK(found->session.expires_at == m.now() + 1s + 24h);
    CHECK(found->session.address == "192.0.2.1");
    CHECK(found->session.user_agent == "Browser/1.0");
    CHECK(found->account.address == m.alice.address);

    sessions.seen(first.id, m.now() + 5min);
    m.db.run_until([&] { return test::value(m.db.run(sessions.list(m.alice.id))).at(0).id == first.id; });
    CHECK(test::value(m.db.run(sessions.list(m.alice.id))).at(1).id == third.id);

    test::failure(m.db.run(sessions.remove(m.alice.id, his.id)), errc::not_found);
    test::value(m.db.run(sessions.remove(m.alice.id, third.id)));
    CHECK(!test::value(m.db.run(sessions.find(hash(3)))));
    CHECK(test::value(m.db.run(sessions.remove_all(m.alice.id, second.id))) == 1);
    CHECK(test::value(m.db.run(sessions.list(m.alice.id))).size() == 1);
    CHECK(test::value(m.db.run(sessions.remove_all(m.alice.id, {}))) == 1);
    CHECK(test::value(m.db.run(sessions.find(hash(4)))));
}

TEST_CASE("sessions that expired or were idle are removed, and too many give way to the new") {
    view_mail m(ON_BOTH_DATABASES);
    auto& sessions = m.db->web_sessions();
    for (std::size_t i = 0; i <= web_session_store::most_sessions; ++i) {
        test::value(m.db.run(sessions.add(session(m.alice, static_cast<unsigned char>(i), m.now() + i * 1s))));
    }
    CHECK(test::value(m.db.run(sessions.list(m.alice.id))).size() == web_session_store::most_sessions);
    CHECK(!test::value(m.db.run(sessions.find(hash(0)))));
    CHECK(test::value(m.db.run(sessions.find(hash(1)))));

    const auto remove = [&](core::timestamp now, core::timestamp idle, std::size_t limit) {
        return test::value(m.db.run(sessions.remove_expired(now, idle, limit)));
    };
    CHECK(remove(m.now(), m.now(), 1000) == 0);
    CHECK(remove(m.now(), m.now() + 11s, 3) == 3);
    CHECK(remove(m.now(), m.now() + 11s, 1000) == 7);
    CHECK(remove(m.now() + 25h, m.now(), 1000) == 90);
}

TEST_CASE("the last fifty attempts to sign in are kept, the same again not within ten minutes") {
    view_mail m(ON_BOTH_DATABASES);
    auto& logins = m.db->logins();
    const auto list = [&](const account& of) { return test::value(m.db.run(logins.list(of.id))); };
    login attempt{.account = m.alice.id, .at = m.now(), .address = "192.0.2.1", .method = "password", .client = "", .ok = true};
    logins.note(attempt);
    attempt.at += 9min;
    logins.note(attempt);
    attempt.ok = false;
    attempt.client = "a\xff\nb";
    logins.note(attempt);
    logins.note({.account = {4711}, .at = m.now(), .address = "", .method = "", .client = "", .ok = false});
    logins.note({.account = m.bob.id, .at = m.now(), .address = "2001:db8::1", .method = "web", .client = "x", .ok = true});
    m.db.run_until([&] { return list(m.alice).size() == 2 && list(m.bob).size() == 1; });
    const auto first = list(m.alice);
    CHECK(!first[0].ok);
    CHECK(first[0].client == "a\xef\xbf\xbd b");
    CHECK(first[1].ok);
    CHECK(first[1].at == m.now());
    CHECK(first[1].address == "192.0.2.1");
    CHECK(first[1].method == "password");
    CHECK(list(m.bob)[0].address == "2001:db8::1");

    for (int i = 0; i < 60; ++i) {
        attempt.at += 11min;
        logins.note(attempt);
    }
    m.db.run_until([&] { return list(m.alice).at(0).at == attempt.at; });
    CHECK(list(m.alice).size() == 50);
    CHECK(m.count("login") == 51);
}

TEST_CASE("an account's name, rights and quota are changed") {
    view_mail m(ON_BOTH_DATABASES);
    auto& accounts = m.db->accounts();
    const auto now = [&] { return *test::value(m.db.run(accounts.find_account(m.alice.id))); };
    test::value(m.db.run(accounts.set_name(m.alice.id, "Älice 'A'")));
    CHECK(now().name == "Älice 'A'");
    test::failure(m.db.run(accounts.set_name(m.alice.id, std::string(1025, 'x'))), errc::refused);
    test::value(m.db.run(accounts.set_admin(m.alice.id, true)));
    CHECK(now().admin);
    test::value(m.db.run(accounts.set_admin(m.alice.id, false)));
    CHECK(!now().admin);
    test::value(m.db.run(accounts.set_quota(m.alice.id, 5)));
    CHECK(now().quota_limit == 5);
    auto d = m.letter({m.alice}, "too large", "123456");
    test::failure(m.db.run(m.db->messages().deliver(std::move(d))), errc::over_quota);
    test::failure(m.db.run(accounts.set_quota(m.alice.id, 0)), errc::refused);
    test::value(m.db.run(accounts.set_quota(m.alice.id, {})));
    CHECK(!now().quota_limit);
    for (const auto& outcome : {m.db.run(accounts.set_name({4711}, "x")), m.db.run(accounts.set_admin({4711}, true)),
                                m.db.run(accounts.set_quota({4711}, 5))}) {
        test::failure(outcome, errc::not_found);
    }
}

}  // namespace sign_in_test
