#include "queue/sending_rules.hpp"

#include <map>

#include <boost/asio/io_context.hpp>

#include "test/catch.hpp"
#include "test/run.hpp"

namespace sending_rules_test {

using namespace postern;
using namespace std::chrono_literals;
using account::recipient_refusal;
using queue::sending_rules;

namespace {

/// Knows example.test with alice, and whatever else it is told; counts how often it is asked.
class counting_directory final : public account::recipient_resolver, public account::address_owners {
public:
    net::awaitable<account::resolution> resolve(std::string address, std::uint64_t) override {
        ++asked;
        const auto known = answers.find(address);
        if (known == answers.end()) co_return std::unexpected(recipient_refusal::not_local);
        co_return known->second;
    }
    net::awaitable<core::result<bool>> owns(storage::account_id, std::string) override { co_return true; }

    std::map<std::string, account::resolution> answers;
    int asked = 0;
};

struct fixture {
    boost::asio::io_context loop;
    core::manual_clock clock{core::timestamp{1000s}};
    counting_directory directory;
    sending_rules policy{directory, directory, {1000, 1000}, clock};
    storage::account alice;

    /// The remote destination; empty where it is none.
    std::string remote(const std::string& path) {
        const auto parsed = smtp::parse_mailbox(path).value();
        const auto found = test::run(loop, policy.recipient(alice.id, parsed, 0));
        return found ? found->remote : "";
    }
};

}  // namespace

TEST_CASE("a domain that was not ours is not asked about again for a moment, in whatever spelling") {
    fixture f;
    CHECK(f.remote("bob@remote.test") == "remote.test");
    f.clock.advance(sending_rules::remembered - 1us);
    CHECK(f.remote("Carol@Remote.TEST") == "remote.test");
    CHECK(f.directory.asked == 1);
    CHECK(f.remote("bob@another.test") == "another.test");
    CHECK(f.directory.asked == 2);
    f.directory.answers["bob@remote.test"] = std::unexpected(recipient_refusal::unknown_user);
    f.clock.advance(1us);
    CHECK(f.remote("bob@remote.test").empty());
}

TEST_CASE("what is a disguised route, or no address at a domain name, says nothing of the domain") {
    fixture f;
    f.directory.answers["postmaster@example.test"] = std::unexpected(recipient_refusal::unknown_user);
    f.directory.answers["alice@example.test"] = std::unexpected(recipient_refusal::unknown_user);
    CHECK(f.remote("someone%elsewhere@example.test").empty());
    CHECK(f.remote("alice@example.test").empty());
    CHECK(f.remote("dave@[192.0.2.7]") == "[192.0.2.7]");
    CHECK(f.remote("dave@[192.0.2.7]") == "[192.0.2.7]");
    CHECK(f.directory.asked == 5);
}

TEST_CASE("a clock set back does not make a domain stay foreign") {
    fixture f;
    f.remote("bob@remote.test");
    f.clock.advance(-1h);
    f.remote("bob@remote.test");
    CHECK(f.directory.asked == 2);
}

}  // namespace sending_rules_test
