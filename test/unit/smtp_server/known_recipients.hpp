#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "account/address_owners.hpp"
#include "account/errc.hpp"
#include "account/recipient_resolver.hpp"
#include "smtp/address.hpp"

namespace postern::test {

/// The recipients session tests know, all @example.test: alice, bob, team (both), and one for each way to be refused. An
/// address is owned by those it reaches.
class known_recipients final : public account::recipient_resolver, public account::address_owners {
public:
    net::awaitable<core::result<bool>> owns(storage::account_id account, std::string address) override {
        const auto found = co_await resolve(std::move(address), 0);
        if (!found && found.error() == account::recipient_refusal::unavailable)
            co_return core::fail(account::errc::unavailable);
        co_return found&& std::ranges::any_of(*found, [&](const auto& to) { return to.account == account; });
    }

    net::awaitable<account::resolution> resolve(std::string address, std::uint64_t size) override {
        using account::recipient_refusal;
        const account::local_recipient alice{{1}, {"alice", "example.test"}};
        const account::local_recipient bob{{2}, {"bob", "example.test"}};
        if (address == "postmaster") co_return std::vector{alice};
        const auto at = address.rfind('@');
        if (at == std::string::npos || address.substr(at + 1) != "example.test") {
            co_return std::unexpected(recipient_refusal::not_local);
        }
        const auto name = std::string_view(address).substr(0, at);
        if (smtp::is_route_like(name)) co_return std::unexpected(recipient_refusal::not_local);
        if (name == "alice" || name.starts_with("alice+")) co_return std::vector{alice};
        if (name == "bob") co_return std::vector{bob};
        if (name == "team") co_return std::vector{alice, bob};
        if (name == "disabled") co_return std::unexpected(recipient_refusal::mailbox_disabled);
        if (name == "full") co_return std::unexpected(recipient_refusal::over_quota);
        if (name == "small" && size > 1000) co_return std::unexpected(recipient_refusal::over_quota);
        if (name == "small") co_return std::vector{bob};
        if (name == "down") co_return std::unexpected(recipient_refusal::unavailable);
        co_return std::unexpected(recipient_refusal::unknown_user);
    }
};

}  // namespace postern::test
