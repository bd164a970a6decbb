#pragma once

#include <vector>

#include "http/request_context.hpp"
#include "http/route.hpp"

namespace postern::http {

/// The whole API, a line per method and path.
[[nodiscard]] std::vector<route> api_routes();

// account_handlers.cpp
net::awaitable<outcome<response>> show_account(request_context& c);

// page/page_handlers.cpp
net::awaitable<outcome<response>> show_page(request_context& c);
net::awaitable<outcome<response>> show_asset(request_context& c);
net::awaitable<outcome<response>> show_frame(request_context& c);
net::awaitable<outcome<response>> show_openapi(request_context& c);

// session_handlers.cpp
net::awaitable<outcome<response>> begin_session(request_context& c);
net::awaitable<outcome<response>> show_session(request_context& c);
net::awaitable<outcome<response>> end_session(request_context& c);

// mailbox_handlers.cpp
net::awaitable<outcome<response>> list_mailboxes(request_context& c);
net::awaitable<outcome<response>> list_inbox(request_context& c);
net::awaitable<outcome<response>> list_sent(request_context& c);
net::awaitable<outcome<response>> list_messages(request_context& c);

// message_handlers.cpp
net::awaitable<outcome<response>> show_message(request_context& c);
net::awaitable<outcome<response>> list_events(request_context& c);
net::awaitable<outcome<response>> show_raw(request_context& c);
net::awaitable<outcome<response>> show_attachment(request_context& c);

// search_handlers.cpp
net::awaitable<outcome<response>> search_messages(request_context& c);

// metrics_handlers.cpp
net::awaitable<outcome<response>> show_metrics(request_context& c);

// health_handlers.cpp
net::awaitable<outcome<response>> show_health(request_context& c);
net::awaitable<outcome<response>> show_readiness(request_context& c);

}  // namespace postern::http
