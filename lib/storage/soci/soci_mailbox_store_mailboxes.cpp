#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/mailbox_edit.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/role_column.hpp"
#include "storage/soci/soci_mailbox_store.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t longest_mailbox_name = 1024;  // octets
constexpr std::int64_t most_mailboxes = 256;

bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

core::result<void> check_name(const std::string& name) {
    if (name.empty() || name.size() > longest_mailbox_name) return core::fail(errc::refused, "a name has 1 to 1024 octets");
    if (is_blank(name.front()) || is_blank(name.back())) {
        return core::fail(errc::refused, "a name neither begins nor ends with white space");
    }
    if (std::ranges::any_of(name, [](char c) { return c != ' ' && is_blank(c); })) {
        return core::fail(errc::refused, "a name has no control characters");
    }
    // RFC 9051 5.1: INBOX in any case is the one mailbox for new mail; another of that name could not be told from it.
    const auto same = [](char a, char b) { return (a & ~0x20) == b; };
    if (std::ranges::equal(name, std::string_view("INBOX"), same)) return core::fail(errc::refused, "INBOX has its meaning");
    return {};
}

core::result<mailbox> select_mailbox(connection& on, account_id account, mailbox_id id) {
    mailbox row{.id = id, .account = account, .name = {}};
    std::string role;
    query found(on,
                "SELECT name, COALESCE(role, ''), total, unread, uid_validity, uid_next, highest_modseq,"
                " CAST(subscribed AS integer) FROM mailbox WHERE id = :id AND account_id = :account" +
                    dialect::for_update(on.kind()));
    found.use("id", id).use("account", account).into(row.name).into(role).into(row.total).into(row.unread);
    found.into(row.uid_validity).into(row.uid_next).into(row.highest_modseq).into(row.subscribed);
    if (!found.next()) return core::fail(errc::not_found, "there is no such mailbox");
    row.role = role_from_column(role);
    return row;
}

core::result<void> require_free(connection& on, account_id account, const std::string& name, mailbox_id besides) {
    std::int64_t found = 0;
    query same(on, "SELECT 1 FROM mailbox WHERE account_id = :account AND name = :name AND id <> :besides");
    if (!same.use("account", account).use("name", name).use("besides", besides).into(found).next()) return {};
    return core::fail(errc::already_exists, fmt::format("there is a mailbox {} already", name));
}

core::result<mailbox> insert_mailbox(connection& on, account_id account, const std::string& name, core::timestamp now) {
    if (auto good = check_name(name); !good) return std::unexpected(good.error());
    std::int64_t count = 0;
    query owner(on, "SELECT (SELECT count(*) FROM mailbox WHERE account_id = a.id) FROM account a WHERE a.id = :account");
    if (!owner.use("account", account).into(count).next()) return core::fail(errc::not_found, "there is no such account");
    if (count >= most_mailboxes) return core::fail(errc::refused, "there are as many mailboxes as there may be");
    if (auto free = require_free(on, account, name, {}); !free) return std::unexpected(free.error());
    // RFC 9051 2.3.1.1: as for those an account begins with.
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    mailbox made{.id = {}, .account = account, .name = name};
    made.uid_validity = std::clamp<std::int64_t>(seconds, 1, 0xFFFF'FFFF);
    query row(on, "INSERT INTO mailbox (account_id, name, uid_validity) VALUES (:account, :name, :validity) RETURNING id");
    row.use("account", account).use("name", name).use("validity", made.uid_validity).into(made.id);
    while (row.next()) continue;
    return made;
}

core::result<mailbox> select_own(connection& on, account_id account, mailbox_id id) {
    auto found = select_mailbox(on, account, id);
    if (found && found->role != mailbox_role::none) {
        return core::fail(errc::refused, fmt::format("{} has its purpose and stays as it is", found->name));
    }
    return found;
}

core::result<mailbox> update_mailbox_name(connection& on, account_id account, mailbox_id id, const std::string& name) {
    if (auto good = check_name(name); !good) return std::unexpected(good.error());
    auto found = select_own(on, account, id);
    if (!found) return found;
    if (auto free = require_free(on, account, name, id); !free) return std::unexpected(free.error());
    query(on, "UPDATE mailbox SET name = :name WHERE id = :id").use("name", name).use("id", id).run();
    found->name = name;
    return found;
}

/// One round: whether it is gone now.
core::result<bool> empty_or_delete(connection& on, account_id account, mailbox_id id, core::timestamp now) {
    std::vector<entry_id> some;
    entry_id row;
    query rows(on,
               "SELECT e.id FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
               " WHERE e.mailbox_id = :id AND b.account_id = :account AND b.role IS NULL ORDER BY e.uid LIMIT :rows");
    rows.use("id", id).use("account", account).use("rows", static_cast<std::int64_t>(mailbox_store::most_entries)).into(row);
    while (rows.next()) some.push_back(row);
    if (some.empty()) {
        // Whoever wants to move something there waits for this row, and then does not find it.
        if (auto found = select_own(on, account, id); !found) return std::unexpected(found.error());
        std::int64_t left = 0;
        query again(on, "SELECT 1 FROM mailbox_message WHERE mailbox_id = :id LIMIT 1");
        if (again.use("id", id).into(left).next()) return false;
        query(on, "DELETE FROM mailbox WHERE id = :id").use("id", id).run();
        return true;
    }
    const auto trash = find_mailbox(on, account, mailbox_role::trash);
    if (!trash) return core::fail(errc::failed, "the account has no Trash");
    mailbox_edit edit(on, account, some, trash, now);
    for (const auto entry : some) {
        if (const auto* held = edit.find(entry); held != nullptr && held->mailbox == id) edit.move(entry);
    }
    edit.write();
    return false;
}

}  // namespace

net::awaitable<core::result<mailbox>> soci_mailbox_store::add(account_id account, std::string name, core::timestamp now) {
    auto made = co_await writes_.run(
        [account, name = std::move(name), now](connection& on) { return insert_mailbox(on, account, name, now); });
    if (made) changed_(account);
    co_return made;
}

net::awaitable<core::result<mailbox>> soci_mailbox_store::rename(account_id account, mailbox_id id, std::string name) {
    auto renamed = co_await writes_.run(
        [account, id, name = std::move(name)](connection& on) { return update_mailbox_name(on, account, id, name); });
    if (renamed) changed_(account);
    co_return renamed;
}

net::awaitable<core::result<void>> soci_mailbox_store::remove(account_id account, mailbox_id id, core::timestamp now) {
    for (;;) {
        const auto gone =
            co_await writes_.run([account, id, now](connection& on) { return empty_or_delete(on, account, id, now); });
        if (!gone) co_return std::unexpected(gone.error());
        changed_(account);
        if (*gone) co_return core::result<void>();
    }
}

}  // namespace postern::storage
