#include "storage/soci/imported_rows.hpp"

#include <vector>

#include <fmt/format.h>

#include "storage/soci/content_parts.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/flag_edit.hpp"
#include "storage/soci/json_columns.hpp"
#include "storage/soci/last_uid.hpp"
#include "storage/soci/object_ids.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/quota_rows.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t ids_of_a_message = 3;  // itself, its entry, its event

std::string part_as_literal(backend on, const core::content& octets, std::uint64_t offset, std::size_t size) {
    std::vector<unsigned char> part(size);
    read_part(octets, offset, {reinterpret_cast<char*>(part.data()), size});
    return dialect::octets(on, part);
}

void insert_content(connection& on, std::int64_t id, const core::content& octets) {
    for_each_part(octets, [&](std::int64_t number, std::uint64_t offset, std::size_t size) {
        query(on, "INSERT INTO message_content (message_id, part, octets) VALUES (:id, :part, " +
                      part_as_literal(on.kind(), octets, offset, size) + ")")
            .use("id", id)
            .use("part", number)
            .run();
    });
}

void insert_message(connection& on, std::int64_t id, const imported_message& m) {
    const auto kind = on.kind();
    const auto& s = m.summary;
    const auto date = storable(s.date);
    const bool in_row = m.octets->size() <= largest_part;
    query(on,
          "INSERT INTO message (id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name,"
          " from_address, to_list, subject, sent_at, preview, has_attachments, header_message_id, in_reply_to, reference_list,"
          " octets) VALUES (:id, " +
              dialect::time(kind, ":at") + ", '', '[]', :size, " + dialect::octets(kind, m.sha256) +
              ", 0, :from_name, :from_address, " + dialect::json(kind, ":to") + ", :subject, " +
              dialect::time(kind, ":sent_at") + ", :preview, (:attachments <> 0), :message_id, :in_reply_to, " +
              dialect::json(kind, ":list") + ", " + (in_row ? part_as_literal(kind, *m.octets, 0, m.octets->size()) : "NULL") +
              ")")
        .use("id", id)
        .use("at", m.received_at)
        .use("size", static_cast<std::int64_t>(m.octets->size()))
        .use("from_name", s.from.name)
        .use("from_address", s.from.address)
        .use("to", to_json(s.to))
        .use("subject", s.subject)
        .use("sent_at", date ? std::optional<std::int64_t>(date->time_since_epoch().count()) : std::nullopt)
        .use("preview", s.preview)
        .use("attachments", s.has_attachments)
        .use("message_id", s.message_id)
        .use("in_reply_to", s.in_reply_to)
        .use("list", to_json(s.references))
        .run();
    if (!in_row) insert_content(on, id, *m.octets);
}

struct mailbox_row {
    std::int64_t uid_next = 0;
    std::int64_t modseq = 0;
};

mailbox_row lock_mailbox(connection& on, const imported_circumstances& how) {
    mailbox_row row;
    query found(on, "SELECT uid_next, highest_modseq FROM mailbox WHERE id = :id AND account_id = :account" +
                        dialect::for_update(on.kind()));
    found.use("id", how.mailbox).use("account", how.account).into(row.uid_next).into(row.modseq);
    if (!found.next()) throw database_error(errc::not_found, "there is no such mailbox");
    return row;
}

void insert_entry(connection& on, std::int64_t id, std::int64_t message, const imported_circumstances& how,
                  const imported_message& m, const mailbox_row& at) {
    const auto kind = on.kind();
    query(on,
          "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, arrived_at, seen, flagged,"
          " answered, deleted, draft, keywords, delivered_to) VALUES (:id, :mailbox, :uid, :message, :modseq, " +
              dialect::time(kind, ":at") + ", " + dialect::time(kind, ":now") +
              ", (:seen <> 0), (:flagged <> 0), (:answered <> 0), (:deleted <> 0), (:draft <> 0), :keywords, '')")
        .use("id", id)
        .use("mailbox", how.mailbox)
        .use("uid", at.uid_next)
        .use("message", message)
        .use("modseq", at.modseq)
        .use("at", m.received_at)
        .use("now", how.now)
        .use("seen", m.seen)
        .use("flagged", m.flagged)
        .use("answered", m.answered)
        .use("deleted", how.deleted)
        .use("draft", how.draft)
        .use("keywords", to_column(how.keywords))
        .run();
}

void insert_event(connection& on, std::int64_t id, std::int64_t message, const imported_circumstances& how) {
    query(on, "INSERT INTO message_event (id, message_id, at, kind) VALUES (:id, :message, " +
                  dialect::time(on.kind(), ":now") + ", :kind)")
        .use("id", id)
        .use("message", message)
        .use("now", how.now)
        .use("kind", how.event)
        .run();
}

/// A command is another process than those that serve: PostgreSQL tells them with the commit, and of a file of SQLite they look
/// at this number.
void tell_others(connection& on, account_id account) {
    if (on.kind() == backend::postgresql) {
        std::string nothing;
        query(on, "SELECT COALESCE(CAST(pg_notify('postern_change', :account) AS text), '')")
            .use("account", core::to_string(account))
            .into(nothing)
            .next();
        return;
    }
    std::int64_t version = 0;
    query(on, "PRAGMA user_version").into(version).next();
    on.execute(fmt::format("PRAGMA user_version = {}", (version + 1) % INT32_MAX));
}

}  // namespace

std::int64_t insert_imported(connection& on, const imported_circumstances& how, std::span<const imported_message> messages) {
    if (messages.empty()) return 0;
    const auto ids = draw_object_ids(on, ids_of_a_message * messages.size());
    auto id = ids.begin();
    std::int64_t octets = 0;
    std::int64_t unread = 0;
    for (const auto& m : messages) {
        on.restart_deadline();
        insert_message(on, *id, m);
        id += ids_of_a_message;
        octets += static_cast<std::int64_t>(m.octets->size());
        unread += m.seen ? 0 : 1;
    }
    auto at = lock_mailbox(on, how);
    add_to_quota(on, how.account, octets, how.beyond_quota ? quota_rule::beyond : quota_rule::within);
    if (at.uid_next > last_uid - std::ssize(messages)) throw database_error(errc::failed, "the mailbox has no uids left");
    ++at.modseq;
    id = ids.begin();
    for (const auto& m : messages) {
        insert_entry(on, id[1], id[0], how, m, at);
        insert_event(on, id[2], id[0], how);
        id += ids_of_a_message;
        ++at.uid_next;
    }
    query(on,
          "UPDATE mailbox SET uid_next = :uid_next, highest_modseq = :modseq, total = total + :total, unread = unread + :unread"
          " WHERE id = :id")
        .use("uid_next", at.uid_next)
        .use("modseq", at.modseq)
        .use("total", std::ssize(messages))
        .use("unread", unread)
        .use("id", how.mailbox)
        .run();
    tell_others(on, how.account);
    return at.uid_next - std::ssize(messages);
}

}  // namespace postern::storage
