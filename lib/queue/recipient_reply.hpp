#pragma once

#include "account/recipient_resolver.hpp"
#include "smtp/reply.hpp"

namespace postern::queue {

/// What a client is told of a recipient that is not taken. not_local: 550 5.7.1, for there we do not relay.
[[nodiscard]] smtp::reply reply_for_recipient(account::recipient_refusal why);

}  // namespace postern::queue
