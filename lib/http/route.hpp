#pragma once

#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "http/response.hpp"
#include "http/status.hpp"
#include "net/awaitable.hpp"

namespace postern::http {

struct request_context;

/// Who may ask.
enum class access {
    anyone,   ///< no credentials needed, none looked at
    account,  ///< whoever proves to be an enabled account; the handler answers with that account's things only
};

/// One line of the API: everything the server does with a request before and besides its handler is read from here, and so are
/// Allow, 405 and the tests that try every route as somebody who may not.
struct route {
    using function = net::awaitable<outcome<response>> (*)(request_context&);

    verb method = verb::get;   ///< get answers HEAD too (RFC 9110 9.3.2)
    std::string_view pattern;  ///< "/api/v1/messages/{id}": a segment in braces is a parameter
    access needs = access::account;
    std::vector<std::string_view> query{};  ///< the parameters it takes; any other is 400
    function handle = nullptr;
};

}  // namespace postern::http
