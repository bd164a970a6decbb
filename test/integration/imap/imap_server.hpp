#pragma once

#include <filesystem>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "account/app_passwords.hpp"
#include "account/password_authenticator.hpp"
#include "core/random.hpp"
#include "imap/mailbox_news.hpp"
#include "imap/server.hpp"
#include "imap_dialogue.hpp"
#include "message/summary.hpp"
#include "net/self_signed_certificate.hpp"
#include "net/tls_server_context.hpp"
#include "storage/imap_store.hpp"
#include "storage/mailbox_store.hpp"
#include "test/database.hpp"
#include "test/quick_hasher.hpp"
#include "test/wait.hpp"

namespace postern::test {

/// An IMAP server over a real database, on a thread of its own, with the domain example.test and the accounts alice and bob,
/// whose password is "correct horse".
class imap_server {
public:
    struct manner {
        config::limit_settings limits{};
        bool allow_plaintext = true;
        bool offers_tls = false;
        imap::beginning begins = imap::beginning::in_the_clear;
        std::chrono::seconds account_checked_every{60};
    };

    explicit imap_server(engine on) : imap_server(on, manner{}) {}
    imap_server(engine on, const manner& how)
        : place(on),
          db(place),
          spool(pool, std::filesystem::current_path(), {how.limits.memory_message_size, 64 << 20}),
          server(db.executor(), uses(how), how.limits, how.begins) {
        require(db.run(db->accounts().add_domain("example.test", db.clock.now())));
        alice = add_account("alice");
        bob = add_account("bob");
        require(server.open({{"127.0.0.1", 0}}));
        at = server.endpoints().front();
        server.start();
        thread_ = std::jthread([this] { db.loop.run(); });
    }
    ~imap_server() {
        if (!stopped_) stop();
        db.loop.stop();
    }
    imap_server(const imap_server&) = delete;
    imap_server& operator=(const imap_server&) = delete;

    /// Ends the sessions.
    void stop() {
        stopped_ = true;
        CHECK(call(server.stop(std::chrono::seconds(20))));
    }

    /// A client that has had its greeting.
    [[nodiscard]] imap_dialogue client() const {
        imap_dialogue c(at);
        c.play("S: * OK [CAPABILITY ~\n");
        return c;
    }

    [[nodiscard]] imap_dialogue signed_in(const std::string& name = "alice") const {
        auto c = client();
        c.play("C: in LOGIN " + name + "@example.test \"correct horse\"\nS: in OK ~\n");
        return c;
    }

    /// A client that has signed in and opened a mailbox.
    [[nodiscard]] imap_dialogue in_mailbox(const std::string& mailbox = "INBOX", const std::string& name = "alice",
                                           const std::string& command = "SELECT") const {
        auto c = signed_in(name);
        c.play("C: open " + command + " " + mailbox + "\nS: ...\nS: open OK ~\n");
        return c;
    }

    /// Puts a message into an Inbox, as receiving does.
    storage::message_id deliver(core::account_id to, const std::string& octets) {
        storage::delivery d;
        d.id = require(call(db->messages().next_id()));
        d.received_at = db.clock.now();
        d.recipients = {"to@example.test"};
        d.octets = std::make_shared<core::memory_content>(octets);
        d.summary = message::summarize(*d.octets);
        d.local = {{to, storage::mailbox_role::inbox, "to@example.test", false}};
        const auto id = d.id;
        require(call(db->messages().deliver(std::move(d))));
        return id;
    }

    /// So many messages whose subjects are "1", "2" and so on.
    void deliver_some(core::account_id to, int count) {
        for (int i = 1; i <= count; ++i)
            deliver(to, "From: x@remote.test\r\nSubject: " + std::to_string(i) + "\r\n\r\ntext " + std::to_string(i) + "\r\n");
    }

    core::account_id add_account(const std::string& name, std::optional<std::int64_t> quota = {}) {
        storage::new_account made;
        made.address = {name, "example.test"};
        // "correct horse", at the least that Argon2id can cost.
        made.password_hash = "$argon2id$v=19$m=8,t=1,p=1$tedarKlj1ok8wYmVMGwwww$cGVG0n1ULL3xqOKDKLOwhLelxkpArps2g4V09NHSrsE";
        made.quota_limit = quota;
        made.created_at = db.clock.now();
        return require(thread_.joinable() ? call(db->accounts().add_account(made)) : db.run(db->accounts().add_account(made)))
            .id;
    }

    /// Runs it on the loop, beside the sessions.
    template <class T>
    T call(net::awaitable<T> task) {
        std::optional<T> done;
        boost::asio::co_spawn(db.loop, keep(std::move(task), done), boost::asio::use_future).get();
        return std::move(*done);
    }

    /// Returns when every session has ended.
    void wait_until_idle() {
        const auto sessions = [this] { return server.sessions(); };
        wait_until([&] { return boost::asio::post(db.loop, boost::asio::use_future(sessions)).get() == 0; });
    }

    template <class T>
    static T require(core::result<T> r) {
        if (!r) throw std::runtime_error(r.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*r);
    }

    fresh_database place;
    open_database db;
    core::system_random random;
    quick_hasher hasher{1};
    account::password_authenticator logins{db->accounts(), db->app_passwords(), hasher, random, db.clock, {}};
    account::app_passwords app_passwords{db->accounts(), db->app_passwords(), hasher, random, db.clock, {}};
    net::blocking_pool pool{2};
    net::spool_area spool;
    net::tls_server_context tls{{certificate()}};
    imap::mailbox_news news{db->changes()};
    imap::server server;
    net::tcp_endpoint at;
    core::account_id alice;
    core::account_id bob;

private:
    imap::dependencies uses(const manner& how) {
        return {.clock = db.clock,
                .database = *db,
                .news = news,
                .accounts = logins,
                .random = random,
                .pool = pool,
                .spool = spool,
                .log = {},
                .tls = how.offers_tls || how.begins == imap::beginning::in_tls ? &tls : nullptr,
                .allow_plaintext = how.allow_plaintext,
                .memory_message_size = how.limits.memory_message_size,
                .account_checked_every = how.account_checked_every};
    }

    /// The same for all: making one takes a while.
    static const net::tls_certificate& certificate() {
        static const auto pem = net::make_self_signed_certificate("mx.example.test", core::system_clock().now());
        static const auto made = net::tls_certificate::parse(pem.certificate, pem.private_key, "chain", "key").value();
        return made;
    }

    std::jthread thread_;
    bool stopped_ = false;
};

}  // namespace postern::test
