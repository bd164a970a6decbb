#include "queue/recipient_reply.hpp"

#include "smtp/replies.hpp"

namespace postern::queue {

smtp::reply reply_for_recipient(account::recipient_refusal why) {
    switch (why) {
        case account::recipient_refusal::not_local: return smtp::replies::relaying_denied;
        case account::recipient_refusal::unknown_user: return smtp::replies::unknown_user;
        case account::recipient_refusal::mailbox_disabled: return smtp::replies::user_disabled;
        case account::recipient_refusal::over_quota: return smtp::replies::over_quota;
        case account::recipient_refusal::unavailable: break;
    }
    return smtp::replies::unavailable;
}

}  // namespace postern::queue
