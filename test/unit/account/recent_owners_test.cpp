#include "account/recent_owners.hpp"

#include <set>
#include <utility>

#include "account/errc.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace recent_owners_test {

using namespace postern;
using namespace std::chrono_literals;
using account::recent_owners;

namespace {

/// Answers as told and counts how often it is asked.
class counting_owners final : public account::address_owners {
public:
    net::awaitable<core::result<bool>> owns(storage::account_id account, std::string address) override {
        ++asked;
        if (down) co_return core::fail(account::errc::unavailable);
        co_return owned.contains({account.value, address});
    }

    std::set<std::pair<std::int64_t, std::string>> owned{{1, "alice@example.test"}};
    bool down = false;
    int asked = 0;
};

struct fixture {
    boost::asio::io_context loop;
    core::manual_clock clock{core::timestamp{1000s}};
    counting_owners owners;
    recent_owners recent{owners, clock};

    bool owns(std::int64_t account, const std::string& address) {
        return test::run(loop, recent.owns({account}, address)).value();
    }
};

}  // namespace

TEST_CASE("an address that was found owned is not asked about again for a moment") {
    fixture f;
    CHECK(f.owns(1, "alice@example.test"));
    f.clock.advance(recent_owners::lifetime - 1us);
    CHECK(f.owns(1, "alice@example.test"));
    CHECK(f.owners.asked == 1);
    f.owners.owned.clear();
    f.clock.advance(1us);
    CHECK_FALSE(f.owns(1, "alice@example.test"));
}

TEST_CASE("what one account owns another one does not by that") {
    fixture f;
    CHECK(f.owns(1, "alice@example.test"));
    CHECK_FALSE(f.owns(2, "alice@example.test"));
}

TEST_CASE("what is not owned, or not known, is asked about every time") {
    fixture f;
    CHECK_FALSE(f.owns(1, "bob@example.test"));
    f.owners.owned.insert({1, "bob@example.test"});
    f.owners.down = true;
    CHECK(test::run(f.loop, f.recent.owns({1}, "bob@example.test")).error().code == account::errc::unavailable);
    f.owners.down = false;
    CHECK(f.owns(1, "bob@example.test"));
}

TEST_CASE("a clock set back does not make an owner live longer") {
    fixture f;
    f.owns(1, "alice@example.test");
    f.clock.advance(-1h);
    f.owns(1, "alice@example.test");
    CHECK(f.owners.asked == 2);
}

}  // namespace recent_owners_test
