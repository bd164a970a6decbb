#pragma once

#include <algorithm>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "account/administration.hpp"
#include "account/directory_resolver.hpp"
#include "fake_server.hpp"
#include "message/summary.hpp"
#include "queue/destination_of.hpp"
#include "queue/scheduler.hpp"
#include "test/catch.hpp"
#include "test/database.hpp"
#include "test/fixed_resolver.hpp"
#include "test/quick_hasher.hpp"

namespace postern::test {

/// A server with accounts of example.test, a queue, and a world of fake servers that DNS leads to.
struct outgoing {
    explicit outgoing(engine on) : place(on), db(place) {
        REQUIRE(db.run(admin.add_domain("example.test")));
        settings.hostname = "mx.example.test";
        settings.queue.retry = {std::chrono::minutes(1), std::chrono::minutes(5)};
        settings.linger = std::chrono::milliseconds(50);
        settings.couriers.own_names = {"mx.example.test"};
        sessions.hostname = "mx.example.test";
    }

    ~outgoing() { stop(); }

    void account(const std::string& address, std::optional<std::int64_t> quota = std::nullopt) {
        account::account_request request;
        request.address = address;
        request.quota_limit = quota;
        REQUIRE(db.run(admin.add_account(std::move(request))));
    }

    /// A server at 127.0.0.1, 127.0.0.2, ...: all on the port of the first, which is that of all mail hosts.
    fake_server& add_server() {
        const auto last = static_cast<unsigned char>(servers.size() + 1);
        const boost::asio::ip::address_v4 address({127, 0, 0, last});
        const auto port = servers.empty() ? std::uint16_t{0} : servers.front().endpoint().port();
        servers.emplace_back(db.loop, net::tcp_endpoint(address, port));
        const auto name = host_name(servers.size() - 1);
        dns.a(name, {127, 0, 0, last});
        return servers.back();
    }
    static std::string host_name(std::size_t server) { return "mx" + std::to_string(server + 1) + ".world.test"; }

    /// Mail for `domain` goes to these servers, in this order.
    void mx(const std::string& domain, const std::vector<std::size_t>& order) {
        std::vector<dns::record> hosts;
        for (const auto n : order) hosts.push_back(dns::mx_record{static_cast<std::uint16_t>(hosts.size() * 10), host_name(n)});
        dns.mx(domain, std::move(hosts));
    }

    queue::dependencies uses() {
        return {db.executor(), db.clock, random, db->messages(), db->queue(), resolver, dns, workers, spools, log};
    }

    queue::scheduler& start() {
        auto s = settings;
        if (!servers.empty()) s.couriers.relay.port = servers.front().endpoint().port();
        s.couriers.anybody = s.couriers.named = std::make_shared<const smtp_client::session_settings>(sessions);
        scheduler = std::make_unique<queue::scheduler>(uses(), std::move(s));
        scheduler->start();
        return *scheduler;
    }
    void stop(std::chrono::milliseconds drain = std::chrono::seconds(5)) {
        if (!scheduler) return;
        db.run(scheduler->stop(drain));
        scheduler.reset();
    }

    storage::delivery letter(const std::string& from, const std::vector<std::string>& to, storage::dsn_notify notify = {}) {
        storage::delivery d;
        d.id = db.run(db->messages().next_id()).value();
        d.received_at = db.clock.now();
        d.reverse_path = from;
        d.recipients = to;
        const std::string trace = "Return-Path: <" + from + ">\r\n";
        d.return_path_size = static_cast<std::int64_t>(trace.size());
        d.octets = std::make_shared<core::memory_content>(trace + text);
        d.summary = message::summarize(*d.octets);
        for (const auto& r : to) {
            storage::new_queue_item item;
            item.recipient = r;
            item.destination = queue::destination_of(r).value();
            item.notify = notify;
            item.expires_at = d.received_at + settings.queue.expire;
            d.remote.push_back(std::move(item));
        }
        d.events.push_back({d.received_at, "received", "", "{}"});
        return d;
    }

    /// Hands a message to the queue.
    storage::message_id send(const std::string& from, const std::vector<std::string>& to, storage::dsn_notify notify = {}) {
        auto d = letter(from, to, notify);
        const auto id = d.id;
        REQUIRE(db.run(scheduler->deliver(std::move(d), {})));
        return id;
    }

    /// Runs until nothing is worked on and nothing is claimed.
    void settle() {
        db.run_until([&] { return scheduler->items() == 0; });
    }
    /// Time passes, and what falls due is worked on.
    void pass(std::chrono::seconds time) {
        db.clock.advance(time);
        scheduler->wake();
        wait_until_idle();
    }
    void wait_until_idle() {
        db.run_until([&] { return scheduler->items() == 0 && due() == 0 && leased() == 0; });
    }
    std::int64_t leased() const {
        return place.number("SELECT count(*) FROM queue_item WHERE lease_owner LIKE 'mx.example.test:%'");
    }
    std::int64_t queued() const { return place.number("SELECT count(*) FROM queue_item"); }
    std::int64_t due() {
        return db.run(db->queue().next_due(db.clock.now())).value().value_or(core::timestamp::max()) <= db.clock.now();
    }

    /// "queued bob@a.test", in order.
    std::vector<std::string> events(storage::message_id id) {
        std::vector<std::string> all;
        for (const auto& e : db.run(db->messages().trace(id)).value().events)
            all.push_back(e.recipient.empty() ? e.kind : e.kind + ' ' + e.recipient);
        return all;
    }
    /// The detail of the last event of that kind; "" when there is none.
    std::string detail(storage::message_id id, const std::string& kind) {
        std::string found;
        for (const auto& e : db.run(db->messages().trace(id)).value().events) {
            if (e.kind == kind) found = e.detail;
        }
        return found;
    }

    /// The messages in the Inbox of an account, newest first, whole.
    std::vector<std::string> inbox(const std::string& local_part) {
        std::vector<std::string> all;
        const auto found = db.run(resolver.resolve(local_part + "@example.test", 0)).value().front().account;
        for (const auto& box : db.run(db->messages().list_mailboxes(found)).value()) {
            if (box.role != storage::mailbox_role::inbox) continue;
            for (const auto& e : db.run(db->messages().list_entries(found, box.id, std::nullopt, 100)).value().entries)
                all.push_back(core::read_all(*db.run(db->messages().read_content(e.message, 1 << 20)).value()));
        }
        return all;
    }

    fresh_database place;
    open_database db;
    core::system_random random;
    core::logger log;
    net::blocking_pool workers{1};
    net::spool_area spools{workers, std::filesystem::temp_directory_path(), {}};
    quick_hasher hasher{1};
    account::administration admin{db->accounts(), hasher, db.clock, core::logger()};
    account::directory_resolver resolver{db->accounts(), "mx.example.test", core::logger()};
    fixed_resolver dns;
    std::list<fake_server> servers;
    smtp_client::session_settings sessions;
    queue::scheduler_settings settings;
    std::string text = "Subject: Lunch\r\nMessage-ID: <1@example.test>\r\n\r\nAt noon?\r\n";
    std::unique_ptr<queue::scheduler> scheduler;
};

inline engine both() { return GENERATE(engine::sqlite, engine::postgresql); }

using strings = std::vector<std::string>;

}  // namespace postern::test
