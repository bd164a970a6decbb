#include <algorithm>
#include <map>
#include <set>

#include "storage/soci/bounds.hpp"
#include "storage/soci/imap_columns.hpp"
#include "storage/soci/snapshot.hpp"
#include "storage/soci/soci_imap_store.hpp"

namespace postern::storage {
namespace {

/// A mailbox as it stands, and how far back its changes are known.
struct imap_now {
    mailbox_state state;
    std::int64_t forgotten_modseq = 0;
};

core::result<imap_now> select_imap_now(connection& on, account_id account, mailbox_id mailbox) {
    imap_now now{.state = {.mailbox = mailbox}};
    query row(on,
              "SELECT uid_next, highest_modseq, forgotten_modseq FROM mailbox WHERE id = :mailbox AND account_id = :account");
    row.use("mailbox", mailbox).use("account", account);
    row.into(now.state.uid_next).into(now.state.highest_modseq).into(now.forgotten_modseq);
    if (!row.next()) return core::fail(errc::not_found, "there is no such mailbox");
    return now;
}

/// What happened in a mailbox between two states of it, read within one snapshot.
class imap_history {
public:
    imap_history(connection& on, mailbox_state since, mailbox_state now, std::size_t limit)
        : on_(on), since_(since), now_(now), left_(static_cast<std::int64_t>(limit)) {}

    imap_changes read() {
        found_.state = since_;
        read_changes();
        if (found_.state.highest_modseq == now_.highest_modseq) read_arrived();
        found_.more = found_.state != now_;
        return std::move(found_);
    }

private:
    /// Whole calls, which share a modseq: about as many rows as are asked for.
    void read_changes() {
        if (since_.highest_modseq == now_.highest_modseq) return;
        std::int64_t modseq = 0;
        std::int64_t uid = 0;
        std::int64_t rows_read = 0;
        std::string kind;
        imap_columns columns;
        // An entry that has got another uid since is told of where it is now.
        query rows(on_, "SELECT c.modseq, c.uid, c.kind, " + imap_columns::list(on_.kind()) +
                            " FROM mailbox_change c LEFT JOIN mailbox_message e ON e.id = c.entry_id AND e.mailbox_id ="
                            " c.mailbox_id AND e.uid = c.uid LEFT JOIN message m ON m.id = e.message_id"
                            " WHERE c.mailbox_id = :mailbox AND c.modseq > :since AND c.modseq <="
                            " (SELECT COALESCE(max(modseq), 0) FROM (SELECT modseq FROM mailbox_change"
                            " WHERE mailbox_id = :mailbox AND modseq > :since ORDER BY modseq LIMIT :rows) page)"
                            " ORDER BY c.modseq, c.entry_id");
        rows.use("mailbox", now_.mailbox).use("since", since_.highest_modseq).use("rows", left_);
        rows.into(modseq).into(uid).into(kind);
        columns.define(rows);
        std::map<std::int64_t, imap_entry> changed;
        std::set<std::int64_t> vanished;
        while (rows.next()) {
            ++rows_read;
            if (kind == "removed" || kind == "moved_out") {
                vanished.insert(uid);
            } else if (auto entry = columns.take(); entry && kind == "flags" && uid < since_.uid_next) {
                changed.emplace(uid, *std::move(entry));
            }
        }
        for (auto& [at, entry] : changed) found_.changed.push_back(std::move(entry));
        found_.vanished.assign(vanished.begin(), vanished.end());
        found_.state.highest_modseq = rows_read < left_ ? now_.highest_modseq : modseq;
        left_ -= rows_read;
    }

    void read_arrived() {
        if (left_ <= 0) return;
        imap_columns columns;
        query rows(on_, "SELECT " + imap_columns::list(on_.kind()) +
                            " FROM mailbox_message e JOIN message m ON m.id = e.message_id WHERE e.mailbox_id = :mailbox"
                            " AND e.uid >= :since ORDER BY e.uid LIMIT :rows");
        rows.use("mailbox", now_.mailbox).use("since", since_.uid_next).use("rows", left_);
        columns.define(rows);
        while (rows.next()) found_.arrived.push_back(*columns.take());
        const bool all = std::ssize(found_.arrived) < left_;
        found_.state.uid_next = all ? now_.uid_next : found_.arrived.back().uid + 1;
    }

    connection& on_;
    mailbox_state since_;
    mailbox_state now_;
    std::int64_t left_;  // rows that are still to be read
    imap_changes found_;
};

core::result<imap_changes> select_imap_changes(connection& on, account_id account, const mailbox_state& since,
                                               std::size_t limit) {
    // Mostly there is nothing, which one statement tells.
    const auto first = select_imap_now(on, account, since.mailbox);
    if (!first) return std::unexpected(first.error());
    imap_changes found;
    found.state = since;
    if (first->state == since) return found;
    const snapshot one_moment(on);
    const auto now = select_imap_now(on, account, since.mailbox);
    if (!now) return std::unexpected(now.error());
    if (since.highest_modseq < now->forgotten_modseq || since.highest_modseq > now->state.highest_modseq ||
        since.uid_next > now->state.uid_next) {
        found.forgotten = true;
        return found;
    }
    return imap_history(on, since, now->state, limit).read();
}

}  // namespace

net::awaitable<core::result<mailbox_state>> soci_imap_store::state(account_id account, mailbox_id mailbox) {
    co_return co_await reads_.run([account, mailbox](connection& on) -> core::result<mailbox_state> {
        const auto now = select_imap_now(on, account, mailbox);
        if (!now) return std::unexpected(now.error());
        return now->state;
    });
}

net::awaitable<core::result<imap_changes>> soci_imap_store::changes_since(account_id account, mailbox_state since,
                                                                          std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_imap_entries);
    co_return co_await reads_.run(
        [account, since, most](connection& on) { return select_imap_changes(on, account, since, most); });
}

}  // namespace postern::storage
