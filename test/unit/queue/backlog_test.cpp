#include "queue/backlog.hpp"

#include <boost/asio/io_context.hpp>

#include "test/catch.hpp"

namespace backlog_test {

using namespace postern;
using namespace std::chrono_literals;
using queue::backlog;

namespace {

constexpr core::timestamp now{std::chrono::seconds(1'000'000)};

queue::next_hop hop(std::string domain) { return {std::move(domain), {}, 25, false}; }

queue::job job_for(const std::string& domain, std::size_t recipients = 1) {
    queue::job j;
    j.round = std::make_shared<queue::message_round>();
    for (std::size_t i = 0; i < recipients; ++i) {
        storage::queue_item item;
        item.destination = domain;
        j.items.push_back(std::move(item));
    }
    return j;
}

void add(backlog& b, const std::string& domain, std::size_t recipients = 1) {
    b.add(hop(domain), job_for(domain, recipients), now);
}

/// What a connection does first.
queue::job take(const std::shared_ptr<queue::destination>& d) {
    --d->woken;
    return d->take();
}

/// Domains of the connections that may be begun now, in order.
std::vector<std::string> begun(backlog& b) {
    std::vector<std::string> domains;
    while (const auto d = b.begin_connection()) domains.push_back(d->hop().key);
    return domains;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("destinations get connections in turn, and one that nothing is known of gets two") {
    backlog b({});
    for (int i = 0; i < 5; ++i) add(b, "a.test");
    add(b, "b.test");
    CHECK(begun(b) == names{"a.test", "b.test", "a.test"});  // b.test has one connection: it has one job to take
}

TEST_CASE("a destination that takes mail gets as many connections as its limit and its jobs allow") {
    backlog b({.connections = 100, .connections_per_destination = 4});
    for (int i = 0; i < 10; ++i) add(b, "a.test");
    const auto d = b.begin_connection();
    d->went_well();
    b.consider(d);
    CHECK(begun(b).size() == 3);
}

TEST_CASE("being turned away halves a destination's connections, and each success gives one back") {
    queue::destination d(hop("a.test"), 20);
    d.went_well();
    CHECK(d.window() == 20);
    for (const auto left : std::vector<std::size_t>{10, 5, 2, 1, 1}) {
        d.turned_away();
        CHECK(d.window() == left);
    }
    for (std::size_t n = 2; n < 30; ++n) {
        d.went_well();
        CHECK(d.window() == std::min<std::size_t>(n, 20));
    }
}

TEST_CASE("the limit of all connections holds, and a place that is given back goes to whoever waits") {
    backlog b({.connections = 2});
    for (const auto* domain : {"a.test", "b.test", "c.test"}) add(b, domain);
    const auto first = b.begin_connection();
    CHECK(first->hop().key == "a.test");
    CHECK(begun(b) == names{"b.test"});
    (void)take(first);
    b.end_connection(first);
    CHECK(begun(b) == names{"c.test"});
    CHECK(b.connections() == 2);
}

TEST_CASE("a destination that cannot be reached is left alone, longer each time, and up to ten minutes") {
    const queue::retry_schedule schedule({1min, 5min, 1h});
    queue::destination d(hop("a.test"), 20);
    smtp_client::delivery_status why;
    why.reason = "connection refused";
    CHECK_FALSE(d.left_alone(now));
    auto at = now;
    for (const auto pause : {1min, 5min, 10min, 10min}) {
        d.not_reached(why, at, schedule);
        d.not_reached(why, at, schedule);  // a second connection finds out the same: that is one failure, not two
        REQUIRE(d.left_alone(at + pause - 1us));
        CHECK(d.left_alone(at)->reason == "connection refused");
        CHECK_FALSE(d.left_alone(at + pause));
        CHECK(d.left_alone_until() == at + pause);
        at += pause;
    }
    d.went_well();
    d.not_reached(why, at, schedule);
    CHECK(d.left_alone_until() == at + 1min);
    CHECK(d.window() == queue::destination::while_unknown);
}

TEST_CASE("a connection that lingers is called for a new job instead of opening another") {
    boost::asio::io_context loop;
    backlog b({});
    add(b, "a.test");
    const auto d = b.begin_connection();
    (void)take(d);
    queue::bell waiting(loop.get_executor());
    d->lingering.push_back(&waiting);
    add(b, "a.test");
    CHECK(d->woken == 1);
    CHECK(d->lingering.empty());
    CHECK(begun(b).empty());
    add(b, "a.test");  // nobody lingers any more
    CHECK(begun(b) == names{"a.test"});
}

TEST_CASE("memory is bounded in all and per destination, and the database keeps what is too much") {
    backlog b({.items = 10, .items_per_destination = 4});
    CHECK(b.room() == 10);
    add(b, "a.test", 3);
    CHECK(b.room() == 7);
    CHECK(b.saturated().empty());
    CHECK(b.has_room_for(hop("a.test"), 1));
    CHECK_FALSE(b.has_room_for(hop("a.test"), 2));
    add(b, "a.test");
    CHECK(b.saturated() == names{"a.test"});
    CHECK_FALSE(b.has_room_for(hop("a.test"), 1));
    CHECK(b.has_room_for(hop("b.test"), 4));
    CHECK_FALSE(b.has_room_for(hop("b.test"), 7));
    add(b, "b.test", 9);
    CHECK(b.room() == 0);
    const auto a = b.begin_connection();
    CHECK(take(a).items.size() == 3);
    CHECK(b.room() == 0);  // worked on is not done
    b.finished(3);
    b.finished(10);
    CHECK(b.room() == 10);
}

TEST_CASE("behind a smarthost all domains are one destination, whose domains are not left out") {
    backlog b({.items = 10, .items_per_destination = 1});
    queue::next_hop smart{"smart.test:25 smarthost", "smart.test", 25, true};
    b.add(smart, job_for("a.test"), now);
    CHECK(b.saturated().empty());
    queue::next_hop fixed{"10.0.0.1:25", "10.0.0.1", 25, false};
    b.add(fixed, job_for("b.test"), now);
    b.add(fixed, job_for("b.test"), now);
    b.add(fixed, job_for("c.test"), now);
    CHECK(b.saturated() == names{"b.test", "c.test"});
}

TEST_CASE("destinations nothing is to be remembered of are forgotten when there are too many") {
    const queue::retry_schedule schedule({1min});
    backlog b({.destinations = 2});
    add(b, "a.test");
    add(b, "b.test");
    const auto a = b.begin_connection();
    const auto other = b.begin_connection();
    (void)take(a);
    (void)take(other);
    other->not_reached({}, now, schedule);
    b.end_connection(a);
    b.end_connection(other);
    add(b, "c.test");
    add(b, "a.test");
    CHECK(b.begin_connection()->hop().key == "c.test");
    const auto again = b.begin_connection();
    CHECK(again->hop().key == "a.test");
    CHECK(again != a);
    add(b, "b.test");
    CHECK(b.begin_connection() == other);  // its rest is not over
}

}  // namespace backlog_test
