#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::queue {

/// A recipient whose copy is made in place and whose sender asked to be told so (RFC 3461 4.1, NOTIFY=SUCCESS).
struct local_success {
    std::string recipient;             ///< forward-path as given
    std::optional<std::string> orcpt;  ///< decoded: "rfc822;user@example.org"
};

/// What the "delivered" notice of a message's local recipients says. No recipients, no notice.
struct success_report {
    std::vector<local_success> recipients;
    std::optional<std::string> envid;  ///< decoded (RFC 3461 4.4)
    bool smtputf8 = false;
};

/// Where a session hands an accepted message in.
///
/// It is stored like any other; what it has for remote recipients is leased to this process from birth and on its way as soon
/// as it is durable, without a question to the database. Where more waits than memory should hold, it is left to be claimed
/// later.
class intake {
public:
    virtual ~intake() = default;

    /// As storage::message_store::deliver, whose errors it has: a value means durable. `d.lease_owner` and `d.lease_until` are
    /// filled in here. A notice asked for by `tell` follows on its own, after the return.
    virtual net::awaitable<core::result<storage::delivered>> deliver(storage::delivery d, success_report tell) = 0;
};

}  // namespace postern::queue
