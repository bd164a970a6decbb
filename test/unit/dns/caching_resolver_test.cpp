#include "dns/caching_resolver.hpp"

#include <map>
#include <memory>

#include "net/pending.hpp"
#include "test/catch.hpp"

namespace caching_resolver_test {

using namespace postern;
using namespace std::chrono_literals;

namespace {

/// Holds every question until the test answers it.
class held_resolver final : public dns::resolver {
public:
    net::awaitable<dns::answer> lookup(std::string name, dns::record_type) override {
        ++asked;
        auto& waiting = questions[name];
        waiting = std::make_shared<net::pending<dns::answer>>();
        const auto mine = waiting;
        co_return co_await mine->wait();
    }

    int asked = 0;
    std::map<std::string, std::shared_ptr<net::pending<dns::answer>>> questions;
};

dns::answer found(std::chrono::seconds ttl) {
    dns::answer a;
    a.status = dns::status::found;
    a.records = {dns::a_record{{127, 0, 0, 1}}};
    a.ttl = ttl;
    return a;
}

struct fixture {
    boost::asio::io_context loop;
    core::manual_clock clock{core::timestamp{1000s}};
    net::task_group tasks{loop.get_executor(), {}};
    held_resolver inner;
    dns::caching_resolver cache{loop.get_executor(), inner, clock, tasks, {.capacity = 2, .failure_ttl = 5s}};
    std::vector<dns::answer> answers;

    net::awaitable<void> ask_task(std::string name) {
        answers.push_back(co_await cache.lookup(std::move(name), dns::record_type::a));
    }
    void ask(const std::string& name) {
        tasks.spawn(ask_task(name), "ask");
        run();
    }
    void answer(const std::string& name, dns::answer a) {
        inner.questions.at(name)->complete(std::move(a));
        run();
    }
    void run() {
        loop.restart();
        loop.poll();
    }
};

}  // namespace

TEST_CASE_METHOD(fixture, "an answer is kept for its TTL and no longer") {
    ask("x.test");
    answer("x.test", found(60s));
    REQUIRE(answers.size() == 1);
    CHECK_FALSE(answers[0].from_cache);

    clock.advance(59s);
    ask("X.TEST.");  // the same question
    REQUIRE(answers.size() == 2);
    CHECK(answers[1].from_cache);
    CHECK(answers[1].ttl == 1s);
    CHECK(inner.asked == 1);

    clock.advance(1s);
    ask("x.test");
    CHECK(inner.asked == 2);
    answer("x.test", found(60s));
}

TEST_CASE_METHOD(fixture, "equal questions in flight are asked once") {
    ask("x.test");
    ask("x.test");
    ask("x.test");
    CHECK(inner.asked == 1);
    CHECK(answers.empty());
    answer("x.test", found(0s));
    CHECK(answers.size() == 3);
    ask("x.test");  // a TTL of zero is not kept
    CHECK(inner.asked == 2);
    answer("x.test", found(0s));
}

TEST_CASE_METHOD(fixture, "negative answers are kept for their TTL, failures for a moment") {
    dns::answer gone;
    gone.status = dns::status::no_such_name;
    gone.ttl = 300s;
    ask("gone.test");
    answer("gone.test", gone);
    clock.advance(299s);
    ask("gone.test");
    CHECK(inner.asked == 1);
    CHECK(answers.back().status == dns::status::no_such_name);

    ask("dead.test");
    answer("dead.test", {});
    clock.advance(4s);
    ask("dead.test");
    CHECK(inner.asked == 2);
    clock.advance(1s);
    ask("dead.test");
    CHECK(inner.asked == 3);
    answer("dead.test", {});
}

TEST_CASE_METHOD(fixture, "the cache is bounded, least recently used first out") {
    for (const char* name : {"a.test", "b.test"}) {
        ask(name);
        answer(name, found(60s));
    }
    ask("a.test");  // now b is the oldest
    ask("c.test");
    answer("c.test", found(60s));
    CHECK(cache.size() == 2);
    CHECK(inner.asked == 3);
    ask("a.test");
    CHECK(inner.asked == 3);
    ask("b.test");
    CHECK(inner.asked == 4);
    answer("b.test", found(60s));
}

}  // namespace caching_resolver_test
