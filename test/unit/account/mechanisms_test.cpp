#include "account/sasl/mechanisms.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"
#include "test/run.hpp"

namespace mechanisms_test {

using namespace postern;
using namespace postern::account;
using namespace std::string_literals;
using sasl::refusal;

namespace {

/// Knows one password, and remembers what it was asked.
class one_account final : public sasl_accounts {
public:
    struct question {
        std::string login;
        std::string password;
        friend bool operator==(const question&, const question&) = default;
    };
    std::vector<question> asked;
    std::optional<login_failure> failing;

    net::awaitable<login_result> verify(std::string login, secret password, boost::asio::ip::address) override {
        asked.push_back({login, std::string(password.reveal())});
        if (failing) co_return std::unexpected(*failing);
        if (login != "alice@example.test" || password.reveal() != "p\xC3\xA4ssword") co_return std::unexpected(login_failure{});
        storage::account alice;
        alice.id = storage::account_id{7};
        co_return alice;
    }
    net::awaitable<std::expected<scram_login, login_failure>> find_scram(std::string, boost::asio::ip::address) override {
        co_return scram_login{};
    }
    net::awaitable<login_result> conclude_scram(std::string, std::optional<storage::app_password_id>,
                                                boost::asio::ip::address) override {
        co_return std::unexpected(login_failure{});
    }
};

struct fixture {
    boost::asio::io_context loop;
    one_account accounts;
    core::system_random random;

    std::unique_ptr<sasl::mechanism> make(std::string_view name) {
        return sasl::make_mechanism(name, {accounts, random, boost::asio::ip::make_address("192.0.2.1"), std::nullopt});
    }
    sasl::step respond(sasl::mechanism& m, std::optional<std::string> response) {
        return test::run(loop, m.respond(response ? std::optional(secret(std::string_view(*response))) : std::nullopt));
    }
    sasl::step plain(std::string message) { return respond(*make("PLAIN"), std::move(message)); }
    std::string prompt(sasl::mechanism& m, std::optional<std::string> response) {
        return std::get<sasl::challenge>(respond(m, std::move(response))).octets;
    }
};

bool is_alice(const sasl::step& s) {
    const auto* account = std::get_if<storage::account>(&s);
    return account != nullptr && account->id.value == 7;
}

refusal::reason reason_of(const sasl::step& s) { return std::get<refusal>(s).why; }

}  // namespace

TEST_CASE_METHOD(fixture, "the strongest mechanism is offered first, and -PLUS only with a channel binding") {
    CHECK(sasl::offered(false) == std::vector<std::string>{"SCRAM-SHA-256", "PLAIN", "LOGIN"});
    CHECK(sasl::offered(true) == std::vector<std::string>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN"});
    for (const auto& name : sasl::offered(false)) CHECK(make(name));
    for (const auto* name : {"SCRAM-SHA-256-PLUS", "CRAM-MD5", "plain", "", "EXTERNAL", "SCRAM-SHA-1"}) CHECK_FALSE(make(name));
}

TEST_CASE_METHOD(fixture, "PLAIN takes the name and the password of one message") {
    CHECK(is_alice(plain("\0alice@example.test\0p\xC3\xA4ssword"s)));
    CHECK(is_alice(plain("alice@example.test\0alice@example.test\0p\xC3\xA4ssword"s)));
    CHECK(is_alice(plain("ALICE@Example.Test\0alice@example.test\0p\xC3\xA4ssword"s)));
    CHECK(accounts.asked.size() == 3);
    CHECK(reason_of(plain("\0alice@example.test\0wrong"s)) == refusal::reason::bad_credentials);
}

TEST_CASE_METHOD(fixture, "PLAIN without an initial response asks with nothing") {
    const auto m = make("PLAIN");
    CHECK(prompt(*m, std::nullopt).empty());
    CHECK(is_alice(respond(*m, "\0alice@example.test\0p\xC3\xA4ssword"s)));
}

TEST_CASE_METHOD(fixture, "PLAIN refuses what is no such message, and looks at no password") {
    const auto [message, why] = GENERATE(table<std::string, std::string>({
        {"", "nothing"},
        {"alice@example.test", "no NUL"},
        {"alice@example.test\0password"s, "one NUL"},
        {"\0alice@example.test\0pass\0word"s, "three NULs"},
        {"\0\0password"s, "no name"},
        {"\0alice@example.test\0"s, "no password"},
        {"\0alice@example.test\0"s + std::string(sasl::max_response, 'x'), "too long"},
    }));
    CAPTURE(why);
    CHECK(reason_of(plain(message)) == refusal::reason::malformed);
    CHECK(accounts.asked.empty());
}

TEST_CASE_METHOD(fixture, "nobody acts for another") {
    CHECK(reason_of(plain("bob@example.test\0alice@example.test\0p\xC3\xA4ssword"s)) == refusal::reason::bad_credentials);
    CHECK(reason_of(plain("alice\0alice@example.test\0p\xC3\xA4ssword"s)) == refusal::reason::bad_credentials);
    CHECK(accounts.asked.empty());
}

TEST_CASE_METHOD(fixture, "LOGIN asks for the name and the password by its exact prompts") {
    const auto m = make("LOGIN");
    CHECK(prompt(*m, std::nullopt) == "Username:");
    CHECK(prompt(*m, "alice@example.test") == "Password:");
    CHECK(is_alice(respond(*m, "p\xC3\xA4ssword")));
}

TEST_CASE_METHOD(fixture, "LOGIN takes the name as its initial response") {
    const auto m = make("LOGIN");
    CHECK(prompt(*m, "alice@example.test") == "Password:");
    CHECK(is_alice(respond(*m, "p\xC3\xA4ssword")));
}

TEST_CASE_METHOD(fixture, "LOGIN refuses empty and endless responses") {
    const auto bad = GENERATE(""s, std::string(sasl::max_response + 1, 'x'));
    CHECK(reason_of(respond(*make("LOGIN"), bad)) == refusal::reason::malformed);
    const auto m = make("LOGIN");
    CHECK(prompt(*m, "alice@example.test") == "Password:");
    CHECK(reason_of(respond(*m, bad)) == refusal::reason::malformed);
    CHECK(accounts.asked.empty());
}

TEST_CASE_METHOD(fixture, "a password in Latin-1 is the same as in UTF-8, and one attempt") {
    SECTION("in LOGIN, as Thunderbird sends it") {
        const auto m = make("LOGIN");
        CHECK(prompt(*m, "alice@example.test") == "Password:");
        CHECK(is_alice(respond(*m, "p\xE4ssword")));
    }
    SECTION("in PLAIN") { CHECK(is_alice(plain("\0alice@example.test\0p\xE4ssword"s))); }
    CHECK(accounts.asked == std::vector<one_account::question>{{"alice@example.test", "p\xC3\xA4ssword"}});
}

TEST_CASE_METHOD(fixture, "what keeps somebody out is told in SASL's words") {
    using from = login_failure::reason;
    using to = refusal::reason;
    const auto [failure, expected] = GENERATE(table<from, to>({{from::bad_credentials, to::bad_credentials},
                                                               {from::disabled, to::disabled},
                                                               {from::throttled, to::throttled},
                                                               {from::unavailable, to::unavailable}}));
    accounts.failing = login_failure{failure, std::chrono::seconds(3)};
    const auto refused = std::get<refusal>(plain("\0alice@example.test\0p\xC3\xA4ssword"s));
    CHECK(refused.why == expected);
    CHECK(refused.retry_after == std::chrono::seconds(3));
}

}  // namespace mechanisms_test
