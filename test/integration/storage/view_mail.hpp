#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "mail.hpp"

namespace postern::test {

/// Alice's and bob's mailboxes, and what they do in them.
struct view_mail : mail {
    explicit view_mail(engine on) : mail(on), alice(account("alice")), bob(account("bob")) {}

    storage::mailbox_store& boxes() { return db->mailboxes(); }
    [[nodiscard]] core::timestamp now() const { return db.clock.now(); }
    storage::mailbox inbox() { return mailbox(alice, storage::mailbox_role::inbox); }
    storage::mailbox trash() { return mailbox(alice, storage::mailbox_role::trash); }

    /// Its entry in alice's mailboxes.
    storage::entry receive(const std::string& subject, std::string octets = "x\r\n") {
        return find(send({alice}, subject, std::move(octets)).value);
    }
    storage::entry find(std::int64_t id) { return value(db.run(db->messages().find_entry(alice.id, id))); }
    storage::entry find(storage::entry_id id) { return find(id.value); }
    bool gone(storage::entry_id id) { return !db.run(db->messages().find_entry(alice.id, id.value)); }

    std::vector<storage::changed_entry> change(std::vector<storage::entry_id> ids, storage::entry_change wanted,
                                               std::optional<std::int64_t> if_modseq = {}) {
        return value(db.run(boxes().change(alice.id, std::move(ids), wanted, if_modseq, now())));
    }
    std::vector<storage::changed_entry> discard(std::vector<storage::entry_id> ids,
                                                std::optional<std::int64_t> if_modseq = {}) {
        return value(db.run(boxes().discard(alice.id, std::move(ids), if_modseq, now())));
    }

    [[nodiscard]] std::int64_t count(const std::string& from) const { return place.number("SELECT count(*) FROM " + from); }

    /// What is kept is what counting would give, for every mailbox and account.
    [[nodiscard]] bool counters_are_right() const {
        return count(
                   "mailbox b WHERE total <> (SELECT count(*) FROM mailbox_message e WHERE e.mailbox_id = b.id)"
                   " OR unread <> (SELECT count(*) FROM mailbox_message e WHERE e.mailbox_id = b.id AND NOT e.seen)"
                   " OR uid_next <= (SELECT COALESCE(max(e.uid), 0) FROM mailbox_message e WHERE e.mailbox_id = b.id)"
                   " OR highest_modseq < (SELECT COALESCE(max(e.modseq), 0) FROM mailbox_message e WHERE e.mailbox_id = b.id)"
                   " OR highest_modseq < (SELECT COALESCE(max(c.modseq), 0) FROM mailbox_change c WHERE c.mailbox_id = "
                   "b.id)") == 0 &&
               count(
                   "account a WHERE quota_used <> (SELECT COALESCE(sum(m.size), 0) FROM mailbox_message e JOIN mailbox b"
                   " ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id WHERE b.account_id = a.id)") == 0;
    }

    storage::account alice, bob;
};

inline bool all_done(const std::vector<storage::changed_entry>& outcomes) {
    return std::ranges::all_of(outcomes, [](const auto& o) { return o.outcome == storage::changed_entry::status::done; });
}

}  // namespace postern::test
