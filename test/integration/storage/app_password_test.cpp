#include "mail.hpp"
#include "test/run.hpp"

namespace app_password_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;

namespace {

template <std::size_t N>
std::array<unsigned char, N> octets(unsigned char first) {
    std::array<unsigned char, N> all{};
    for (std::size_t i = 0; i < N; ++i) all[i] = static_cast<unsigned char>(first + i * 37);  // NULs and quotes among them
    return all;
}

struct app_passwords : test::mail {
    explicit app_passwords(test::engine on) : mail(on), alice(account("alice")), bob(account("bob")) {}

    app_password_store& store() { return db->app_passwords(); }

    new_app_password wanted(const storage::account& of, const std::string& name, unsigned char first) const {
        new_app_password p;
        p.account = of.id;
        p.name = name;
        p.token_hash = octets<32>(first);
        p.stored_key = octets<32>(static_cast<unsigned char>(first + 1));
        p.server_key = octets<32>(static_cast<unsigned char>(first + 2));
        p.created_at = db.clock.now();
        return p;
    }

    app_password add(const storage::account& of, const std::string& name, unsigned char first) {
        return test::value(db.run(store().add(wanted(of, name, first))));
    }

    std::vector<app_password> list(const storage::account& of) { return test::value(db.run(store().list(of.id))); }

    storage::account alice, bob;
};

}  // namespace

TEST_CASE("app passwords are made, listed by name and revoked, each account's apart") {
    app_passwords m(ON_BOTH_DATABASES);
    const auto phone = m.add(m.alice, "phone", 0);
    const auto laptop = m.add(m.alice, "Laptop 'home'", 10);
    const auto his = m.add(m.bob, "phone", 20);
    const auto all = m.list(m.alice);
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == laptop.id);
    CHECK(all[0].name == "Laptop 'home'");
    CHECK(all[0].account == m.alice.id);
    CHECK(all[0].created_at == m.db.clock.now());
    CHECK(!all[0].last_used_at);
    CHECK(all[1].id == phone.id);

    test::failure(m.db.run(m.store().add(m.wanted(m.alice, "phone", 30))), errc::already_exists);
    auto nobodys = m.wanted(m.alice, "x", 40);
    nobodys.account = {4711};
    test::failure(m.db.run(m.store().add(nobodys)), errc::not_found);
    test::failure(m.db.run(m.store().remove(m.alice.id, his.id)), errc::not_found);
    test::value(m.db.run(m.store().remove(m.alice.id, phone.id)));
    test::failure(m.db.run(m.store().remove(m.alice.id, phone.id)), errc::not_found);
    CHECK(m.list(m.alice).size() == 1);
    CHECK(m.list(m.bob).size() == 1);
    CHECK(!test::value(m.db.run(m.store().find(octets<32>(0)))));
    m.add(m.alice, "phone", 50);  // the name is free again
}

TEST_CASE("two clients that make an app password of one name at once make one") {
    app_passwords m(ON_BOTH_DATABASES);
    test::open_database other(m.place);
    std::vector<net::awaitable<core::result<app_password>>> both;
    for (unsigned char i = 0; i < 6; ++i)
        both.push_back(m.store().add(m.wanted(m.alice, "phone", static_cast<unsigned char>(i * 3))));
    std::size_t made = 0;
    for (const auto& outcome : test::run_all(m.db.loop, std::move(both))) {
        if (outcome) {
            ++made;
        } else {
            test::failure(outcome, errc::already_exists);
        }
    }
    CHECK(made == 1);
}

