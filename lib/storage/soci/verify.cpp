#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "storage/database.hpp"
#include "storage/digest.hpp"
#include "storage/maintenance.hpp"
#include "storage/soci/content_parts.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/octet_columns.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/snapshot.hpp"
#include "storage/soci/stored_content.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t messages_at_once = 100;
constexpr std::uint64_t read_at_once = largest_part;

/// A message's octets over one connection, a part at a time.
class parts_of_message final : public core::content {
public:
    parts_of_message(connection& on, message_id id, const stored_parts& where) : on_(on), id_(id), where_(where) {}

    [[nodiscard]] std::uint64_t size() const override { return where_.size; }

    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        std::uint64_t start = 0;
        for (const auto& part : where_.parts) {
            if (offset < start + part.size) return copy(part, static_cast<std::size_t>(offset - start), into);
            start += part.size;
        }
        return 0;
    }

private:
    std::size_t copy(const content_part& part, std::size_t from, std::span<char> into) const {
        if (kept_number_ != part.number) {
            kept_number_.reset();
            kept_ = part.octets ? *part.octets : select_part(on_, id_, part.number).value_or("");
            kept_number_ = part.number;
        }
        return kept_.copy(into.data(), into.size(), std::min(from, kept_.size()));
    }

    connection& on_;
    message_id id_;
    const stored_parts& where_;
    mutable std::optional<std::int64_t> kept_number_;
    mutable std::string kept_;
};

/// Everything that is looked at, with what was found so far.
class verification {
public:
    verification(connection& on, const std::function<void(const damage&)>& found, const progress_told& told)
        : on_(on), found_(found), told_(told) {}

    verified run() {
        look("the database", [this] { look_at_structure(); });
        look("the database", [this] { look_at_references(); });
        look("the mailboxes", [this] { look_at_mailboxes(); });
        look("the accounts", [this] { look_at_accounts(); });
        look("the queue", [this] { look_at_queue(); });
        look("the messages", [this] { look_at_messages(); });
        return sum_;
    }

private:
    void tell(std::string subject, std::string text) {
        ++sum_.damages;
        found_({std::move(subject), std::move(text)});
    }

    /// What cannot be read is a damage too, and no reason not to look at the rest; only a database that is away is.
    template <class F>
    void look(const std::string& at, F look_there) {
        try {
            look_there();
        } catch (const std::exception& thrown) {
            const auto failure = explain(thrown);
            if (failure.code() == errc::unavailable) throw;
            on_.rollback();
            tell(at, fmt::format("cannot be read: {}", failure.what()));
        }
    }

    void look_at_structure() {
        if (on_.kind() != backend::sqlite) return;
        std::string said;
        query rows(on_, "PRAGMA integrity_check(100)");
        rows.into(said);
        while (rows.next()) {
            if (said != "ok") tell("the database", said);
        }
    }

    void look_at_references() {
        if (on_.kind() == backend::sqlite) {
            std::string table;
            std::string parent;
            std::int64_t row = 0;
            query rows(on_, "SELECT \"table\", \"parent\", COALESCE(rowid, 0) FROM pragma_foreign_key_check LIMIT 1000");
            rows.into(table).into(parent).into(row);
            while (rows.next()) tell(fmt::format("{} {}", table, row), "refers to a row of " + parent + " that is not there");
            return;
        }
        for (const auto& r : postgresql_references()) {
            std::int64_t rows = 0;
            query(on_, fmt::format("SELECT count(*) FROM {} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {})", r.table,
                                   r.given, r.parent, r.equal))
                .into(rows)
                .next();
            if (rows > 0) tell(r.table, fmt::format("{} rows refer to rows of {} that are not there", rows, r.parent));
        }
    }

    struct reference {
        std::string table;
        std::string parent;
        std::string given;  // SQL: the columns that refer have values
        std::string equal;
    };

