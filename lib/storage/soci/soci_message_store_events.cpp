#include <algorithm>
#include <set>

#include "storage/soci/bounds.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/event_rows.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_message_store.hpp"
#include "storage/soci/unheld_rows.hpp"

namespace postern::storage {
namespace {

/// What an account is to a message.
struct relation {
    bool submitted = false;
    std::vector<std::string> addresses;  ///< under which it got the message
};

relation relation_of(connection& on, account_id account, message_id message) {
    relation found;
    std::string address;
    query entries(on,
                  "SELECT e.delivered_to FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
                  " WHERE e.message_id = :message AND b.account_id = :account");
    entries.use("message", message).use("account", account).into(address);
    while (entries.next()) found.addresses.push_back(address);
    std::int64_t one = 0;
    query submitted(on, "SELECT 1 FROM message WHERE id = :message AND submitted_by = :account");
    found.submitted = submitted.use("message", message).use("account", account).into(one).next();
    return found;
}

/// The message an id means to an account: its own, or that of one of the account's entries.
message_id message_of(connection& on, account_id account, std::int64_t entry_or_message) {
    message_id message{entry_or_message};
    query row(on,
              "SELECT e.message_id FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
              " WHERE e.id = :entry AND b.account_id = :account");
    row.use("entry", entry_or_message).use("account", account).into(message).next();
    return message;
}

core::result<std::vector<message_event>> select_visible(connection& on, account_id account, std::int64_t entry_or_message) {
    const auto message = message_of(on, account, entry_or_message);
    const auto is = relation_of(on, account, message);
    if (!is.submitted && is.addresses.empty()) return core::fail(errc::not_found, "there is no such message");
    auto events = select_events(on, message);
    if (is.submitted) return events;
    std::erase_if(events, [&is](const message_event& event) {
        return !event.recipient.empty() && std::ranges::find(is.addresses, event.recipient) == is.addresses.end();
    });
    return events;
}

core::result<std::size_t> delete_events(connection& on, core::timestamp before, std::size_t limit) {
    std::set<message_id> touched;
    message_id message;
    std::size_t removed = 0;
    query rows(on, "WITH old AS (SELECT message_id, id FROM message_event WHERE at < " + dialect::time(on.kind(), ":before") +
                       " ORDER BY at LIMIT :limit" + dialect::skip_locked(on.kind()) +
                       ") DELETE FROM message_event WHERE (message_id, id) IN (SELECT message_id, id FROM old)"
                       " RETURNING message_id");
    rows.use("before", before).use("limit", static_cast<std::int64_t>(limit)).into(message);
    while (rows.next()) {
        touched.insert(message);
        ++removed;
    }
    query histories(on, "WITH old AS (SELECT id FROM message WHERE history IS NOT NULL AND received_at < " +
                            dialect::time(on.kind(), ":before") + " ORDER BY received_at LIMIT :limit" +
                            dialect::skip_locked(on.kind()) +
                            ") UPDATE message SET history = NULL WHERE id IN (SELECT id FROM old) RETURNING id");
    histories.use("before", before).use("limit", static_cast<std::int64_t>(limit - removed)).into(message);
    while (histories.next()) {
        touched.insert(message);
        ++removed;
    }
    delete_forgotten(on, std::vector(touched.begin(), touched.end()));
    return removed;
}

}  // namespace

net::awaitable<core::result<std::vector<message_event>>> soci_message_store::list_events(account_id account,
                                                                                         std::int64_t entry_or_message) {
    co_return co_await reads_->run(
        [account, entry_or_message](connection& on) { return select_visible(on, account, entry_or_message); });
}

net::awaitable<core::result<std::size_t>> soci_message_store::remove_events_before(core::timestamp time, std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_removed);
    co_return co_await writes_.run([time, most](connection& on) { return delete_events(on, time, most); });
}

}  // namespace postern::storage