TEST_CASE("a token's hash finds its app password and account, octet by octet") {
    app_passwords m(ON_BOTH_DATABASES);
    const auto phone = m.add(m.alice, "phone", 0);
    m.add(m.bob, "phone", 1);
    const auto found = test::value(m.db.run(m.store().find(octets<32>(0))));
    REQUIRE(found);
    CHECK(found->password.id == phone.id);
    CHECK(found->account.id == m.alice.id);
    CHECK(found->account.address == m.alice.address);
    CHECK(!found->account.disabled);
    auto close = octets<32>(0);
    close[31] ^= 1;
    CHECK(!test::value(m.db.run(m.store().find(close))));
    test::value(m.db.run(m.db->accounts().set_disabled(m.alice.id, true)));
    CHECK(test::value(m.db.run(m.store().find(octets<32>(0))))->account.disabled);
    test::value(m.db.run(m.db->accounts().remove_account(m.alice.id)));
    CHECK(!test::value(m.db.run(m.store().find(octets<32>(0)))));
}

TEST_CASE("an account's SCRAM parameters are those proposed first, and serve all its keys") {
    app_passwords m(ON_BOTH_DATABASES);
    const auto find = [&m](const std::string& local_part) {
        return test::value(m.db.run(m.store().find_scram({local_part, "example.test"})));
    };
    CHECK(!find("alice"));
    CHECK(!find("nobody"));
    const scram_parameters first{octets<16>(0), 4096}, second{octets<16>(99), 10'000};
    CHECK(test::value(m.db.run(m.store().establish_scram(m.alice.id, first))) == first);
    CHECK(test::value(m.db.run(m.store().establish_scram(m.alice.id, second))) == first);
    CHECK(test::value(m.db.run(m.store().establish_scram(m.bob.id, second))) == second);
    test::failure(m.db.run(m.store().establish_scram({4711}, first)), errc::not_found);

    const auto phone = m.add(m.alice, "phone", 0);
    const auto laptop = m.add(m.alice, "a laptop", 10);
    auto found = find("alice");
    REQUIRE(found);
    CHECK(found->account == m.alice.id);
    CHECK(!found->disabled);
    CHECK(found->parameters == first);
    REQUIRE(found->keys.size() == 2);
    CHECK(found->keys[0].id == phone.id);
    CHECK(found->keys[0].stored_key == octets<32>(1));
    CHECK(found->keys[0].server_key == octets<32>(2));
    CHECK(found->keys[1].id == laptop.id);
    CHECK(find("bob")->keys.empty());

    test::value(m.db.run(m.store().remove(m.alice.id, phone.id)));
    test::value(m.db.run(m.db->accounts().set_disabled(m.alice.id, true)));
    found = find("alice");
    CHECK(found->disabled);
    CHECK(found->keys.size() == 1);
    CHECK(found->parameters == first);
}

TEST_CASE("fewer than 4,096 iterations are refused (RFC 7677 4)") {
    app_passwords m(ON_BOTH_DATABASES);
    test::failure(m.db.run(m.store().establish_scram(m.alice.id, {octets<16>(0), 4095})), errc::failed);
}

TEST_CASE("a use is noted soon, once a minute at most, and the latest counts") {
    app_passwords m(ON_BOTH_DATABASES);
    const auto phone = m.add(m.alice, "phone", 0);
    const auto laptop = m.add(m.alice, "laptop", 10);
    const auto noted = [&m](const app_password& p) -> std::optional<core::timestamp> {
        for (const auto& row : m.list(m.alice)) {
            if (row.id == p.id) return row.last_used_at;
        }
        return std::nullopt;
    };
    const auto use = [&m](const app_password& p) { m.store().used(p.id, m.db.clock.now()); };
    const auto start = m.db.clock.now();
    use(phone);
    use(phone);
    use(laptop);  // while the first is written
    while (!noted(phone) || !noted(laptop)) m.db.loop.poll();
    CHECK(noted(phone) == start);

    m.db.clock.advance(59s);
    use(phone);
    m.db.clock.advance(1s);
    use(laptop);
    while (noted(laptop) != start + 1min) m.db.loop.poll();
    CHECK(noted(phone) == start);
    use(phone);
    while (noted(phone) != start + 1min) m.db.loop.poll();

    // Another process's clock is behind.
    test::open_database other(m.place);
    other->app_passwords().used(phone.id, start);
    other->app_passwords().used(app_password_id{4711}, start);
    other->close();
    CHECK(noted(phone) == start + 1min);
}

}  // namespace app_password_test
