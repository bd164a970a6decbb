// Administration: what the command line does, by the same functions (lib/account, lib/queue), for accounts that may.
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/unicode.hpp"
#include "http/admin_json.hpp"
#include "http/handlers.hpp"
#include "http/refusal.hpp"

namespace postern::http {

namespace {

namespace json = boost::json;
using storage::queue_item;

constexpr text_rule password_rule{.longest = 4096};

std::optional<std::string> query_text(const request_context& c, std::string_view name) {
    const auto given = c.query.find(name);
    return given ? std::optional<std::string>(*given) : std::nullopt;
}

template <class Done>
outcome<response> answer_empty(const request_context& c, const core::result<Done>& done) {
    if (!done) return refuse_account(c, done.error());
    return no_content();
}

net::awaitable<outcome<response>> account_response(request_context& c, std::string address) {
    const auto shown = co_await c.server.accounts.show_account(std::move(address));
    if (!shown) co_return refuse_account(c, shown.error());
    co_return json_response(json::serialize(to_json(*shown)));
}

net::awaitable<outcome<queue_item>> find_item(request_context& c) {
    const auto id = c.id<storage::queue_id>("id");
    if (!id) co_return std::unexpected(id.error());
    auto found = co_await c.server.database.queue().find(*id);
    if (!found) co_return c.refuse(found.error());
    co_return std::move(*found);
}

outcome<storage::queue_store::filter> read_filter(const request_context& c, const page_request& page) {
    storage::queue_store::filter f;
    f.limit = page.limit + 1;  // one more tells whether there is a next page
    f.sender = query_text(c, "sender");
    f.recipient = query_text(c, "recipient");
    if (const auto domain = query_text(c, "domain"))
        f.destination = domain->starts_with('[') ? *domain : core::to_a_label(*domain).value_or(*domain);
    if (const auto state = c.query.find("state")) {
        if (*state != "waiting" && *state != "held")
            return refuse_parameter("state", R"(The query parameter "state" is "waiting" or "held".)");
        f.state = *state == "held" ? storage::queue_state::held : storage::queue_state::waiting;
    }
    if (page.cursor) {
        const auto after = core::parse_id<storage::queue_id>(*page.cursor);
        if (!after) return refuse_parameter("cursor", R"(The query parameter "cursor" is not the next_cursor of this list.)");
        f.after = *after;
    }
    return f;
}

outcome<storage::message_store::trace_filter> read_trace_filter(const request_context& c, const page_request& page) {
    storage::message_store::trace_filter f{.sender = query_text(c, "sender"), .recipient = query_text(c, "recipient")};
    if (!f.sender && !f.recipient)
        return refuse_parameter("id", R"(One of the query parameters "id", "sender" and "recipient" is needed.)");
    if (f.sender == "<>") f.sender = "";
    f.limit = page.limit + 1;
    if (page.cursor) {
        f.before = core::parse_id<storage::message_id>(*page.cursor);
        if (!f.before)
            return refuse_parameter("cursor", R"(The query parameter "cursor" is not the next_cursor of this list.)");
    }
    return f;
}

net::awaitable<outcome<response>> show_trace(request_context& c) {
    const auto id = core::parse_id<storage::message_id>(*c.query.find("id"));
    if (!id) co_return refuse_parameter("id", R"(The query parameter "id" is a message's number, as in the reply to it.)");
    if (c.query.size() > 1) co_return refuse_parameter("id", R"(With "id" nothing else can be asked for.)");
    const auto trace = co_await c.server.database.messages().trace(*id);
    json::array found;
    if (trace) {
        found.push_back(to_json(*trace));
    } else if (trace.error().code != storage::errc::not_found) {
        co_return c.refuse(trace.error());
    }
    co_return json_response(json::serialize(json::object{{"messages", std::move(found)}, {"next_cursor", nullptr}}));
}

using changer = net::awaitable<core::result<std::size_t>> (storage::queue_store::*)(std::vector<storage::queue_id>,
                                                                                    core::timestamp);

/// 409 where the item is not in a state for it, or is being worked on at this moment.
net::awaitable<outcome<response>> change_item(request_context& c, changer change) {
    const auto item = co_await find_item(c);
    if (!item) co_return std::unexpected(item.error());
    const auto changed = co_await (c.server.database.queue().*change)({item->id}, c.server.clock.now());
    if (!changed) co_return c.refuse(changed.error());
    if (*changed == 0)
        co_return refuse(status::conflict, "The item is being worked on at this moment, or is not in a state for this.");
    co_return no_content();
}

}  // namespace

net::awaitable<outcome<response>> show_overview(request_context& c) {
    const auto domains = co_await c.server.accounts.list_domains();
    if (!domains) co_return refuse_account(c, domains.error());
    const auto depth = co_await c.server.database.queue().depth();
    if (!depth) co_return c.refuse(depth.error());
    co_return json_response(
        json::serialize(overview_json(c.server.facts, c.server.look(), *domains, *depth, c.server.clock.now())));
}

net::awaitable<outcome<response>> list_domains(request_context& c) {
    const auto listed = co_await c.server.accounts.list_domains();
    if (!listed) co_return refuse_account(c, listed.error());
    json::array all;
    for (const auto& d : *listed) all.push_back(to_json(d));
    co_return json_response(json::serialize(json::object{{"domains", std::move(all)}}));
}

net::awaitable<outcome<response>> add_domain(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"name"}); !known) co_return std::unexpected(known.error());
    auto name = body.text("name");
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto added = co_await c.server.accounts.add_domain(std::move(*name));
    if (!added) co_return refuse_account(c, added.error());
    co_return created(json::serialize(to_json(*added)));
}