    std::vector<reference> postgresql_references() {
        std::vector<reference> all;
        reference row;
        query rows(on_,
                   "SELECT CAST(CAST(k.conrelid AS regclass) AS text), CAST(CAST(k.confrelid AS regclass) AS text),"
                   " string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '),"
                   " string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ')"
                   " FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS u (own, other)"
                   " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own"
                   " JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.other"
                   " WHERE k.contype = 'f' AND k.connamespace = CAST(current_schema() AS regnamespace)"
                   " GROUP BY k.oid, k.conrelid, k.confrelid ORDER BY 1, 2");
        rows.into(row.table).into(row.parent).into(row.given).into(row.equal);
        while (rows.next()) all.push_back(row);
        return all;
    }

    /// One statement, so of one moment; its rows are the mailboxes that are wrong.
    void look_at_mailboxes() {
        std::int64_t count = 0;
        query(on_, "SELECT count(*) FROM mailbox").into(count).next();
        sum_.mailboxes = static_cast<std::uint64_t>(count);
        mailbox_id id;
        std::array<std::int64_t, 4> kept{};
        std::array<std::int64_t, 4> counted{};
        query rows(on_,
                   "SELECT * FROM (SELECT b.id, b.total, b.unread, b.uid_next, b.highest_modseq,"
                   " COALESCE(e.total, 0) AS entries, COALESCE(e.unread, 0) AS unseen, COALESCE(e.uid, 0) AS last_uid,"
                   " CASE WHEN COALESCE(c.modseq, 0) > COALESCE(e.modseq, 0) THEN c.modseq ELSE COALESCE(e.modseq, 0) END"
                   " AS last_modseq FROM mailbox b LEFT JOIN (SELECT mailbox_id, count(*) AS total,"
                   " sum(CASE WHEN CAST(seen AS integer) = 0 THEN 1 ELSE 0 END) AS unread, max(uid) AS uid,"
                   " max(modseq) AS modseq FROM mailbox_message GROUP BY mailbox_id) e ON e.mailbox_id = b.id"
                   " LEFT JOIN (SELECT mailbox_id, max(modseq) AS modseq FROM mailbox_change GROUP BY mailbox_id) c"
                   " ON c.mailbox_id = b.id) f WHERE total <> entries OR unread <> unseen OR uid_next <= last_uid"
                   " OR highest_modseq < last_modseq ORDER BY id");
        rows.into(id);
        for (auto& number : kept) rows.into(number);
        for (auto& number : counted) rows.into(number);
        while (rows.next()) {
            const auto mailbox = fmt::format("mailbox {}", id.value);
            if (kept[0] != counted[0]) tell(mailbox, fmt::format("says {} messages and holds {}", kept[0], counted[0]));
            if (kept[1] != counted[1]) tell(mailbox, fmt::format("says {} unread and holds {}", kept[1], counted[1]));
            if (kept[2] <= counted[2]) tell(mailbox, fmt::format("would give the uid {} twice", kept[2]));
            if (kept[3] < counted[3])
                tell(mailbox, fmt::format("says {} as its highest modseq and has {}", kept[3], counted[3]));
        }
    }

    void look_at_accounts() {
        account_id id;
        std::int64_t kept = 0;
        std::int64_t counted = 0;
        query rows(on_,
                   "SELECT id, quota_used, octets FROM (SELECT a.id, a.quota_used, CAST(COALESCE(s.octets, 0) AS bigint)"
                   " AS octets FROM account a LEFT JOIN (SELECT b.account_id, sum(m.size) AS octets FROM mailbox_message e"
                   " JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id GROUP BY b.account_id) s"
                   " ON s.account_id = a.id) f WHERE quota_used <> octets ORDER BY id");
        rows.into(id).into(kept).into(counted);
        while (rows.next()) {
            tell(fmt::format("account {}", id.value), fmt::format("says {} octets and holds {}", kept, counted));
        }
    }

