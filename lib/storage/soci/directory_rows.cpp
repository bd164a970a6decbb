#include "storage/soci/directory_rows.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/role_column.hpp"

namespace postern::storage {
namespace {

constexpr std::array<std::pair<mailbox_role, const char*>, 6> first_mailboxes{{{mailbox_role::inbox, "Inbox"},
                                                                               {mailbox_role::sent, "Sent"},
                                                                               {mailbox_role::drafts, "Drafts"},
                                                                               {mailbox_role::junk, "Junk"},
                                                                               {mailbox_role::trash, "Trash"},
                                                                               {mailbox_role::archive, "Archive"}}};

/// Every message with an entry in one of the account's mailboxes.
std::vector<message_id> messages_of(connection& on, account_id id) {
    std::vector<message_id> messages;
    message_id message;
    query rows(on,
               "SELECT DISTINCT e.message_id FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
               " WHERE b.account_id = :id ORDER BY e.message_id");
    rows.use("id", id).into(message);
    while (rows.next()) messages.push_back(message);
    return messages;
}

/// Those still on their way out stay until they are, and then go (queue_store::conclude).
void delete_unheld(connection& on, const std::vector<message_id>& messages) {
    in_lists(on, messages, [&on](const std::string& list) {
        query(on, "DELETE FROM message WHERE id IN (" + list +
                      ") AND NOT EXISTS (SELECT 1 FROM mailbox_message e WHERE e.message_id = message.id)"
                      " AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.message_id = message.id)")
            .run();
    });
}

/// Who finishes such a message's way out meanwhile waits, and then sees that the account's mailboxes do not hold it any more.
void lock_outbound(connection& on, account_id id) {
    message_id locked;
    query rows(on,
               "SELECT o.message_id FROM outbound o WHERE EXISTS (SELECT 1 FROM mailbox_message e"
               " JOIN mailbox b ON b.id = e.mailbox_id WHERE e.message_id = o.message_id AND b.account_id = :id)"
               " ORDER BY o.message_id" +
                   dialect::for_update(on.kind()));
    rows.use("id", id).into(locked);
    while (rows.next()) continue;
}

}  // namespace

void lock_directory(connection& on) {
    constexpr std::int64_t directory_lock = 0x504F535444495245;  // "POSTDIRE" in ASCII; released at the transaction's end
    if (on.kind() == backend::postgresql) on.execute(fmt::format("SELECT pg_advisory_xact_lock({})", directory_lock));
}

std::optional<domain_id> find_domain_id(connection& on, const std::string& name) {
    domain_id id;
    query row(on, "SELECT id FROM domain WHERE name = :name");
    return row.use("name", name).into(id).next() ? std::optional(id) : std::nullopt;
}

domain insert_domain(connection& on, const std::string& name, core::timestamp now) {
    domain made{.id = {}, .name = name, .created_at = now};
    query insert(on,
                 "INSERT INTO domain (name, created_at) VALUES (:name, " + dialect::time(on.kind(), ":now") + ") RETURNING id");
    insert.use("name", name).use("now", now).into(made.id).next();
    return made;
}

bool has_enabled_account(connection& on, account_id besides) {
    account_id other;
    query row(on, "SELECT id FROM account WHERE NOT disabled AND id <> :besides LIMIT 1");
    return row.use("besides", besides).into(other).next();
}

core::result<void> require_free(connection& on, domain_id in, const canonical_address& address) {
    std::string kind;
    query row(on, "SELECT kind FROM address WHERE domain_id = :domain AND local_part = :local_part");
    if (!row.use("domain", in).use("local_part", address.local_part).into(kind).next()) return {};
    return core::fail(errc::already_exists, fmt::format("{} is an {} already", to_string(address), kind));
}

std::int64_t insert_address(connection& on, domain_id in, const std::string& local_part, const std::string& kind) {
    std::int64_t id = 0;
    query row(on, "INSERT INTO address (domain_id, local_part, kind) VALUES (:domain, :local_part, :kind) RETURNING id");
    row.use("domain", in).use("local_part", local_part).use("kind", kind).into(id).next();
    return id;
}

account insert_account(connection& on, domain_id in, const new_account& wanted) {
    account made{.id = {insert_address(on, in, wanted.address.local_part, "account")},
                 .address = wanted.address,
                 .name = wanted.name,
                 .admin = wanted.admin,
                 .password_hash = wanted.password_hash,
                 .quota_limit = wanted.quota_limit,
                 .created_at = wanted.created_at};
    query insert(on,
                 "INSERT INTO account (id, name, admin, password_hash, quota_limit, created_at)"
                 " VALUES (:id, :name, (:admin <> 0), :hash, :quota, " +
                     dialect::time(on.kind(), ":now") + ")");
    insert.use("id", made.id).use("name", made.name).use("admin", made.admin).use("quota", made.quota_limit);
    insert.use("hash", made.password_hash.empty() ? std::nullopt : std::optional(made.password_hash));
    insert.use("now", made.created_at).run();

    // RFC 9051 2.3.1.1: a mailbox that is removed and made again under its name must not bring old uids back to life.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(made.created_at.time_since_epoch()).count();
    const auto validity = std::clamp<std::int64_t>(seconds, 1, 0xFFFF'FFFF);
    for (const auto& [role, name] : first_mailboxes) {
        query(on, "INSERT INTO mailbox (account_id, name, role, uid_validity) VALUES (:account, :name, :role, :validity)")
            .use("account", made.id)
            .use("name", std::string(name))
            .use("role", std::string(to_column(role)))
            .use("validity", validity)
            .run();
    }
    return made;
}

void lock_account(connection& on, account_id id) {
    // Rows are taken in the order every writer takes them: mailboxes by id, then the account.
    std::int64_t locked = 0;
    query mailboxes(on, "SELECT id FROM mailbox WHERE account_id = :id ORDER BY id" + dialect::for_update(on.kind()));
    mailboxes.use("id", id).into(locked);
    while (mailboxes.next()) continue;
    query(on, "SELECT id FROM account WHERE id = :id" + dialect::for_update(on.kind())).use("id", id).into(locked).next();
}

void delete_account(connection& on, account_id id) {
    lock_outbound(on, id);
    lock_account(on, id);
    const auto messages = messages_of(on, id);
    query(on, "DELETE FROM mailbox_message WHERE mailbox_id IN (SELECT id FROM mailbox WHERE account_id = :id)")
        .use("id", id)
        .run();
    delete_unheld(on, messages);
    query(on, "DELETE FROM address WHERE id = :id").use("id", id).run();  // and with it account, mailboxes, alias targets
}

}  // namespace postern::storage
