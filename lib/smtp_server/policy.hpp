#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "net/awaitable.hpp"
#include "queue/sending_rules.hpp"
#include "smtp/address.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "storage/records.hpp"

namespace postern::smtp_server {

/// Who talks to us: the account it has signed in to, if any. Stands as long as the session.
using submitter = std::optional<storage::account>;

/// Who may send what to whom through a listener: what tells the port for other servers from those for people.
///
/// The session has checked syntax, order and the extensions' rules before it asks. One policy serves all sessions of a server.
class policy {
public:
    virtual ~policy() = default;

    /// Why this sender may not begin a transaction; nullopt: it may.
    virtual net::awaitable<std::optional<smtp::reply>> sender(const submitter& from, const smtp::address& reverse_path,
                                                              const smtp::mail_parameters& parameters) = 0;

    /// Where mail for this recipient goes, or the reply that refuses it. `size`: as MAIL declared it, else 0.
    virtual net::awaitable<std::expected<queue::recipient_place, smtp::reply>> recipient(const submitter& from,
                                                                                         const smtp::address& forward_path,
                                                                                         std::uint64_t size) = 0;

    /// Why a message whose From and Sender name these addresses may not be sent; nullopt: it may.
    virtual net::awaitable<std::optional<smtp::reply>> authors(const submitter& from,
                                                               const std::vector<std::string>& addresses) = 0;
};

}  // namespace postern::smtp_server
