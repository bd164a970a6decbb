#pragma once

#include <map>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "account/authenticator.hpp"
#include "account/directory_resolver.hpp"
#include "http/handlers.hpp"
#include "http/server.hpp"
#include "http_client.hpp"
#include "message/summary.hpp"
#include "test/catch.hpp"
#include "test/database.hpp"
#include "test/direct_intake.hpp"
#include "test/engines.hpp"
#include "test/quick_hasher.hpp"
#include "test/run.hpp"
#include "test/wait.hpp"

namespace postern::test {

/// Knows every account by the password "secret", without Argon2id's work; says what it is told to of other logins.
class easy_authenticator final : public account::authenticator {
public:
    explicit easy_authenticator(storage::directory& accounts) : accounts_(accounts) {}

    net::awaitable<account::login_result> verify(std::string login, account::secret password,
                                                 boost::asio::ip::address /*client*/) override {
        using enum account::login_failure::reason;
        if (const auto told = failures.find(login); told != failures.end()) co_return std::unexpected(told->second);
        const auto at = std::min(login.find('@'), login.size() - 1);
        const auto found =
            co_await accounts_.find_account(storage::canonical_address{login.substr(0, at), login.substr(at + 1)});
        if (!found) co_return std::unexpected(account::login_failure{unavailable});
        if (!*found || password.reveal() != "secret") co_return std::unexpected(account::login_failure{bad_credentials});
        co_return **found;
    }

    std::map<std::string, account::login_failure> failures;

private:
    storage::directory& accounts_;
};

/// What an HTTP server stands on, over a real database.
struct http_parts {
    static constexpr account::session_times session_times{std::chrono::hours(24 * 7), std::chrono::hours(24 * 30)};
    static constexpr http::static_file files[] = {
        {"index.html", R"(<!doctype html><link href="/assets/css/base.css"><script src="/assets/app.js"></script>)"},
        {"app.js",
         "import './dom.js'; // "
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"},
        {"css/base.css", "a{}"},
    };

    explicit http_parts(open_database& d)
        : db(d),
          tokens(db->api_tokens(), random, db.clock, {}),
          sessions(db->web_sessions(), random, db.clock, session_times, {}) {}

    [[nodiscard]] http::services services(account::authenticator& authenticator, std::uint64_t memory_message_size = 1 << 20) {
        return {.database = *db,
                .authenticator = authenticator,
                .tokens = tokens,
                .sessions = sessions,
                .logins = db->logins(),
                .workers = workers,
                .clock = db.clock,
                .page = page,
                .metrics = metrics,
                .metrics_from = {"127.0.0.0/8"},
                .outbox = outbox,
                .accounts = accounts,
                .app_passwords = app_passwords,
                .queue = queue,
                .live = *live,
                .facts = facts,
                .clients = clients,
                .look = [] { return http::server_state{}; },
                .json_depth = 16,
                .memory_message_size = memory_message_size};
    }

    open_database& db;
    core::system_random random;
    net::blocking_pool workers{2};
    account::api_tokens tokens;
    account::web_sessions sessions;
    http::static_files page{files};
    core::metrics metrics;
    quick_hasher hasher{1};
    account::directory_resolver resolver{db->accounts(), "mx.example.test", {}};
    direct_intake intake{db->messages()};
    queue::sending_rules rules{resolver, resolver, {100, 1000}, db.clock};
    account::administration accounts{db->accounts(), hasher, db.clock, {}};
    account::app_passwords app_passwords{db->accounts(), db->app_passwords(), hasher, random, db.clock, {}};
    queue::administration queue{
        {db.clock, random, db->messages(), resolver, workers, {}}, db->queue(), "mx.example.test", std::chrono::hours(96)};
    queue::outbox outbox{{.messages = db->messages(),
                          .intake = intake,
                          .rules = rules,
                          .workers = workers,
                          .clock = db.clock,
                          .log = {},
                          .hostname = "mx.example.test",
                          .message_size = 1 << 20,
                          .recipients = 100}};
    http::server_facts facts{.hostname = "mx.example.test", .version = "1", .database = "SQLite", .started_at = db.clock.now()};
    http::client_settings clients{
        .hostname = "mx.example.test", .submission_port = 587, .submissions_port = 465, .imap_port = 143, .imaps_port = 993};
    std::shared_ptr<http::live_updates> live =
        std::make_shared<http::live_updates>(db.executor(), *db, db.clock, core::logger());
};

/// The HTTP server over a real database, with the domain example.test and the accounts alice and bob.
class api_server {
public:
    explicit api_server(engine on, const config::limit_settings& limits = {},
                        std::vector<http::route> routes = http::api_routes(), account::authenticator* authenticator = nullptr)
        : place(on),
          db(place),
          easy(db->accounts()),
          parts(db),
          server(db.executor(), parts.services(authenticator != nullptr ? *authenticator : easy, limits.memory_message_size),
                 std::move(routes), limits,
                 std::getenv("POSTERN_TEST_LOG") != nullptr ? core::logger(core::log_level::debug, core::log_format::text)
                                                            : core::logger()) {
        require(db.run(db->accounts().add_domain("example.test", db.clock.now())));
        alice = add_account("alice");
        bob = add_account("bob");
        root = add_account("root", {}, true);
        require(server.listen({{"127.0.0.1", 0}}));
        at = server.endpoints().front();
    }
    ~api_server() { stop(); }
    api_server(const api_server&) = delete;
    api_server& operator=(const api_server&) = delete;

