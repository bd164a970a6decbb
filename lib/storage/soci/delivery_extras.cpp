#include "storage/soci/delivery_extras.hpp"

#include <string>
#include <vector>

#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/unheld_rows.hpp"

namespace postern::storage {
namespace {

void read_draft(connection& on, const replaced_draft& wanted, delivery_plan& plan) {
    delivery_plan::draft_row row{.account = wanted.account, .id = wanted.entry, .mailbox = {}, .message = {}};
    query found(on,
                "SELECT e.mailbox_id, e.message_id, e.uid, m.size, CAST(e.seen AS integer) FROM mailbox_message e"
                " JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                " WHERE e.id = :entry AND b.account_id = :account AND b.role = 'drafts'");
    found.use("entry", wanted.entry).use("account", wanted.account);
    found.into(row.mailbox).into(row.message).into(row.uid).into(row.size).into(row.seen);
    if (found.next()) plan.add(row);
}

/// The entry keeps its number, and its thread, and loses its uid, as RFC 9051 2.3.1.1 wants it of octets that change; what is
/// written anew is not to be removed any more.
void write_anew(connection& on, const delivery_plan::replaced_row& row) {
    const auto& entry = *row.written_anew;
    query(on, "UPDATE mailbox_message SET message_id = :message, uid = :uid, modseq = :modseq, received_at = " +
                  dialect::time(on.kind(), ":at") +
                  ", seen = (:seen <> 0), deleted = (1 = 0), delivered_to = :recipient WHERE id = :id")
        .use("message", entry.message->id)
        .use("uid", entry.uid)
        .use("modseq", entry.modseq)
        .use("at", entry.message->received_at)
        .use("seen", entry.local->seen)
        .use("recipient", entry.local->recipient)
        .use("id", row.draft.id)
        .run();
}

void write_change(connection& on, const delivery_plan::replaced_row& row) {
    const bool stays = row.written_anew.has_value();
    query(on,
          "INSERT INTO mailbox_change (mailbox_id, modseq, entry_id, uid, kind, other_mailbox_id, at)"
          " VALUES (:mailbox, :modseq, :entry, :uid, :kind, :other, " +
              dialect::time(on.kind(), ":at") + ")")
        .use("mailbox", row.draft.mailbox)
        .use("modseq", row.modseq)
        .use("entry", row.draft.id)
        .use("uid", row.draft.uid)
        .use("kind", std::string(stays ? "moved_out" : "removed"))
        .use("other", stays ? std::optional(row.draft.mailbox.value) : std::nullopt)
        .use("at", row.at)
        .run();
}

void write_response(connection& on, const new_message& message) {
    const auto& response = *message.what.response;
    query(on, "INSERT INTO idempotency (account_id, key, request_hash, status, response, created_at) VALUES (:account, :key, " +
                  dialect::octets(on.kind(), response.request_sha256) + ", :status, :body, " +
                  dialect::time(on.kind(), ":now") + ")")
        .use("account", response.account)
        .use("key", response.key)
        .use("status", std::int64_t{response.status})
        .use("body", message.response_body)
        .use("now", response.created_at)
        .run();
}

}  // namespace

void read_extras(connection& on, delivery_plan& plan) {
    for (const auto& draft : plan.draft_ids()) read_draft(on, draft, plan);
    for (const auto& key : plan.response_keys()) {
        std::int64_t found = 0;
        query row(on, "SELECT 1 FROM idempotency WHERE account_id = :account AND key = :key");
        if (row.use("account", key.first).use("key", key.second).into(found).next()) plan.add(key);
    }
}

void write_extras(connection& on, const delivery_plan& plan) {
    std::vector<entry_id> gone;
    std::vector<message_id> let_go;
    for (const auto& row : plan.replaced()) {
        if (row.written_anew) {
            write_anew(on, row);
        } else {
            gone.push_back(row.draft.id);
        }
        write_change(on, row);
        let_go.push_back(row.draft.message);
    }
    delete_entries(on, gone);
    drop_unheld(on, std::move(let_go));
    for (const auto* message : plan.responses()) write_response(on, *message);
}

}  // namespace postern::storage
