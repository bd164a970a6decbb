#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "account/recipient_resolver.hpp"
#include "net/awaitable.hpp"
#include "smtp/address.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp_server {

/// Where the message of one accepted recipient goes.
struct destination {
    std::vector<account::local_recipient> local;  ///< each account once
};

/// Who may send what to whom through a listener: what tells the port for other servers from those for people.
///
/// The session has checked syntax, order and the extensions' rules before it asks. One policy serves all sessions of a server.
class policy {
public:
    virtual ~policy() = default;

    /// Why this sender may not begin a transaction; nullopt: it may.
    virtual net::awaitable<std::optional<smtp::reply>> sender(const smtp::address& reverse_path,
                                                              const smtp::mail_parameters& parameters) = 0;

    /// Where mail for this recipient goes, or the reply that refuses it. `size`: as MAIL declared it, else 0.
    virtual net::awaitable<std::expected<destination, smtp::reply>> recipient(const smtp::address& forward_path,
                                                                              std::uint64_t size) = 0;
};

}  // namespace postern::smtp_server
