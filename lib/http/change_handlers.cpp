// What people do to the mail they have: flags, moving, throwing away; and their mailboxes.
#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/account_json.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"

namespace postern::http {

namespace {

namespace json = boost::json;
using storage::changed_entry;

constexpr text_rule mailbox_name{.longest = 1024, .may_be_empty = false};

outcome<storage::entry_change> read_change(const json_object& body) {
    storage::entry_change wanted;
    for (auto [name, target] :
         {std::pair{"seen", &wanted.seen}, {"flagged", &wanted.flagged}, {"answered", &wanted.answered}}) {
        const auto given = body.optional_boolean(name);
        if (!given) return std::unexpected(given.error());
        *target = *given;
    }
    const auto mailbox = body.optional_id<storage::mailbox_id>("mailbox");
    if (!mailbox) return std::unexpected(mailbox.error());
    wanted.mailbox = *mailbox;
    return wanted;
}

bool is_empty(const storage::entry_change& c) { return !c.seen && !c.flagged && !c.answered && !c.mailbox; }

net::awaitable<outcome<std::string>> tag_of(request_context& c, const storage::entry& entry) {
    const auto trace = co_await c.server.database.messages().trace(entry.message);
    if (!trace) co_return c.refuse(trace.error());
    co_return message_tag(entry, *trace);
}

/// With If-Match the change is made only to what the client has seen, also when somebody changes it at the same moment.
net::awaitable<outcome<std::optional<std::int64_t>>> expected_modseq(request_context& c, const storage::entry& entry) {
    if (c.request.field(boost::beast::http::field::if_match).empty()) co_return std::nullopt;
    const auto tag = co_await tag_of(c, entry);
    if (!tag) co_return std::unexpected(tag.error());
    if (const auto same = c.check_match(*tag); !same) co_return std::unexpected(same.error());
    co_return entry.modseq;
}

outcome<void> check(const request_context& c, const core::result<std::vector<changed_entry>>& changed) {
    if (!changed) return c.refuse(changed.error());
    switch (changed->at(0).outcome) {
        case changed_entry::status::done: return {};
        case changed_entry::status::missing: return c.refuse({make_error_code(storage::errc::not_found), {}});
        case changed_entry::status::modified: break;
    }
    return refuse(status::precondition_failed, "The message has changed meanwhile.");
}

status status_of(changed_entry::status s, status done) {
    switch (s) {
        case changed_entry::status::done: return done;
        case changed_entry::status::missing: return status::not_found;
        case changed_entry::status::modified: break;
    }
    return status::precondition_failed;
}

std::unexpected<problem> refuse_mailbox(const request_context& c, const core::error& e) {
    if (e.code == storage::errc::already_exists) return refuse(status::conflict, "There is a mailbox of that name already.");
    if (e.code == storage::errc::refused) return refuse(status::conflict, e.message());
    return c.refuse(e);
}

outcome<std::string> read_name(const request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"name"}); !known) return std::unexpected(known.error());
    return body.text("name", mailbox_name);
}

}  // namespace

net::awaitable<outcome<response>> change_message(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"seen", "flagged", "answered", "mailbox"}); !known)
        co_return std::unexpected(known.error());
    const auto wanted = read_change(body);
    if (!wanted) co_return std::unexpected(wanted.error());
    const auto entry = co_await find_entry(c);
    if (!entry) co_return std::unexpected(entry.error());
    const auto expected = co_await expected_modseq(c, *entry);
    if (!expected) co_return std::unexpected(expected.error());
    const auto changed =
        co_await c.server.database.mailboxes().change(c.account().id, {entry->id}, *wanted, *expected, c.server.clock.now());
    if (!changed && changed.error().code == storage::errc::not_found) co_return body.complain("mailbox", "names no mailbox");
    if (const auto done = check(c, changed); !done) co_return std::unexpected(done.error());
    const auto now = co_await c.server.database.messages().find_entry(c.account().id, entry->id.value);
    if (!now) co_return c.refuse(now.error());
    auto tag = co_await tag_of(c, *now);
    if (!tag) co_return std::unexpected(std::move(tag.error()));
    auto r = json_response(entry_json(*now));
    r.etag = std::move(*tag);
    co_return r;
}

