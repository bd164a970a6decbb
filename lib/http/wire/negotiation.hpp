#pragma once

#include "http/request.hpp"
#include "http/response.hpp"
#include "net/blocking_pool.hpp"

/// What a request's fields make of a handler's answer, so that handlers need not know of them.
namespace postern::http {

/// If-None-Match (RFC 9110 13.1.2), Range and If-Range (RFC 9110 14.2, 13.1.5): 304, 206 and 416, where the answer has a
/// validator, or a body that can be had in part.
[[nodiscard]] response apply_conditions(const request& r, response answer);

/// Accept-Encoding: text of some size is compressed, a large one by a thread of `workers`, who outlive the wait.
net::awaitable<response> apply_coding(const request& r, response answer, net::blocking_pool& workers);

}  // namespace postern::http
