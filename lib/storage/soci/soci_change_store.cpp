#include "storage/soci/soci_change_store.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "storage/soci/bounds.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t most_asked = 1'000;

/// A mailbox as it stands, and how far back its changes are known.
struct mailbox_now {
    mailbox_state state;
    std::int64_t forgotten_modseq = 0;
};

std::vector<mailbox_now> select_mailbox_states(connection& on, account_id account) {
    std::vector<mailbox_now> all;
    mailbox_now row;
    query rows(on,
               "SELECT id, uid_next, highest_modseq, forgotten_modseq FROM mailbox WHERE account_id = :account ORDER BY id");
    rows.use("account", account).into(row.state.mailbox).into(row.state.uid_next).into(row.state.highest_modseq);
    rows.into(row.forgotten_modseq);
    while (rows.next()) all.push_back(row);
    return all;
}

core::result<account_state> select_state(connection& on, account_id account) {
    account_state now;
    // The id given last: what is committed from here on has a greater one.
    query last(on, on.kind() == backend::sqlite ? "SELECT next - 1 FROM object_id" : "SELECT last_value FROM object_id");
    last.into(now.last_event).next();
    for (const auto& m : select_mailbox_states(on, account)) now.mailboxes.push_back(m.state);
    return now;
}

/// What happened in one mailbox between two states of it.
class mailbox_history {
public:
    mailbox_history(connection& on, mailbox_state since, mailbox_state now, std::size_t limit)
        : on_(on), since_(since), now_(now), limit_(static_cast<std::int64_t>(limit)) {}

    /// Appends it; the state as far as it went.
    mailbox_state read(std::vector<mail_change>& into) {
        mailbox_state reached = since_;
        reached.highest_modseq = read_changes(into);
        if (reached.highest_modseq < now_.highest_modseq) return reached;
        reached.uid_next = read_added(into);
        return reached;
    }

private:
    /// Whole calls of mailbox_store, which share a modseq: about as many as are asked for.
    std::int64_t read_changes(std::vector<mail_change>& into) {
        if (since_.highest_modseq == now_.highest_modseq) return now_.highest_modseq;
        mail_change row;
        std::string kind;
        mailbox_id there;
        std::int64_t modseq = 0;
        std::int64_t rows_read = 0;
        query rows(on_,
                   "SELECT c.modseq, c.entry_id, c.uid, c.kind, c.other_mailbox_id, COALESCE(e.mailbox_id, 0),"
                   " CAST(e.seen AS integer), CAST(e.flagged AS integer), CAST(e.answered AS integer),"
                   " COALESCE(e.thread_id, e.id) FROM mailbox_change c LEFT JOIN mailbox_message e ON e.id = c.entry_id"
                   " WHERE c.mailbox_id = :mailbox AND c.modseq > :since AND c.modseq <= (SELECT COALESCE(max(modseq), 0) FROM"
                   " (SELECT modseq FROM mailbox_change WHERE mailbox_id = :mailbox AND modseq > :since AND modseq <= :now"
                   " ORDER BY modseq LIMIT :rows) page) ORDER BY c.modseq, c.entry_id");
        rows.use("mailbox", now_.mailbox).use("since", since_.highest_modseq).use("now", now_.highest_modseq);
        rows.use("rows", limit_).into(modseq).into(row.entry).into(row.uid).into(kind).into(row.from).into(there);
        rows.into(row.seen).into(row.flagged).into(row.answered).into(row.thread);
        while (rows.next()) {
            ++rows_read;
            row.mailbox = now_.mailbox;
            if (kind == "removed") {
                row.what = mail_change::kind::removed;
            } else if (there != now_.mailbox || kind == "moved_out") {
                continue;  // another mailbox tells of it
            } else {
                row.what = kind == "flags" ? mail_change::kind::flags : mail_change::kind::moved;
            }
            if (row.what == mail_change::kind::moved) moved_in_.insert(row.uid);
            into.push_back(row);
        }
        return rows_read < limit_ ? now_.highest_modseq : modseq;
    }

    std::int64_t read_added(std::vector<mail_change>& into) {
        if (since_.uid_next == now_.uid_next) return now_.uid_next;
        mail_change row;
        std::int64_t rows_read = 0;
        query rows(on_,
                   "SELECT id, uid, CAST(seen AS integer), CAST(flagged AS integer), CAST(answered AS integer),"
                   " COALESCE(thread_id, id) FROM mailbox_message WHERE mailbox_id = :mailbox AND uid >= :since AND uid < :now"
                   " ORDER BY uid LIMIT :rows");
        rows.use("mailbox", now_.mailbox).use("since", since_.uid_next).use("now", now_.uid_next).use("rows", limit_);
        rows.into(row.entry).into(row.uid).into(row.seen).into(row.flagged).into(row.answered).into(row.thread);
        row.what = mail_change::kind::added;
        row.mailbox = now_.mailbox;
        while (rows.next()) {
            ++rows_read;
            if (!moved_in_.contains(row.uid)) into.push_back(row);
        }
        return rows_read < limit_ ? now_.uid_next : row.uid + 1;
    }

