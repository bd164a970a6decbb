#include <algorithm>
#include <limits>
#include <span>
#include <string>

#include <fmt/format.h>

#include "storage/soci/bounds.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/entry_columns.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/search_text.hpp"
#include "storage/soci/soci_search_store.hpp"

namespace postern::storage {
namespace {

/// On PostgreSQL, so many of the newest are looked at one by one before the index is asked: it finds all that there are of a
/// frequent word before it gives the newest.
constexpr std::size_t newest = 400;
constexpr std::size_t frequent = 5;          // hits among them: a page is found sooner by looking at more of them
constexpr std::size_t most_newest = 10'000;  // looked at: some tens of milliseconds

/// One search. Flow: some way to find entries gives their ids; the rest of what is wanted is asked of the entry; the page's
/// own columns are read last.
class search_query {
public:
    search_query(connection& on, account_id account, const search_criteria& wanted, std::int64_t before, std::size_t limit)
        : on_(on), account_(account), wanted_(wanted), before_(before), limit_(limit) {}

    search_page run() {
        if (on_.kind() == backend::sqlite) return by_match();
        if (wanted_.terms.empty()) return by_account();
        auto page = among_newest(newest);
        if (!page.next && page.entries.size() >= frequent) {
            const auto enough = 2 * newest * (limit_ + 1) / page.entries.size();
            page = among_newest(std::min(enough, most_newest));
        }
        return page.next ? page : by_index();
    }

private:
    /// FTS5 gives them in order, newest first, and stops when there are enough.
    search_page by_match() {
        return select("", "search_document f CROSS JOIN mailbox_message e ON e.id = f.rowid",
                      "f.search_document MATCH :words AND f.rowid < :before", "f.rowid", to_match(account_, wanted_.terms));
    }

    search_page by_account() {
        return select("", "search_document f JOIN mailbox_message e ON e.id = f.entry_id",
                      "f.account_id = :account AND f.entry_id < :before", "f.entry_id", std::nullopt);
    }

    search_page among_newest(std::size_t count) {
        const auto rows = fmt::format(
            "(SELECT s.entry_id, s.tsv FROM search_document s WHERE s.account_id = :account AND s.entry_id < :before"
            " ORDER BY s.entry_id DESC LIMIT {}) f JOIN mailbox_message e ON e.id = f.entry_id",
            count);
        return select("", rows, "f.tsv @@ CAST(:words AS tsquery)", "f.entry_id", to_tsquery(account_, wanted_.terms));
    }

    /// MATERIALIZED: else a planner may walk all entries in order and hope to find enough soon.
    search_page by_index() {
        return select(
            "WITH f AS MATERIALIZED (SELECT s.entry_id FROM search_document s WHERE s.tsv @@ CAST(:words AS tsquery)"
            " AND s.entry_id < :before) ",
            "f JOIN mailbox_message e ON e.id = f.entry_id", "f.entry_id > 0", "f.entry_id",
            to_tsquery(account_, wanted_.terms));
    }

    search_page select(const std::string& before_all, const std::string& found, const std::string& condition,
                       const std::string& id, std::optional<std::string> words) {
        const bool of_message = wanted_.has_attachments.has_value();
        query rows(on_, before_all + "SELECT " + entry_columns::list(on_.kind()) + " FROM (SELECT e.id FROM " + found +
                            (of_message ? " JOIN message m ON m.id = e.message_id" : "") + " WHERE " + condition +
                            conditions() + " ORDER BY " + id +
                            " DESC LIMIT :rows) hit JOIN mailbox_message e ON e.id = hit.id"
                            " JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                            " WHERE b.account_id = :account ORDER BY e.id DESC");
        if (words) rows.use("words", *std::move(words));
        if (wanted_.since) rows.use("since", *wanted_.since);
        if (wanted_.before) rows.use("until", *wanted_.before);
        rows.use("account", account_).use("before", before_).use("rows", static_cast<std::int64_t>(limit_ + 1));
        return read(rows);
    }

    [[nodiscard]] std::string conditions() const {
        std::string all;
        const auto flag = [&all](const char* column, std::optional<bool> value) {
            if (value) all += fmt::format(" AND {}{}", *value ? "" : "NOT ", column);
        };
        flag("m.has_attachments", wanted_.has_attachments);
        flag("e.seen", wanted_.seen);
        flag("e.flagged", wanted_.flagged);
        if (wanted_.mailboxes) all += " AND e.mailbox_id IN (" + list_of(*wanted_.mailboxes) + ")";
        if (!wanted_.other_mailboxes.empty()) all += " AND e.mailbox_id NOT IN (" + list_of(wanted_.other_mailboxes) + ")";
        if (wanted_.since) all += " AND e.received_at >= " + dialect::time(on_.kind(), ":since");
        if (wanted_.before) all += " AND e.received_at < " + dialect::time(on_.kind(), ":until");
        return all;
    }

    static std::string list_of(const std::vector<mailbox_id>& ids) { return id_list(std::span<const mailbox_id>(ids)); }

    search_page read(query& rows) {
        search_page page;
        entry_columns columns;
        columns.define(rows);
        while (rows.next()) {
            if (page.entries.size() == limit_) {
                page.next = page.entries.back().id;
            } else {
                page.entries.push_back(*columns.take());
            }
        }
        return page;
    }

    connection& on_;
    account_id account_;
    const search_criteria& wanted_;
    std::int64_t before_;
    std::size_t limit_;
};

}  // namespace

net::awaitable<core::result<search_page>> soci_search_store::search(account_id account, search_criteria wanted,
                                                                    std::optional<entry_id> before, std::size_t limit) {
    const auto below = before ? before->value : std::numeric_limits<std::int64_t>::max();
    const auto rows = std::clamp<std::size_t>(limit, 1, largest_page);
    if (wanted.terms.size() > search_criteria::most_terms) co_return core::fail(errc::refused, "too many terms");
    co_return co_await reads_.run(
        [account, wanted = std::move(wanted), below, rows](connection& on) -> core::result<search_page> {
            return search_query(on, account, wanted, below, rows).run();
        });
}

}  // namespace postern::storage
