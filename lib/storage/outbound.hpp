#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"

/// What a message for remote recipients needs on its way out.
namespace postern::storage {

enum class body_kind { seven_bit, eight_bit, binary };  ///< RFC 6152, RFC 3030
enum class dsn_return { unspecified, full, headers };   ///< RFC 3461 4.3

/// What the transactions outwards need besides the octets; the same for all recipients.
struct outbound {
    body_kind body = body_kind::seven_bit;
    bool smtputf8 = false;  ///< RFC 6531: the message needs it
    dsn_return ret = dsn_return::unspecified;
    std::optional<std::string> envid;  ///< decoded (RFC 3461 4.4), at most 100 octets
};

/// When a recipient's sender wants to be told (RFC 3461 4.1). Not given: of failures and, after a while, of delays.
struct dsn_notify {
    bool given = false;
    bool success = false;
    bool failure = false;
    bool delay = false;

    /// NOTIFY=NEVER.
    [[nodiscard]] bool never() const noexcept { return given && !success && !failure && !delay; }

    friend bool operator==(const dsn_notify&, const dsn_notify&) = default;
};

/// A remote recipient to be queued with its message; due at once.
struct new_queue_item {
    std::string recipient;    ///< forward-path as given
    std::string destination;  ///< the domain as A-labels in lower case, or the address literal
    dsn_notify notify;
    std::optional<std::string> orcpt;  ///< decoded (RFC 3461 4.2): "rfc822;user@example.org"
    core::timestamp expires_at;        ///< when it is given up
};

}  // namespace postern::storage
