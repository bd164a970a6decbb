#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::account {

/// An account that gets the message.
struct local_recipient {
    storage::account_id account;
    storage::canonical_address address;  ///< the account's own

    friend bool operator==(const local_recipient&, const local_recipient&) = default;
};

/// Why a forward-path is not taken; the reply that says so stands beside it.
enum class recipient_refusal {
    not_local,         ///< 550 5.7.1: not our domain, and we do not relay
    unknown_user,      ///< 550 5.1.1
    mailbox_disabled,  ///< 550 5.2.1
    over_quota,        ///< 552 5.2.2: no account behind the address has room for the message
    unavailable,       ///< 451 4.3.0: the database cannot be asked now
};

/// One or more accounts, each once, or why not.
using resolution = std::expected<std::vector<local_recipient>, recipient_refusal>;

/// Says where mail for an address goes.
class recipient_resolver {
public:
    virtual ~recipient_resolver() = default;

    /// `address` is what stands in a forward-path without brackets and source route: a Mailbox (RFC 5321 4.1.2, RFC 6531) in
    /// any spelling, or "postmaster" alone. `size` is the message's, as far as declared (RFC 1870), else 0.
    virtual net::awaitable<resolution> resolve(std::string address, std::uint64_t size) = 0;
};

}  // namespace postern::account
