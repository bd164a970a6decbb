// Messages per second through the writer alone: no SMTP, no parsing; every one durable before it counts.
//
//     POSTERN_TEST_POSTGRESQL=postgresql://... commit_bench [seconds per figure [sqlite|postgresql [octets [sessions [kind]]]]]
//
// Kinds: local (to an Inbox), relayed (a Sent copy and one remote recipient, concluded right after its commit).
//
// cpu is this process's own per message, the database server's not counted: steadier than the rate where the machine is shared.

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "storage/soci/writer.hpp"
#include "test/database.hpp"
#include "test/run.hpp"

namespace {

using namespace postern;
using clock_type = std::chrono::steady_clock;

struct load {
    bool relayed = false;
    std::shared_ptr<const core::content> octets;
    storage::account_id account;
    clock_type::time_point end;
};

storage::delivery message(const load& l, storage::message_id id) {
    const auto now = core::system_clock().now();
    storage::delivery d;
    d.id = id;
    d.received_at = now;
    d.reverse_path = "sender@example.com";
    d.recipients = {"alice@example.test"};
    d.return_path_size = 34;
    d.summary.from = {"A Sender", "sender@example.com"};
    d.summary.to = {{"Alice", "alice@example.test"}};
    d.summary.subject = "A subject of the usual length";
    d.summary.date = now;
    d.summary.preview = std::string(150, 'p');
    d.summary.message_id = "20251124160000.123456@client.example.com";
    d.octets = l.octets;
    if (l.relayed) {
        d.submitted_by = l.account;
        d.local = {{l.account, storage::mailbox_role::sent, "", true}};
        d.remote = {{"bob@example.net", "example.net", {}, std::nullopt, now + std::chrono::days(4)}};
        d.lease_owner = "bench";
        d.lease_until = now + std::chrono::minutes(5);
    } else {
        d.local = {{l.account, storage::mailbox_role::inbox, "alice@example.test", false}};
    }
    d.events = {{now, "received", "", R"({"from":"192.0.2.1","helo":"client.example.com","protocol":"ESMTP"})"}};
    return d;
}

/// As after a transaction with the remote host.
net::awaitable<void> conclude(storage::writer& writer, storage::message_id message, storage::queue_id item) {
    storage::queue_outcome outcome;
    outcome.item = item;
    outcome.message = message;
    outcome.events = {
        {core::system_clock().now(), "relayed", "bob@example.net", R"({"host":"mx.example.net","reply":"250 ok"})"}};
    std::vector<storage::queue_outcome> outcomes;
    outcomes.push_back(std::move(outcome));
    const auto done = co_await writer.conclude("bench", std::move(outcomes), {});
    if (!done || !done->lost.empty()) throw std::runtime_error("not concluded");
}

net::awaitable<std::size_t> session(storage::writer& writer, load l) {
    std::size_t stored = 0;
    while (clock_type::now() < l.end) {
        const auto id = co_await writer.next_id();
        if (!id) throw std::runtime_error(id.error().message());
        const auto done = co_await writer.deliver(message(l, *id));
        if (!done) throw std::runtime_error(done.error().message());
        if (l.relayed) co_await conclude(writer, *id, done->queue.front());
        ++stored;
    }
    co_return stored;
}

void measure(test::engine on, std::size_t sessions, std::size_t size, bool relayed, std::chrono::seconds time) {
    const test::fresh_database place(on);
    place.execute("INSERT INTO domain (id, name, created_at) VALUES (1, 'example.test', " +
                  std::string(on == test::engine::sqlite ? "0" : "now()") +
                  "); "
                  "INSERT INTO address (id, domain_id, local_part, kind) VALUES (1, 1, 'alice', 'account'); "
                  "INSERT INTO account (id, created_at) VALUES (1, " +
                  (on == test::engine::sqlite ? "0" : "now()") +
                  "); "
                  "INSERT INTO mailbox (id, account_id, name, role, uid_validity) VALUES (1, 1, 'Inbox', 'inbox', 1), (2, 1, "
                  "'Sent', 'sent', 1);");
    boost::asio::io_context loop;
    auto writer = storage::writer::open(loop.get_executor(), place.settings, {}).value();
    const auto octets = std::make_shared<core::memory_content>(std::string(size, 'x'));
    const auto start = clock_type::now();
    const auto cpu_before = std::clock();
    std::vector<net::awaitable<std::size_t>> tasks;
    for (std::size_t i = 0; i < sessions; ++i) tasks.push_back(session(*writer, {relayed, octets, {1}, start + time}));
    std::size_t stored = 0;
    for (const auto n : test::run_all(loop, std::move(tasks))) stored += n;
    const std::chrono::duration<double> took = clock_type::now() - start;
    const auto cpu = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
    fmt::print("{:10} {:7} {:3} sessions {:7} octets {:8.0f} messages/s {:6.1f} us cpu\n",
               on == test::engine::sqlite ? "sqlite" : "postgresql", relayed ? "relayed" : "local", sessions, size,
               static_cast<double>(stored) / took.count(), 1e6 * cpu / static_cast<double>(stored));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv, argv + argc);
    const auto wanted = [&](std::size_t index, std::string_view value) {
        return arguments.size() <= index || arguments[index] == value;
    };
    const std::chrono::seconds time(argc > 1 ? std::atoi(argv[1]) : 5);
    for (const auto on : {test::engine::sqlite, test::engine::postgresql}) {
        for (const std::size_t size : {1024UL, 10'240UL}) {
            for (const std::size_t sessions : {1UL, 20UL, 100UL}) {
                if (wanted(2, on == test::engine::sqlite ? "sqlite" : "postgresql") && wanted(3, std::to_string(size)) &&
                    wanted(4, std::to_string(sessions))) {
                    if (wanted(5, "local")) measure(on, sessions, size, false, time);
                    if (wanted(5, "relayed")) measure(on, sessions, size, true, time);
                }
            }
        }
    }
}
