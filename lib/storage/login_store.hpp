#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// An attempt to sign in to an account.
struct login {
    account_id account;
    core::timestamp at;
    std::string address;  ///< of the client, at most 64 octets
    std::string method;   ///< "password", "app password", "token", "web": a word of ours
    std::string client;   ///< what it says of itself; any octets, made UTF-8 and cut at 256
    bool ok = false;
};

/// The last attempts to sign in to each account, so that its person sees those that were somebody else's.
class login_store {
public:
    virtual ~login_store() = default;

    static constexpr std::size_t most_kept = 50;  ///< of an account

    /// Notes an attempt; written some time later, many in one transaction, and lost when that fails. A client signs in again
    /// and again: the same within ten minutes of the last one noted is not noted. Loop thread.
    virtual void note(login attempt) = 0;

    /// Newest first. unavailable, failed.
    virtual net::awaitable<core::result<std::vector<login>>> list(account_id account) = 0;
};

}  // namespace postern::storage