net::awaitable<outcome<response>> discard_message(request_context& c) {
    const auto entry = co_await find_entry(c);
    if (!entry) co_return std::unexpected(entry.error());
    const auto expected = co_await expected_modseq(c, *entry);
    if (!expected) co_return std::unexpected(expected.error());
    const auto changed =
        co_await c.server.database.mailboxes().discard(c.account().id, {entry->id}, *expected, c.server.clock.now());
    if (const auto done = check(c, changed); !done) co_return std::unexpected(done.error());
    co_return no_content();
}

net::awaitable<outcome<response>> change_messages(request_context& c) {
    const auto body = c.json();
    if (const auto known = body.only({"ids", "seen", "flagged", "answered", "mailbox", "delete"}); !known)
        co_return std::unexpected(known.error());
    const auto ids = body.ids<storage::entry_id>("ids", storage::mailbox_store::most_entries);
    if (!ids) co_return std::unexpected(ids.error());
    const auto wanted = read_change(body);
    if (!wanted) co_return std::unexpected(wanted.error());
    const auto discards = body.optional_boolean("delete");
    if (!discards) co_return std::unexpected(discards.error());
    const bool discard = discards->value_or(false);
    if (discard && !is_empty(*wanted)) co_return body.complain("delete", "goes with no other change");
    auto& mailboxes = c.server.database.mailboxes();
    const auto now = c.server.clock.now();
    const auto changed = discard ? co_await mailboxes.discard(c.account().id, *ids, std::nullopt, now)
                                 : co_await mailboxes.change(c.account().id, *ids, *wanted, std::nullopt, now);
    if (!changed && changed.error().code == storage::errc::not_found) co_return body.complain("mailbox", "names no mailbox");
    if (!changed) co_return c.refuse(changed.error());
    json::array results;
    for (const auto& each : *changed) {
        const auto code = status_of(each.outcome, discard ? status::no_content : status::ok);
        results.push_back({{"id", core::to_string(each.id)}, {"status", static_cast<unsigned>(code)}});
    }
    co_return json_response(json::serialize(json::object{{"results", std::move(results)}}));
}

net::awaitable<outcome<response>> show_thread(request_context& c) {
    const auto id = c.id<storage::thread_id>("id");
    if (!id) co_return std::unexpected(id.error());
    const auto entries = co_await c.server.database.mailboxes().list_thread(c.account().id, *id);
    if (!entries) co_return c.refuse(entries.error());
    co_return json_response(thread_json(*id, *entries));
}

net::awaitable<outcome<response>> add_mailbox(request_context& c) {
    auto name = read_name(c);
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto made = co_await c.server.database.mailboxes().add(c.account().id, std::move(*name), c.server.clock.now());
    if (!made) co_return refuse_mailbox(c, made.error());
    auto r = json_response(mailbox_json(*made));
    r.code = status::created;
    co_return r;
}

net::awaitable<outcome<response>> rename_mailbox(request_context& c) {
    const auto id = c.id<storage::mailbox_id>("id");
    if (!id) co_return std::unexpected(id.error());
    auto name = read_name(c);
    if (!name) co_return std::unexpected(std::move(name.error()));
    const auto renamed = co_await c.server.database.mailboxes().rename(c.account().id, *id, std::move(*name));
    if (!renamed) co_return refuse_mailbox(c, renamed.error());
    co_return json_response(mailbox_json(*renamed));
}

net::awaitable<outcome<response>> remove_mailbox(request_context& c) {
    const auto id = c.id<storage::mailbox_id>("id");
    if (!id) co_return std::unexpected(id.error());
    const auto removed = co_await c.server.database.mailboxes().remove(c.account().id, *id, c.server.clock.now());
    if (!removed) co_return refuse_mailbox(c, removed.error());
    co_return no_content();
}

}  // namespace postern::http