net::awaitable<outcome<response>> remove_domain(request_context& c) {
    co_return answer_empty(c, co_await c.server.accounts.remove_domain(std::string(c.parameter("name"))));
}

net::awaitable<outcome<response>> list_accounts(request_context& c) {
    const auto listed = co_await c.server.accounts.list_accounts(query_text(c, "domain"));
    if (!listed) co_return refuse_account(c, listed.error());
    json::array all;
    for (const auto& a : *listed) all.push_back(to_json(a));
    co_return json_response(json::serialize(json::object{{"accounts", std::move(all)}}));
}

net::awaitable<outcome<response>> add_account(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"address", "name", "password", "admin", "quota"}); !known)
        co_return std::unexpected(known.error());
    auto address = body.text("address");
    if (!address) co_return std::unexpected(std::move(address.error()));
    auto name = body.optional_text("name");
    if (!name) co_return std::unexpected(std::move(name.error()));
    auto password = body.optional_text("password", password_rule);
    if (!password) co_return std::unexpected(std::move(password.error()));
    const auto admin = body.optional_boolean("admin");
    if (!admin) co_return std::unexpected(admin.error());
    const auto quota = body.optional_integer("quota", 1, std::numeric_limits<std::int64_t>::max());
    if (!quota) co_return std::unexpected(quota.error());
    account::account_request wanted{.address = std::move(*address),
                                    .name = name->value_or(""),
                                    .password = std::nullopt,
                                    .admin = admin->value_or(false),
                                    .quota_limit = *quota};
    if (*password) wanted.password.emplace(std::move(**password));
    const auto added = co_await c.server.accounts.add_account(std::move(wanted));
    if (!added) co_return refuse_account(c, added.error());
    co_return created(json::serialize(to_json(*added)));
}

net::awaitable<outcome<response>> show_any_account(request_context& c) {
    co_return co_await account_response(c, std::string(c.parameter("address")));
}

/// One after another: what comes before a member that is refused has been done, and the answer's sentence says which it is.
net::awaitable<outcome<response>> change_any_account(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"name", "admin", "disabled", "quota"}); !known) co_return std::unexpected(known.error());
    auto name = body.optional_text("name");
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto admin = body.optional_boolean("admin");
    if (!admin) co_return std::unexpected(admin.error());
    const auto disabled = body.optional_boolean("disabled");
    if (!disabled) co_return std::unexpected(disabled.error());
    const auto quota = body.optional_integer("quota", 1, std::numeric_limits<std::int64_t>::max());
    if (!quota) co_return std::unexpected(quota.error());
    const std::string address(c.parameter("address"));
    auto& accounts = c.server.accounts;
    core::result<void> done;
    if (*name) done = co_await accounts.set_name(address, std::move(**name));
    if (done && (*quota || body.is_null("quota"))) done = co_await accounts.set_quota(address, *quota);
    if (done && *admin) done = co_await accounts.set_admin(address, **admin);
    if (done && *disabled) done = co_await accounts.set_disabled(address, **disabled);
    if (!done) co_return refuse_account(c, done.error());
    co_return co_await account_response(c, address);
}

