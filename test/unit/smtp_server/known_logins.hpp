#pragma once

#include <string>

#include "account/sasl_accounts.hpp"

namespace postern::test {

/// The logins session tests know, all @example.test with the password "secret": alice, bob, and one for each way to fail.
class known_logins final : public account::sasl_accounts {
public:
    net::awaitable<account::login_result> verify(std::string login, account::secret password,
                                                 boost::asio::ip::address) override {
        using reason = account::login_failure::reason;
        storage::account found;
        found.address = {login.substr(0, login.find('@')), "example.test"};
        if (password.reveal() != "secret") co_return std::unexpected(account::login_failure{});
        if (login == "disabled@example.test") co_return refused(reason::disabled);
        if (login == "slow@example.test") co_return refused(reason::throttled);
        if (login == "down@example.test") co_return refused(reason::unavailable);
        if (login == "alice@example.test") {
            found.id = {1};
        } else if (login == "bob@example.test") {
            found.id = {2};
        } else {
            co_return refused(reason::bad_credentials);
        }
        co_return found;
    }

    net::awaitable<std::expected<account::scram_login, account::login_failure>> find_scram(std::string,
                                                                                           boost::asio::ip::address) override {
        co_return refused(account::login_failure::reason::unavailable);
    }

    net::awaitable<account::login_result> conclude_scram(std::string, std::optional<storage::app_password_id>,
                                                         boost::asio::ip::address) override {
        co_return refused(account::login_failure::reason::bad_credentials);
    }

private:
    static std::unexpected<account::login_failure> refused(account::login_failure::reason why) {
        return std::unexpected(account::login_failure{.why = why, .retry_after = std::chrono::seconds(30)});
    }
};

}  // namespace postern::test
