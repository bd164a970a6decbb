#pragma once

#include "core/result.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp_server {

/// What a client is told when its message could not be stored. Nothing that is not known to be durable is acknowledged: an
/// outcome nobody knows is a temporary failure, and the client sends again.
[[nodiscard]] smtp::reply reply_for_storage(const core::error& why);

}  // namespace postern::smtp_server
