#include "account/recent_recipients.hpp"

#include <map>

#include "test/catch.hpp"
#include "test/run.hpp"

namespace recent_recipients_test {

using namespace postern;
using namespace std::chrono_literals;
using account::recent_recipients;
using account::recipient_refusal;
using account::resolution;

namespace {

/// Answers as told and counts how often it is asked.
class counting_resolver final : public account::recipient_resolver {
public:
    net::awaitable<resolution> resolve(std::string address, std::uint64_t) override {
        ++asked;
        const auto known = answers.find(address);
        if (known == answers.end()) co_return std::unexpected(recipient_refusal::unknown_user);
        co_return known->second;
    }

    std::map<std::string, resolution> answers;
    int asked = 0;
};

struct fixture {
    boost::asio::io_context loop;
    core::manual_clock clock{core::timestamp{1000s}};
    counting_resolver resolver;
    recent_recipients recent{resolver, clock};
    const resolution alice = std::vector<account::local_recipient>{{{7}, {"alice", "example.test"}}};

    fixture() { resolver.answers["alice@example.test"] = alice; }
    resolution resolve(const std::string& address, std::uint64_t size = 0) {
        return test::run(loop, recent.resolve(address, size));
    }
};

}  // namespace

TEST_CASE("a recipient that was found is not asked about again for a moment") {
    fixture f;
    CHECK(f.resolve("alice@example.test") == f.alice);
    f.clock.advance(recent_recipients::lifetime - 1us);
    CHECK(f.resolve("alice@example.test") == f.alice);
    CHECK(f.resolver.asked == 1);
    f.clock.advance(1us);
    CHECK(f.resolve("alice@example.test") == f.alice);
    CHECK(f.resolver.asked == 2);
}

TEST_CASE("what was refused is asked about every time, so a new address is there at once") {
    fixture f;
    CHECK(f.resolve("bob@example.test") == resolution(std::unexpected(recipient_refusal::unknown_user)));
    f.resolver.answers["bob@example.test"] = f.alice;
    CHECK(f.resolve("bob@example.test") == f.alice);
}

TEST_CASE("a refusal after all makes the earlier answer forgotten") {
    fixture f;
    f.resolve("alice@example.test");
    f.clock.advance(recent_recipients::lifetime);
    f.resolver.answers["alice@example.test"] = std::unexpected(recipient_refusal::over_quota);
    CHECK_FALSE(f.resolve("alice@example.test"));
    f.clock.advance(-1ms);
    CHECK_FALSE(f.resolve("alice@example.test"));
}

TEST_CASE("a larger message is asked about anew, a smaller one is not") {
    fixture f;
    f.resolve("alice@example.test", 100);
    f.resolve("alice@example.test", 100);
    f.resolve("alice@example.test", 1);
    CHECK(f.resolver.asked == 1);
    f.resolve("alice@example.test", 101);
    CHECK(f.resolver.asked == 2);
}

TEST_CASE("a clock set back does not make an answer live longer") {
    fixture f;
    f.resolve("alice@example.test");
    f.clock.advance(-1h);
    f.resolve("alice@example.test");
    CHECK(f.resolver.asked == 2);
}

}  // namespace recent_recipients_test
