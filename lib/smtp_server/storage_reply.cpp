#include "smtp_server/storage_reply.hpp"

#include "smtp/replies.hpp"
#include "storage/errc.hpp"

namespace postern::smtp_server {

smtp::reply reply_for_storage(const core::error& why) {
    if (why.code == storage::errc::over_quota) return smtp::replies::over_quota;
    // The next attempt's RCPT tells which of the recipients is full, or gone, and delivers to the others.
    if (why.code == storage::errc::some_over_quota) return smtp::replies::mailbox_full;
    if (why.code == storage::errc::account_gone) return {450, {4, 2, 1}, "A mailbox has just become unavailable, try again"};
    return smtp::replies::unavailable;
}

}  // namespace postern::smtp_server