net::awaitable<outcome<response>> set_any_password(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"password"}); !known) co_return std::unexpected(known.error());
    auto password = body.text("password", password_rule);
    if (!password) co_return std::unexpected(std::move(password.error()));
    co_return answer_empty(
        c, co_await c.server.accounts.set_password(std::string(c.parameter("address")), account::secret(std::move(*password))));
}

net::awaitable<outcome<response>> remove_any_account(request_context& c) {
    co_return answer_empty(c, co_await c.server.accounts.remove_account(std::string(c.parameter("address"))));
}

net::awaitable<outcome<response>> list_aliases(request_context& c) {
    const auto listed = co_await c.server.accounts.list_aliases(query_text(c, "domain"));
    if (!listed) co_return refuse_account(c, listed.error());
    json::array all;
    for (const auto& a : *listed) all.push_back(to_json(a));
    co_return json_response(json::serialize(json::object{{"aliases", std::move(all)}}));
}

net::awaitable<outcome<response>> add_alias(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"address", "targets"}); !known) co_return std::unexpected(known.error());
    auto address = body.text("address");
    if (!address) co_return std::unexpected(std::move(address.error()));
    auto targets = body.texts("targets", 1000);
    if (!targets) co_return std::unexpected(std::move(targets.error()));
    const auto added = co_await c.server.accounts.add_alias(std::move(*address), std::move(*targets));
    if (!added) co_return refuse_account(c, added.error());
    co_return created(json::serialize(to_json(*added)));
}

net::awaitable<outcome<response>> remove_alias(request_context& c) {
    co_return answer_empty(c, co_await c.server.accounts.remove_alias(std::string(c.parameter("address"))));
}

net::awaitable<outcome<response>> list_queue(request_context& c) {
    const auto page = read_page(c.query);
    if (!page) co_return std::unexpected(page.error());
    auto filter = read_filter(c, *page);
    if (!filter) co_return std::unexpected(filter.error());
    auto found = co_await c.server.database.queue().list(std::move(*filter));
    if (!found) co_return c.refuse(found.error());
    json::value next = nullptr;
    if (found->size() > page->limit) {
        found->resize(page->limit);
        next = core::to_string(found->back().id);
    }
    json::array items;
    for (const auto& each : *found) items.push_back(to_json(each, c.server.clock.now()));
    co_return json_response(json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", std::move(next)}}));
}

net::awaitable<outcome<response>> show_queue_item(request_context& c) {
    const auto item = co_await find_item(c);
    if (!item) co_return std::unexpected(item.error());
    co_return json_response(json::serialize(to_json(*item, c.server.clock.now())));
}

net::awaitable<outcome<response>> retry_queue_item(request_context& c) {
    co_return co_await change_item(c, &storage::queue_store::retry_now);
}
net::awaitable<outcome<response>> hold_queue_item(request_context& c) {
    co_return co_await change_item(c, &storage::queue_store::hold);
}
net::awaitable<outcome<response>> release_queue_item(request_context& c) {
    co_return co_await change_item(c, &storage::queue_store::release);
}
net::awaitable<outcome<response>> remove_queue_item(request_context& c) {
    co_return co_await change_item(c, &storage::queue_store::remove);
}

net::awaitable<outcome<response>> bounce_queue_item(request_context& c) {
    auto item = co_await find_item(c);
    if (!item) co_return std::unexpected(item.error());
    const auto bounced = co_await c.server.queue.bounce({std::move(*item)});
    if (!bounced) co_return c.refuse(bounced.error());
    co_return no_content();
}

/// Any messages' whole story: by the id of a 250 reply, or by who sent them or was to have them.
net::awaitable<outcome<response>> show_traces(request_context& c) {
    const auto page = read_page(c.query);
    if (!page) co_return std::unexpected(page.error());
    if (c.query.find("id")) co_return co_await show_trace(c);
    const auto filter = read_trace_filter(c, *page);
    if (!filter) co_return std::unexpected(filter.error());
    auto found = co_await c.server.database.messages().list_traces(*filter);
    if (!found) co_return c.refuse(found.error());
    json::value next = nullptr;
    if (found->size() > page->limit) {
        found->resize(page->limit);
        next = core::to_string(found->back().id);
    }
    json::array messages;
    for (const auto& each : *found) messages.push_back(to_json(each));
    co_return json_response(json::serialize(json::object{{"messages", std::move(messages)}, {"next_cursor", std::move(next)}}));
}

}  // namespace postern::http