    void look_at_queue() {
        message_id id;
        query rows(on_,
                   "SELECT message_id FROM outbound o WHERE NOT EXISTS (SELECT 1 FROM queue_item q WHERE q.message_id ="
                   " o.message_id) ORDER BY message_id");
        rows.into(id);
        while (rows.next()) tell(fmt::format("message {}", id.value), "is to be sent, and to nobody");
    }

    struct message_row {
        message_id id;
        std::int64_t size = 0;
        std::string sha256;
        bool held = false;
        std::int64_t parts = 0;
    };

    /// Those there are when it begins: a server that stores as fast as this reads would have it follow for ever.
    void look_at_messages() {
        std::int64_t all = 0;
        message_id last;
        query(on_, "SELECT CAST(COALESCE(sum(size), 0) AS bigint), COALESCE(max(id), 0) FROM message")
            .into(all)
            .into(last)
            .next();
        message_id after{INT64_MIN};
        for (bool more = true; more;) {
            more = false;
            const snapshot one_moment(on_);
            for (const auto& row : next_messages(after, last)) {
                after = row.id;
                more = true;
                look(fmt::format("message {}", row.id.value), [&] { look_at_message(row); });
                passed_ += static_cast<std::uint64_t>(row.size);
                told_(passed_, std::max(passed_, static_cast<std::uint64_t>(all)));
            }
        }
    }

    std::vector<message_row> next_messages(message_id after, message_id last) {
        std::vector<message_row> some;
        message_row row;
        query rows(on_, "SELECT m.id, m.size, " + dialect::hex(on_.kind(), "m.sha256") +
                            ", CAST((EXISTS (SELECT 1 FROM mailbox_message e WHERE e.message_id = m.id) OR EXISTS"
                            " (SELECT 1 FROM outbound o WHERE o.message_id = m.id)) AS integer),"
                            " (SELECT count(*) FROM message_octets c WHERE c.message_id = m.id)"
                            " FROM message m WHERE m.id > :after AND m.id <= :last ORDER BY m.id LIMIT :rows");
        rows.use("after", after).use("last", last).use("rows", static_cast<std::int64_t>(messages_at_once));
        rows.into(row.id).into(row.size).into(row.sha256).into(row.held).into(row.parts);
        while (rows.next()) some.push_back(row);
        return some;
    }

    void look_at_message(const message_row& row) {
        const auto name = fmt::format("message {}", row.id.value);
        if (row.parts == 0 && row.size > 0) {
            if (row.held) tell(name, fmt::format("its {} octets are not there", row.size));
            return;  // else it is delivered elsewhere, and only its trace is kept
        }
        if (!row.held && row.parts > 0) tell(name, "its octets are kept though nobody holds it");
        const auto parts = select_parts(on_, row.id, read_at_once);  // throws where they do not add up to its size
        if (!parts) return tell(name, "its octets are not there");
        const parts_of_message octets(on_, row.id, *parts);
        ++sum_.messages;
        sum_.octets += parts->size;
        if (sha256(octets) != octets_from_hex<32>(row.sha256)) tell(name, "its octets are not those that were accepted");
    }

    connection& on_;
    const std::function<void(const damage&)>& found_;
    const progress_told& told_;
    verified sum_;
    std::uint64_t passed_ = 0;
};

}  // namespace

core::result<verified> verify(const config::database_settings& settings, const std::function<void(const damage&)>& found,
                              const progress_told& told) {
    const auto schema = inspect_schema(settings);
    if (!schema) return std::unexpected(schema.error());
    if (!schema->pending.empty()) {
        return core::fail(errc::schema_older, fmt::format("the database is at schema version {} and this program needs {}",
                                                          schema->database_version, schema->program_version));
    }
    try {
        connection on(settings, access::read);
        on.lift_deadline();
        return verification(on, found, told).run();
    } catch (const std::exception& thrown) {
        return std::unexpected(to_error(thrown));
    }
}

}  // namespace postern::storage
