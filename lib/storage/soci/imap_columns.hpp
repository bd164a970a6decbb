#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/imap_store.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/flag_edit.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {

/// The columns of an imap_entry: e (mailbox_message), m (message).
class imap_columns {
public:
    static std::string list(backend on) {
        return "e.id, e.message_id, e.uid, e.modseq, CAST(e.seen AS integer), CAST(e.flagged AS integer),"
               " CAST(e.answered AS integer), CAST(e.deleted AS integer), CAST(e.draft AS integer), e.keywords, " +
               dialect::micros(on, "e.received_at") + ", m.size";
    }

    void define(query& rows) {
        auto& flags = row_.flags;
        rows.into(id_).into(row_.message).into(row_.uid).into(row_.modseq).into(flags.seen).into(flags.flagged);
        rows.into(flags.answered).into(flags.deleted).into(flags.draft).into(keywords_).into(row_.received_at);
        rows.into(row_.size);
    }

    /// The row fetched last; nullopt where an outer join found none.
    std::optional<imap_entry> take() {
        if (!id_) return std::nullopt;
        row_.id = {*id_};
        row_.flags.keywords = keywords_from_column(keywords_);
        return row_;
    }

private:
    std::optional<std::int64_t> id_;
    std::string keywords_;
    imap_entry row_;
};

}  // namespace postern::storage
