#include "core/id.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "http/search_query.hpp"

namespace postern::http {

namespace {

/// The mailboxes' names are asked for only where the search names one.
net::awaitable<outcome<search_query>> read_search(request_context& c) {
    auto query = parse_search(c.query.find("q").value_or(""));
    if (!query || (query->in.empty() && query->not_in.empty())) co_return query;
    const auto mailboxes = co_await c.server.database.messages().list_mailboxes(c.account().id);
    if (!mailboxes) co_return c.refuse(mailboxes.error());
    resolve_mailboxes(*query, *mailboxes);
    co_return query;
}

}  // namespace

net::awaitable<outcome<response>> search_messages(request_context& c) {
    const auto page = read_page(c.query);
    if (!page) co_return std::unexpected(page.error());
    if (!c.query.find("q")) co_return refuse_parameter("q", "The query parameter \"q\" says what is looked for.");
    std::optional<storage::entry_id> before;
    if (page->cursor) {
        before = core::parse_id<storage::entry_id>(*page->cursor);
        if (!before) {
            co_return refuse_parameter("cursor", "The query parameter \"cursor\" is not the next_cursor of a search.");
        }
    }
    auto query = co_await read_search(c);
    if (!query) co_return std::unexpected(query.error());
    if (query->nothing) co_return json_response(found_json({}));
    const auto found =
        co_await c.server.database.searches().search(c.account().id, std::move(query->wanted), before, page->limit);
    if (!found) co_return c.refuse(found.error());
    co_return json_response(found_json(*found));
}

}  // namespace postern::http