    storage::account add_account(const std::string& name, std::optional<std::int64_t> quota = {}, bool admin = false) {
        storage::new_account made;
        made.address = {name, "example.test"};
        made.name = "The " + name;
        made.quota_limit = quota;
        made.admin = admin;
        made.created_at = db.clock.now();
        return require(db.run(db->accounts().add_account(made)));
    }

    /// Stores a message for the inboxes of `to`, and for `sender`'s sent folder where there is one.
    core::message_id deliver(std::string octets, const std::vector<storage::account>& to,
                             const storage::account* sender = nullptr) {
        storage::delivery d;
        d.id = require(db.run(db->messages().next_id()));
        d.received_at = db.clock.now();
        d.reverse_path = "sender@example.org";
        d.octets = std::make_shared<core::memory_content>(std::move(octets));
        d.summary = message::summarize(*d.octets);
        if (sender != nullptr) d.local.push_back({sender->id, storage::mailbox_role::sent, to_string(sender->address), true});
        for (const auto& account : to) {
            d.recipients.push_back(to_string(account.address));
            d.local.push_back({account.id, storage::mailbox_role::inbox, to_string(account.address), false});
        }
        d.events = {{d.received_at, "received", "", R"({"from": "192.0.2.1"})"}};
        const auto id = d.id;
        require(db.run(db->messages().deliver(std::move(d))));
        db.clock.advance(std::chrono::seconds(1));
        return id;
    }

    storage::mailbox mailbox(const storage::account& of, storage::mailbox_role role) {
        for (auto& m : require(db.run(db->messages().list_mailboxes(of.id)))) {
            if (m.role == role) return m;
        }
        throw std::logic_error("no such mailbox");
    }

    /// "Authorization: Bearer ..." with a token of these scopes. Before start().
    std::string token(const storage::account& of, storage::token_scopes scopes,
                      std::optional<core::timestamp> expires_at = {}) {
        const auto name = std::to_string(++made_tokens_);
        const auto made = require(db.run(tokens.add(of, name, scopes, expires_at)));
        return "Authorization: Bearer " + std::string(made.token.reveal()) + "\r\n";
    }

    /// From here on the loop runs on a thread of its own, and the database is not asked directly until stop().
    void start() {
        parts.live->start();
        server.start();
        thread_ = std::jthread([this] { db.loop.run(); });
    }

    /// Ends the connections and gives the loop back.
    void stop() {
        if (!thread_.joinable()) return;
        on_loop(server.stop(std::chrono::seconds(10)));
        on_loop(parts.live->stop());
        db.loop.stop();
        thread_.join();
        db.loop.restart();
    }

    /// Runs a coroutine on the running loop and waits for it.
    template <class T>
    T on_loop(net::awaitable<T> task) {
        if constexpr (std::is_void_v<T>) {
            boost::asio::co_spawn(db.loop, std::move(task), boost::asio::use_future).get();
        } else {
            std::optional<T> done;
            boost::asio::co_spawn(db.loop, keep(std::move(task), done), boost::asio::use_future).get();
            return std::move(*done);
        }
    }

    /// Sets the clock forward, on the loop: on_loop(advance(...)).
    net::awaitable<void> advance(std::chrono::microseconds by) {
        db.clock.advance(by);
        co_return;
    }

    /// Asks the loop until it has `count` connections.
    void wait_for_connections(std::size_t count) {
        wait_until([&] { return on_loop(count_connections(server)) == count; });
    }

    template <class T>
    static T require(core::result<T> r) {
        if (!r) throw std::runtime_error(r.error().message());
        if constexpr (!std::is_void_v<T>) return std::move(*r);
    }

    fresh_database place;
    open_database db;
    easy_authenticator easy;
    http_parts parts;
    account::api_tokens& tokens = parts.tokens;
    http::server server;
    net::tcp_endpoint at;
    storage::account alice;
    storage::account bob;
    storage::account root;  ///< an administrator
    const std::string as_alice = "Authorization: " + basic("alice@example.test", "secret") + "\r\n";
    const std::string as_root = "Authorization: " + basic("root@example.test", "secret") + "\r\n";
    const std::string as_bob = "Authorization: " + basic("bob@example.test", "secret") + "\r\n";

private:
    static net::awaitable<std::size_t> count_connections(const http::server& of) { co_return of.connections(); }

    std::jthread thread_;
    int made_tokens_ = 0;
};

/// Every case of the API runs on both databases.
#define ON_BOTH_DATABASES GENERATE(postern::test::engine::sqlite, postern::test::engine::postgresql)

/// Checks that an answer is an RFC 7807 problem with this status; returns its detail.
inline std::string problem_of(const http_answer& answer, unsigned status) {
    CAPTURE(answer.body);
    REQUIRE(answer.status == status);
    CHECK(answer.field("Content-Type") == "application/problem+json");
    const auto o = answer.json().as_object();
    CHECK(o.at("type") == "about:blank");
    CHECK_FALSE(o.at("title").as_string().empty());
    CHECK(o.at("status") == status);
    return std::string(o.at("detail").as_string());
}

}  // namespace postern::test
