#include "http/handlers.hpp"

namespace postern::http {

std::vector<route> api_routes() {
    using enum verb;
    return {
        {get, "/healthz", access::anyone, {}, show_health},
        {get, "/readyz", access::anyone, {}, show_readiness},
        {get, "/metrics", access::anyone, {}, show_metrics},
        {get, "/", access::anyone, {}, show_page},
        {get, "/assets/{path*}", access::anyone, {}, show_asset},
        {get, "/frame", access::anyone, {"images"}, show_frame},
        {get, "/api/v1/openapi.json", access::anyone, {}, show_openapi},
        {post, "/api/v1/session", access::anyone, {}, begin_session, body_kind::json},
        {get, "/api/v1/session", access::account, {}, show_session},
        {delete_, "/api/v1/session", access::account, {}, end_session},
        {get, "/api/v1/account", access::read, {}, show_account},
        {get, "/api/v1/mailboxes", access::read, {}, list_mailboxes},
        {get, "/api/v1/mailboxes/{id}/messages", access::read, {"limit", "cursor"}, list_messages},
        {get, "/api/v1/inbox", access::read, {"limit", "cursor"}, list_inbox},
        {get, "/api/v1/sent", access::read, {"limit", "cursor"}, list_sent},
        {get, "/api/v1/search", access::read, {"q", "limit", "cursor"}, search_messages},
        {get, "/api/v1/messages/{id}", access::read, {}, show_message},
        {get, "/api/v1/messages/{id}/events", access::read, {}, list_events},
        {get, "/api/v1/messages/{id}/raw", access::read, {}, show_raw},
        {get, "/api/v1/messages/{id}/attachments/{n}", access::read, {}, show_attachment},
    };
}

}  // namespace postern::http
