#include "http/account_json.hpp"
#include "http/handlers.hpp"

namespace postern::http {

net::awaitable<outcome<response>> show_account(request_context& c) {
    // The account's row was read to sign in, a moment ago: quota and name are as they stand.
    const auto mailboxes = co_await c.server.database.messages().list_mailboxes(c.account().id);
    if (!mailboxes) co_return c.refuse(mailboxes.error());
    co_return json_response(account_json(c.account(), *mailboxes));
}

}  // namespace postern::http
