#pragma once

#include <string>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::account {

/// Says in whose name an account may send.
class address_owners {
public:
    virtual ~address_owners() = default;

    /// Whether mail for `address`, in any spelling, reaches `account`, perhaps with others behind an alias: then it may call
    /// itself so. errc::unavailable.
    virtual net::awaitable<core::result<bool>> owns(storage::account_id account, std::string address) = 0;
};

}  // namespace postern::account
