#include <algorithm>

#include "http/account_json.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "storage/cursor.hpp"

namespace postern::http {

namespace {

net::awaitable<outcome<response>> list_entries(request_context& c, storage::mailbox_id mailbox, page_request page) {
    std::optional<std::int64_t> before;
    if (page.cursor) {
        before = storage::decode_cursor(*page.cursor, mailbox);
        // A cursor of another list would skip messages of this one without a word.
        if (!before) {
            co_return refuse_parameter("cursor", "The query parameter \"cursor\" is not the next_cursor of this list.");
        }
    }
    const auto entries = co_await c.server.database.messages().list_entries(c.account().id, mailbox, before, page.limit);
    if (!entries) co_return c.refuse(entries.error());
    std::optional<std::string> next;
    if (entries->next_uid) next = storage::encode_cursor(mailbox, *entries->next_uid);
    co_return json_response(list_json(*entries, next));
}

net::awaitable<outcome<response>> list_by_role(request_context& c, storage::mailbox_role role) {
    const auto page = read_page(c.query);
    if (!page) co_return std::unexpected(page.error());
    const auto mailboxes = co_await c.server.database.messages().list_mailboxes(c.account().id);
    if (!mailboxes) co_return c.refuse(mailboxes.error());
    const auto found = std::ranges::find(*mailboxes, role, &storage::mailbox::role);
    if (found == mailboxes->end()) co_return c.refuse({make_error_code(storage::errc::not_found), {}});
    co_return co_await list_entries(c, found->id, *page);
}

}  // namespace

net::awaitable<outcome<response>> list_mailboxes(request_context& c) {
    const auto mailboxes = co_await c.server.database.messages().list_mailboxes(c.account().id);
    if (!mailboxes) co_return c.refuse(mailboxes.error());
    co_return json_response(mailboxes_json(*mailboxes));
}

net::awaitable<outcome<response>> list_inbox(request_context& c) {
    co_return co_await list_by_role(c, storage::mailbox_role::inbox);
}

net::awaitable<outcome<response>> list_sent(request_context& c) {
    co_return co_await list_by_role(c, storage::mailbox_role::sent);
}

net::awaitable<outcome<response>> list_messages(request_context& c) {
    const auto page = read_page(c.query);
    if (!page) co_return std::unexpected(page.error());
    const auto mailbox = c.id<storage::mailbox_id>("id");
    if (!mailbox) co_return std::unexpected(mailbox.error());
    co_return co_await list_entries(c, *mailbox, *page);
}

}  // namespace postern::http
