#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/records.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/json_columns.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/role_column.hpp"

namespace postern::storage {

/// The columns of an entry: e (mailbox_message), m (message), b (mailbox).
class entry_columns {
public:
    static std::string list(backend on) {
        return "e.id, e.message_id, b.account_id, b.id, COALESCE(b.role, ''), b.name, e.uid, e.modseq, CAST(e.seen AS integer),"
               " CAST(e.flagged AS integer), CAST(e.answered AS integer), COALESCE(e.thread_id, e.id), " +
               dialect::micros(on, "e.received_at") +
               ", e.delivered_to, m.size, m.from_name, m.from_address, CAST(m.to_list AS text), m.subject, " +
               dialect::micros(on, "m.sent_at") +
               ", m.preview, CAST(m.has_attachments AS integer), m.header_message_id, m.in_reply_to,"
               " CAST(m.reference_list AS text)";
    }

    /// A mailbox's total, and beside it the columns of up to :rows of its entries with uids below :before, newest first.
    static std::string page(backend on) {
        return "SELECT b.total, " + list(on) +
               " FROM mailbox b LEFT JOIN (SELECT * FROM mailbox_message WHERE mailbox_id = :mailbox AND uid < :before"
               " ORDER BY uid DESC LIMIT :rows) e ON e.mailbox_id = b.id LEFT JOIN message m ON m.id = e.message_id"
               " WHERE b.id = :mailbox AND b.account_id = :account ORDER BY e.uid DESC";
    }

    void define(query& rows) {
        auto& summary = row_.summary;
        rows.into(id_).into(row_.message).into(row_.account).into(row_.mailbox).into(role_).into(row_.mailbox_name);
        rows.into(row_.uid).into(row_.modseq).into(row_.seen).into(row_.flagged).into(row_.answered);
        rows.into(row_.thread).into(row_.received_at).into(row_.delivered_to);
        rows.into(row_.size).into(summary.from.name).into(summary.from.address).into(to_).into(summary.subject);
        rows.into(summary.date).into(summary.preview).into(summary.has_attachments).into(summary.message_id);
        rows.into(summary.in_reply_to).into(references_);
    }

    /// The row fetched last; nullopt where an outer join found none.
    std::optional<entry> take() {
        if (!id_) return std::nullopt;
        row_.id = {*id_};
        row_.role = role_from_column(role_);
        row_.summary.to = addresses_from_json(to_);
        row_.summary.references = texts_from_json(references_);
        return row_;
    }

private:
    std::optional<std::int64_t> id_;
    std::string role_;
    std::string to_;
    std::string references_;
    entry row_;
};

}  // namespace postern::storage
