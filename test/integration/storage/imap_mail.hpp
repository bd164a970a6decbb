#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/digest.hpp"
#include "storage/imap_store.hpp"
#include "storage/maintenance.hpp"
#include "view_mail.hpp"

namespace postern::test {

/// Alice's mailboxes as IMAP sees them, and what she does in them.
struct imap_mail : view_mail {
    explicit imap_mail(engine on) : view_mail(on), box(inbox().id), bin(trash().id) {}

    storage::imap_store& imap() { return db->imap(); }

    std::vector<storage::imap_entry> list(storage::mailbox_id of) { return value(db.run(imap().list(alice.id, of, 0, 1'000))); }
    std::vector<std::int64_t> uids(storage::mailbox_id of) {
        std::vector<std::int64_t> all;
        for (const auto& e : list(of)) all.push_back(e.uid);
        return all;
    }

    std::vector<storage::flagged_entry> flag(std::vector<storage::entry_id> ids, storage::flag_change wanted,
                                             std::optional<std::int64_t> unchanged_since = {}) {
        return value(db.run(imap().change_flags(alice.id, box, std::move(ids), std::move(wanted), unchanged_since, now())));
    }
    std::vector<storage::flagged_entry> add(std::vector<storage::entry_id> ids, storage::entry_flags flags) {
        return flag(std::move(ids), {storage::flag_change::action::add, std::move(flags)});
    }
    auto copy(std::vector<storage::entry_id> ids, storage::mailbox_id from, storage::mailbox_id to) {
        return db.run(imap().copy(alice.id, from, std::move(ids), to, now()));
    }
    auto move(std::vector<storage::entry_id> ids, storage::mailbox_id from, storage::mailbox_id to) {
        return db.run(imap().move(alice.id, from, std::move(ids), to, now()));
    }
    std::vector<std::int64_t> expunge(std::vector<storage::entry_id> ids) {
        return value(db.run(imap().expunge(alice.id, box, std::move(ids), now())));
    }
    auto append(const std::string& octets, storage::entry_flags flags = {}) {
        storage::imported_message m;
        m.received_at = now() - std::chrono::days(400);
        m.summary.subject = "appended";
        m.octets = std::make_shared<core::memory_content>(octets);
        m.sha256 = storage::sha256(*m.octets);
        return db.run(imap().append(alice.id, box, std::move(m), std::move(flags), now()));
    }

    storage::mailbox_state state() { return value(db.run(imap().state(alice.id, box))); }
    storage::imap_changes since(storage::mailbox_state known, std::size_t limit = 100) {
        return value(db.run(imap().changes_since(alice.id, known, limit)));
    }

    void limit_quota(std::int64_t octets) {
        place.execute("UPDATE account SET quota_limit = " + std::to_string(octets) +
                      " WHERE id = " + core::to_string(alice.id));
    }
    std::int64_t used() { return place.number("SELECT quota_used FROM account WHERE id = " + core::to_string(alice.id)); }

    /// As `postern verify` would say it.
    [[nodiscard]] std::vector<std::string> damages() const {
        std::vector<std::string> all;
        value(storage::verify(
            place.settings, [&](const storage::damage& d) { all.push_back(d.subject + ": " + d.text); }, [](auto, auto) {}));
        return all;
    }

    storage::mailbox_id box, bin;
};

using uid_list = std::vector<std::int64_t>;

}  // namespace postern::test
