#pragma once

#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>

#include "core/random.hpp"
#include "known_logins.hpp"
#include "known_recipients.hpp"
#include "memory_store.hpp"
#include "net/self_signed_certificate.hpp"
#include "net/tls_server_context.hpp"
#include "smtp_server/receive_policy.hpp"
#include "smtp_server/server.hpp"
#include "smtp_server/submission_policy.hpp"
#include "test/direct_intake.hpp"
#include "test/smtp_dialogue.hpp"
#include "test/wait.hpp"

namespace postern::test {

/// An SMTP server on a free loopback port, on a thread of its own, with a store, recipients and logins in memory.
class running_server {
public:
    enum class purpose { receive, receive_without_tls, submit, submit_in_plaintext, submit_in_tls };

    explicit running_server(const config::limit_settings& limits = {}, purpose what_for = purpose::receive,
                            queue::sending_rules::rates rates = {1000, 1000})
        : rules(recipients, recipients, rates, clock),
          spool(pool, std::filesystem::current_path(), {limits.memory_message_size, 64 << 20}),
          server(loop.get_executor(), uses(what_for), "mx.example.test", limits,
                 what_for == purpose::submit_in_tls ? smtp_server::beginning::in_tls : smtp_server::beginning::in_the_clear) {
        const auto opened = server.open({{"127.0.0.1", 0}});
        if (!opened) throw std::runtime_error(opened.error().message());
        at = server.endpoints().front();
        server.start();
        thread_ = std::jthread([this] { loop.run(); });
    }

    ~running_server() {
        store.release();
        stop(std::chrono::seconds(0));
        work_.reset();
    }
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    [[nodiscard]] smtp_dialogue client() const { return smtp_dialogue(at); }

    /// A client that has had its greeting and said EHLO.
    [[nodiscard]] smtp_dialogue greeted_client() const {
        smtp_dialogue c(at);
        c.play(R"(
            S: 220
            C: EHLO client.test
            S: 250-
            S: ...
        )");
        return c;
    }

    /// As server::stop; true when no session was left.
    bool stop(std::chrono::seconds drain) { return begin_stop(drain).get(); }
    /// Returns when the server has begun to stop.
    std::future<bool> begin_stop(std::chrono::seconds drain) {
        std::promise<void> begun;
        auto stopped = boost::asio::co_spawn(loop, stop(drain, begun), boost::asio::use_future);
        begun.get_future().get();
        static_cast<void>(sessions());  // behind what stop() does before it waits
        return stopped;
    }

    /// Asks on the loop.
    [[nodiscard]] std::size_t sessions() {
        return boost::asio::post(loop, boost::asio::use_future([this] { return server.sessions(); })).get();
    }

    /// Returns when every session has ended by itself, its memory with it.
    void wait_until_idle() {
        wait_until([this] { return sessions() == 0; });
        CHECK(spool.in_memory() == in_store());
    }

    boost::asio::io_context loop;
    core::manual_clock clock{core::timestamp(std::chrono::seconds(1'795'410'600))};  // Mon, 23 Nov 2026 05:10:00 +0000
    memory_store store{loop.get_executor()};
    known_recipients recipients;
    known_logins logins;
    direct_intake intake{store};
    core::system_random random;
    smtp_server::receive_policy policy{recipients};
    queue::sending_rules rules;
    smtp_server::submission_policy people{rules};
    net::blocking_pool pool{2};
    net::spool_area spool;
    net::tls_server_context tls{{certificate()}};
    smtp_server::server server;
    net::tcp_endpoint at;

private:
    smtp_server::dependencies uses(purpose what_for) {
        smtp_server::dependencies all{
            .clock = clock, .store = store, .intake = intake, .policy = policy, .pool = pool, .spool = spool, .log = {}};
        if (what_for != purpose::receive_without_tls) all.tls = &tls;
        if (what_for == purpose::receive || what_for == purpose::receive_without_tls) return all;
        return {.clock = clock,
                .store = store,
                .intake = intake,
                .policy = people,
                .pool = pool,
                .spool = spool,
                .log = {},
                .tls = &tls,
                .people = smtp_server::submission{logins, random, what_for == purpose::submit_in_plaintext}};
    }

    /// The same for all: making one takes a while.
    static const net::tls_certificate& certificate() {
        static const auto pem = net::make_self_signed_certificate("mx.example.test", core::system_clock().now());
        static const auto made = net::tls_certificate::parse(pem.certificate, pem.private_key, "chain", "key").value();
        return made;
    }

    net::awaitable<bool> stop(std::chrono::seconds drain, std::promise<void>& begun) {
        begun.set_value();
        co_return co_await server.stop(drain);
    }

    [[nodiscard]] std::uint64_t in_store() const {
        std::uint64_t octets = 0;
        for (const auto& d : store.delivered()) octets += d.octets->in_memory() ? d.octets->size() : 0;
        return octets;
    }

    boost::asio::executor_work_guard<net::executor> work_{loop.get_executor()};
    std::jthread thread_;
};

}  // namespace postern::test
