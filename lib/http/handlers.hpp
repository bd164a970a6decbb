#pragma once

#include <vector>

#include "http/request_context.hpp"
#include "http/route.hpp"

namespace postern::http {

/// The whole API, a line per method and path.
[[nodiscard]] std::vector<route> api_routes();

// account_handlers.cpp
net::awaitable<outcome<response>> show_account(request_context& c);
net::awaitable<outcome<response>> change_account(request_context& c);
net::awaitable<outcome<response>> change_password(request_context& c);
net::awaitable<outcome<response>> list_app_passwords(request_context& c);
net::awaitable<outcome<response>> add_app_password(request_context& c);
net::awaitable<outcome<response>> remove_app_password(request_context& c);
net::awaitable<outcome<response>> list_tokens(request_context& c);
net::awaitable<outcome<response>> add_token(request_context& c);
net::awaitable<outcome<response>> remove_token(request_context& c);
net::awaitable<outcome<response>> list_sessions(request_context& c);
net::awaitable<outcome<response>> remove_session(request_context& c);
net::awaitable<outcome<response>> remove_sessions(request_context& c);

// admin_handlers.cpp
net::awaitable<outcome<response>> show_overview(request_context& c);
net::awaitable<outcome<response>> list_domains(request_context& c);
net::awaitable<outcome<response>> add_domain(request_context& c);
net::awaitable<outcome<response>> remove_domain(request_context& c);
net::awaitable<outcome<response>> list_accounts(request_context& c);
net::awaitable<outcome<response>> add_account(request_context& c);
net::awaitable<outcome<response>> show_any_account(request_context& c);
net::awaitable<outcome<response>> change_any_account(request_context& c);
net::awaitable<outcome<response>> set_any_password(request_context& c);
net::awaitable<outcome<response>> remove_any_account(request_context& c);
net::awaitable<outcome<response>> list_aliases(request_context& c);
net::awaitable<outcome<response>> add_alias(request_context& c);
net::awaitable<outcome<response>> remove_alias(request_context& c);
net::awaitable<outcome<response>> list_queue(request_context& c);
net::awaitable<outcome<response>> show_queue_item(request_context& c);
net::awaitable<outcome<response>> retry_queue_item(request_context& c);
net::awaitable<outcome<response>> hold_queue_item(request_context& c);
net::awaitable<outcome<response>> release_queue_item(request_context& c);
net::awaitable<outcome<response>> bounce_queue_item(request_context& c);
net::awaitable<outcome<response>> remove_queue_item(request_context& c);
net::awaitable<outcome<response>> show_traces(request_context& c);

// autoconfig_handlers.cpp
net::awaitable<outcome<response>> show_autoconfig(request_context& c);
net::awaitable<outcome<response>> answer_autodiscover(request_context& c);

// change_handlers.cpp
net::awaitable<outcome<response>> change_message(request_context& c);
net::awaitable<outcome<response>> discard_message(request_context& c);
net::awaitable<outcome<response>> change_messages(request_context& c);
net::awaitable<outcome<response>> show_thread(request_context& c);
net::awaitable<outcome<response>> add_mailbox(request_context& c);
net::awaitable<outcome<response>> rename_mailbox(request_context& c);
net::awaitable<outcome<response>> remove_mailbox(request_context& c);

// live_handlers.cpp
net::awaitable<outcome<response>> follow_events(request_context& c);

// send_handlers.cpp
net::awaitable<outcome<response>> send_message(request_context& c);
net::awaitable<outcome<response>> create_draft(request_context& c);
net::awaitable<outcome<response>> replace_draft(request_context& c);
net::awaitable<outcome<response>> send_draft(request_context& c);

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
/// The entry of the account's that the path names.
net::awaitable<outcome<storage::entry>> find_entry(request_context& c);
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
