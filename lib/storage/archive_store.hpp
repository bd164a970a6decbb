#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// A message in a mailbox, as far as a copy elsewhere needs to know.
struct archived_entry {
    entry_id id;
    message_id message;
    std::int64_t uid = 0;
    bool seen = false;
    bool flagged = false;
    bool answered = false;
    core::timestamp received_at;
    std::int64_t size = 0;
    std::string reverse_path;
    std::array<unsigned char, 32> sha256{};
};

/// A message from elsewhere.
struct imported_message {
    core::timestamp received_at;  ///< there
    bool seen = false;
    bool flagged = false;
    bool answered = false;
    message::summary summary;
    std::shared_ptr<const core::content> octets;
    std::array<unsigned char, 32> sha256{};  ///< of the octets
};

/// Mailboxes as a whole, for copies of them: out, and in.
///
/// Every call may fail with errc::unavailable or failed; what else is said at each.
class archive_store {
public:
    virtual ~archive_store() = default;

    /// Up to `limit` (1 to 1,000) entries with uids above `after_uid`, by uid. Fewer: there are no more.
    virtual net::awaitable<core::result<std::vector<archived_entry>>> list(account_id account, mailbox_id mailbox,
                                                                           std::int64_t after_uid, std::size_t limit) = 0;

    /// Puts messages into a mailbox, in their order and in one transaction: numbered, counted, told of and followed up as what
    /// is delivered there. Nothing is stored when one of them does not fit. over_quota, unless `beyond_quota`; not_found: no
    /// such mailbox of this account; outcome_unknown.
    virtual net::awaitable<core::result<void>> add(account_id account, mailbox_id mailbox,
                                                   std::vector<imported_message> messages, bool beyond_quota,
                                                   core::timestamp now) = 0;
};

}  // namespace postern::storage
