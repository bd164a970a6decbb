#pragma once

#include <filesystem>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "account/directory_resolver.hpp"
#include "account/password_authenticator.hpp"
#include "core/random.hpp"
#include "smtp_server/receive_policy.hpp"
#include "smtp_server/server.hpp"
#include "smtp_server/submission_policy.hpp"
#include "test/database.hpp"
#include "test/direct_intake.hpp"
#include "test/quick_hasher.hpp"
#include "test/smtp_dialogue.hpp"

namespace postern::test {

/// A server over a real database, with the domain example.test and the accounts alice and bob. It receives, or people submit to
/// it: then they sign in without TLS, with the password "correct horse".
class receiving_server {
public:
    enum class purpose { receive, submit };

    explicit receiving_server(engine on, const config::limit_settings& limits = {}, purpose what_for = purpose::receive)
        : place(on),
          db(place),
          resolver(db->accounts(), "mx.example.test", {}),
          spool(pool, std::filesystem::current_path(), {limits.memory_message_size, 64 << 20}),
          server(db.executor(), uses(what_for), "mx.example.test", limits) {
        require(db.run(db->accounts().add_domain("example.test", db.clock.now())));
        alice = add_account("alice");
        bob = add_account("bob");
        require(server.open({{"127.0.0.1", 0}}));
        at = server.endpoints().front();
    }
    ~receiving_server() { stop(); }
    receiving_server(const receiving_server&) = delete;
    receiving_server& operator=(const receiving_server&) = delete;

    core::account_id add_account(const std::string& name, std::optional<std::int64_t> quota = {}) {
        storage::new_account made;
        made.address = {name, "example.test"};
        made.password_hash = password_hash;
        made.quota_limit = quota;
        made.created_at = db.clock.now();
        return require(db.run(db->accounts().add_account(made))).id;
    }

    /// From here on the loop runs on a thread of its own, and the database is not asked directly until stop().
    void start() {
        server.start();
        thread_ = std::jthread([this] { db.loop.run(); });
    }

    /// Ends the sessions and gives the loop back.
    void stop() {
        if (!thread_.joinable()) return;
        CHECK(boost::asio::co_spawn(db.loop, server.stop(std::chrono::seconds(20)), boost::asio::use_future).get());
        db.loop.stop();
        thread_.join();
        db.loop.restart();
    }

    /// A client that has said EHLO.
    [[nodiscard]] smtp_dialogue client() const {
        smtp_dialogue c(at);
        c.play("S: 220\nC: EHLO client.test\nS: 250-\nS: ...\n");
        return c;
    }

    /// The octets of a stored message.
    std::string octets(core::message_id id) {
        const auto content = require(db.run(db->messages().read_content(id, 1 << 20)));
        return db.run(read(pool, content));
    }

    template <class T>
    static T require(core::result<T> r) {
        if (!r) throw std::runtime_error(r.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*r);
    }

    fresh_database place;
    open_database db;
    direct_intake intake{db->messages()};
    account::directory_resolver resolver;
    smtp_server::receive_policy policy{resolver};
    queue::sending_rules rules{resolver, resolver, {100, 100}, db.clock};
    smtp_server::submission_policy people{rules};
    core::system_random random;
    quick_hasher hasher{1};
    std::string password_hash = require(db.run(hasher.hash(account::secret(std::string_view("correct horse")))));
    account::password_authenticator logins{db->accounts(), db->app_passwords(), hasher, random, db.clock, {}};
    net::blocking_pool pool{2};
    net::spool_area spool;
    smtp_server::server server;
    net::tcp_endpoint at;
    core::account_id alice;
    core::account_id bob;

private:
    smtp_server::dependencies uses(purpose what_for) {
        const bool submit = what_for == purpose::submit;
        return {.clock = db.clock,
                .store = db->messages(),
                .intake = intake,
                .policy = submit ? static_cast<smtp_server::policy&>(people) : policy,
                .pool = pool,
                .spool = spool,
                .log = {},
                .people = submit ? std::optional(smtp_server::submission{logins, random, true}) : std::nullopt};
    }

    static net::awaitable<std::string> read(net::blocking_pool& on, std::shared_ptr<const core::content> content) {
        co_return co_await on.run([content] { return core::read_all(*content); });
    }

    std::jthread thread_;
};

}  // namespace postern::test
