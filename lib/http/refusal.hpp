#pragma once

#include "http/request_context.hpp"

namespace postern::http {

/// What a client is told of a failure of lib/account: 404, 409, 422 with the sentence that came with it, or 503.
[[nodiscard]] std::unexpected<problem> refuse_account(const request_context& c, const core::error& e);

}  // namespace postern::http
