#pragma once

#include <expected>
#include <vector>

#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "net/spool.hpp"
#include "smtp/extensions.hpp"
#include "smtp_client/delivery_status.hpp"
#include "smtp_client/envelope.hpp"

namespace postern::queue {

/// A message and its envelope as one server takes them.
struct converted {
    smtp_client::envelope envelope;
    std::vector<smtp_client::recipient> to;  ///< as many as there were, in order
    smtp_client::outgoing message;
};

/// Makes a message fit a server that lacks 8BITMIME, BINARYMIME or SMTPUTF8 (smtp_client::lacks says so).
///
/// Without SMTPUTF8, domains become A-labels; a local part stays as it is, for only its own host knows what else it might be
/// called, and UTF-8 in a header is the author's. Without 8BITMIME or BINARYMIME, message::downgrader encodes the parts that
/// need it, in pieces, through a spool.
///
/// On failure, for all recipients: 5.6.7 the sender's address or the header need SMTPUTF8 (RFC 6531 3.5); 5.6.3 the message is
/// signed or cannot be encoded otherwise; 4.3.0 it cannot be read, or there is no room for what it becomes. A recipient who
/// needs SMTPUTF8 is left in `to`: the transaction refuses him alone.
net::awaitable<std::expected<converted, smtp_client::delivery_status>> convert(
    net::blocking_pool& workers, net::spool_area& spools, const smtp::extensions& offered, const smtp_client::envelope& e,
    const std::vector<smtp_client::recipient>& to, const smtp_client::outgoing& message);

}  // namespace postern::queue
