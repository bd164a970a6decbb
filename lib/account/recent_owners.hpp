#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "account/address_owners.hpp"
#include "account/bounded_table.hpp"
#include "core/clock.hpp"

namespace postern::account {

/// Remembers for a moment which addresses an account owns: a message is asked about twice, for its reverse-path and for its
/// header, and a mail program that sends many asks the same again and again.
///
/// Only that it owns one is kept, and only for `lifetime`: no longer than may lie between a transaction's MAIL and its last
/// reply anyway. Loop thread only.
class recent_owners final : public address_owners {
public:
    static constexpr std::chrono::milliseconds lifetime{250};
    static constexpr std::size_t max_entries = 10'000;

    /// Both outlive this.
    recent_owners(address_owners& owners, const core::clock& clock) : owners_(owners), clock_(clock), found_(max_entries) {}

    net::awaitable<core::result<bool>> owns(storage::account_id account, std::string address) override;

private:
    struct entry {
        core::timestamp asked_at;
        storage::account_id account;
    };

    [[nodiscard]] bool holds(const entry& e) const;

    address_owners& owners_;
    const core::clock& clock_;
    bounded_table<std::string, entry> found_;  // by address: of several that own it, the last that asked
};

}  // namespace postern::account