    connection& on_;
    mailbox_state since_;
    mailbox_state now_;
    std::int64_t limit_;
    std::set<std::int64_t> moved_in_;  // uids that are told of as moved
};

core::result<mail_changes> select_changes(connection& on, account_id account, const account_state& since, std::size_t limit) {
    std::map<mailbox_id, mailbox_state> known;
    for (const auto& m : since.mailboxes) known[m.mailbox] = m;
    mail_changes found;
    found.state.last_event = since.last_event;
    for (const auto& [now, forgotten] : select_mailbox_states(on, account)) {
        const auto at = known.find(now.mailbox);
        const auto from = at == known.end() ? mailbox_state{.mailbox = now.mailbox} : at->second;
        if (from.highest_modseq < forgotten || from.highest_modseq > now.highest_modseq || from.uid_next > now.uid_next) {
            found.forgotten = true;
        }
        auto reached = from;
        if (!found.forgotten && found.changes.size() < limit) {
            reached = mailbox_history(on, from, now, limit - found.changes.size()).read(found.changes);
        }
        if (reached != now) found.more = true;
        found.state.mailboxes.push_back(reached);
    }
    if (found.forgotten) found = {.changes = {}, .state = since, .more = false, .forgotten = true};
    return found;
}

core::result<std::vector<outcome>> select_outcomes(connection& on, account_id account, std::int64_t after,
                                                   core::timestamp submitted_since, std::size_t limit) {
    std::vector<outcome> all;
    outcome row;
    query rows(on, "SELECT v.id, v.message_id, " + dialect::micros(on.kind(), "v.at") +
                       ", v.kind, v.recipient, CAST(v.detail AS text) FROM message m JOIN message_event v"
                       " ON v.message_id = m.id WHERE m.submitted_by = :account AND m.received_at >= " +
                       dialect::time(on.kind(), ":since") +
                       " AND v.id > :after AND v.kind IN ('relayed', 'deferred', 'bounced', 'expired', 'removed', 'held',"
                       " 'released', 'retried') ORDER BY v.id LIMIT :rows");
    rows.use("account", account).use("since", submitted_since).use("after", after);
    rows.use("rows", static_cast<std::int64_t>(limit)).into(row.id).into(row.message).into(row.event.at).into(row.event.kind);
    rows.into(row.event.recipient).into(row.event.detail);
    while (rows.next()) all.push_back(row);
    return all;
}

core::result<std::size_t> delete_changes(connection& on, core::timestamp before, std::size_t limit) {
    std::map<mailbox_id, std::int64_t> forgotten;  // by id, the order in which everybody locks them
    mailbox_id mailbox;
    std::int64_t modseq = 0;
    std::size_t removed = 0;
    {
        query rows(on, "WITH old AS (SELECT mailbox_id, modseq, entry_id FROM mailbox_change WHERE at < " +
                           dialect::time(on.kind(), ":before") + " ORDER BY at LIMIT :rows" + dialect::skip_locked(on.kind()) +
                           ") DELETE FROM mailbox_change WHERE (mailbox_id, modseq, entry_id) IN"
                           " (SELECT mailbox_id, modseq, entry_id FROM old) RETURNING mailbox_id, modseq");
        rows.use("before", before).use("rows", static_cast<std::int64_t>(limit)).into(mailbox).into(modseq);
        while (rows.next()) {
            auto& last = forgotten[mailbox];
            last = std::max(last, modseq);
            ++removed;
        }
    }
    for (const auto& [id, last] : forgotten) {
        query(on, "UPDATE mailbox SET forgotten_modseq = :last WHERE id = :id AND forgotten_modseq < :last")
            .use("last", last)
            .use("id", id)
            .run();
    }
    return removed;
}

}  // namespace

net::awaitable<core::result<account_state>> soci_change_store::state(account_id account) {
    co_return co_await reads_.run([account](connection& on) { return select_state(on, account); });
}

net::awaitable<core::result<mail_changes>> soci_change_store::changes_since(account_id account, account_state since,
                                                                            std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_asked);
    co_return co_await reads_.run(
        [account, since = std::move(since), most](connection& on) { return select_changes(on, account, since, most); });
}

net::awaitable<core::result<std::vector<outcome>>> soci_change_store::outcomes_since(account_id account, std::int64_t after,
                                                                                     core::timestamp submitted_since,
                                                                                     std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_asked);
    co_return co_await reads_.run([account, after, submitted_since, most](connection& on) {
        return select_outcomes(on, account, after, submitted_since, most);
    });
}

net::awaitable<core::result<std::size_t>> soci_change_store::remove_changes_before(core::timestamp time, std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_removed);
    co_return co_await writes_.run([time, most](connection& on) { return delete_changes(on, time, most); });
}

}  // namespace postern::storage
