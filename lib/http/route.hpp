#pragma once

#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "http/response.hpp"
#include "http/status.hpp"
#include "net/awaitable.hpp"

namespace postern::http {

struct request_context;

/// Who may ask. A person who signed in (password, app password, or the page's session) may do all of it but `admin`, which an
/// administrator only may; what an API token may is up to its scopes. Handlers answer with the asking account's things only.
enum class access {
    anyone,   ///< no credentials needed, none looked at
    read,     ///< tokens: scope read
    send,     ///< tokens: scope send. Handing in messages, keeping drafts
    change,   ///< tokens: scopes read and send. What changes or removes mail and mailboxes
    account,  ///< no token at all: what a stolen one could make itself lasting with (passwords, tokens, sessions)
    admin,    ///< administrators; tokens: scope admin
};

/// What a request may bring.
enum class body_kind {
    none,          ///< nothing that means something; what comes is read past
    json,          ///< a JSON object, at most limits.http_body_size
    xml,           ///< text/xml, at most limits.http_body_size; the handler reads it
    json_or_form,  ///< that or multipart/form-data, at most limits.http_upload_size: it holds attachments
};

/// One line of the API: everything the server does with a request before and besides its handler is read from here, and so are
/// Allow, 405 and the tests that try every route as somebody who may not.
struct route {
    using function = net::awaitable<outcome<response>> (*)(request_context&);

    verb method = verb::get;   ///< get answers HEAD too (RFC 9110 9.3.2)
    std::string_view pattern;  ///< "/api/v1/messages/{id}": a segment in braces is a parameter; "{path*}" at the end is one of
                               ///< one segment or more
    access needs = access::account;
    std::vector<std::string_view> query{};  ///< the parameters it takes; any other is 400
    function handle = nullptr;
    body_kind body = body_kind::none;
};

}  // namespace postern::http
