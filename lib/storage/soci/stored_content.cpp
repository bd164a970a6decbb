#include "storage/soci/stored_content.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>

#include "storage/soci/pipeline.hpp"
#include "storage/soci/sqlite_statement.hpp"

namespace postern::storage {
namespace {

// Octets with NULs pass neither SOCI's strings nor, on PostgreSQL, its blobs (which are large objects): both are read through
// the database's own library here, as it gives them.

pg_rows select_binary(connection& on, const char* sql, std::initializer_list<std::int64_t> parameters) {
    std::vector<std::string> texts;
    for (const auto p : parameters) texts.push_back(std::to_string(p));
    std::vector<const char*> values;
    for (const auto& text : texts) values.push_back(text.c_str());
    constexpr int binary = 1;
    auto* result =
        PQexecParams(on.postgresql(), sql, static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, binary);
    pg_rows rows(result);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) return rows;
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    throw explain(soci::postgresql_soci_error(PQerrorMessage(on.postgresql()), sqlstate != nullptr ? sqlstate : "     "));
}

std::optional<stored_parts> parts_on_postgresql(connection& on, message_id id, std::int64_t limit) {
    const auto rows = select_binary(on,
                                    "SELECT m.size, CAST(c.part AS bigint), CAST(octet_length(c.octets) AS bigint),"
                                    " CASE WHEN m.size <= CAST($2 AS bigint) THEN c.octets END"
                                    " FROM message m CROSS JOIN LATERAL (SELECT 0 AS part, m.octets UNION ALL"
                                    " SELECT part, octets FROM message_content WHERE message_id = m.id) AS c"
                                    " WHERE m.id = CAST($1 AS bigint) ORDER BY c.part",
                                    {id.value, limit});
    if (rows.size() == 0) return std::nullopt;
    stored_parts found{static_cast<std::uint64_t>(rows.int8(0, 0)), {}};
    for (int row = 0; row < rows.size(); ++row) {
        if (rows.is_null(row, 2)) continue;  // it has none in its row
        auto& part = found.parts.emplace_back(rows.int8(row, 1), static_cast<std::uint64_t>(rows.int8(row, 2)));
        if (!rows.is_null(row, 3)) part.octets.emplace(rows.text(row, 3));
    }
    return found;
}

std::optional<stored_parts> parts_on_sqlite(connection& on, message_id id, std::int64_t limit) {
    sqlite_statement rows(on.sqlite(),
                          "SELECT size, 0 AS part, length(octets), CASE WHEN size <= ?2 THEN octets END FROM message"
                          " WHERE id = ?1 UNION ALL"
                          " SELECT m.size, c.part, length(c.octets), CASE WHEN m.size <= ?2 THEN c.octets END"
                          " FROM message m JOIN message_content c ON c.message_id = m.id WHERE m.id = ?1 ORDER BY part");
    rows.bind(id, limit);
    std::optional<stored_parts> found;
    while (rows.row()) {
        if (!found) found.emplace(static_cast<std::uint64_t>(rows.number(0)));
        if (rows.is_null(2)) continue;  // it has none in its row
        auto& part = found->parts.emplace_back(rows.number(1), static_cast<std::uint64_t>(rows.number(2)));
        if (!rows.is_null(3)) part.octets.emplace(rows.octets(3));
    }
    return found;
}

}  // namespace

std::optional<stored_parts> select_parts(connection& on, message_id id, std::uint64_t memory_limit) {
    const auto limit = static_cast<std::int64_t>(std::min<std::uint64_t>(memory_limit, INT64_MAX));
    auto found = on.kind() == backend::sqlite ? parts_on_sqlite(on, id, limit) : parts_on_postgresql(on, id, limit);
    if (!found) return std::nullopt;
    if (found->parts.empty() && found->size > 0) return std::nullopt;  // delivered elsewhere: only its trace is left
    std::uint64_t sum = 0;
    for (const auto& part : found->parts) sum += part.size;
    if (sum != found->size) {
        throw database_error(errc::failed, fmt::format("message {} has {} octets of {}", id.value, sum, found->size));
    }
    return found;
}

std::optional<std::string> select_part(connection& on, message_id id, std::int64_t number) {
    if (on.kind() == backend::sqlite) {
        sqlite_statement rows(on.sqlite(), "SELECT octets FROM message_octets WHERE message_id = ?1 AND part = ?2");
        rows.bind(id, number);
        return rows.row() ? std::optional<std::string>(rows.octets(0)) : std::nullopt;
    }
    const auto rows = select_binary(on,
                                    "SELECT octets FROM message_octets WHERE message_id = CAST($1 AS bigint)"
                                    " AND part = CAST($2 AS integer)",
                                    {id.value, number});
    return rows.size() == 0 ? std::nullopt : std::optional<std::string>(rows.text(0, 0));
}

stored_content::stored_content(std::shared_ptr<read_pool> reads, message_id id, stored_parts where)
    : reads_(std::move(reads)), id_(id), where_(std::move(where)) {
    std::uint64_t start = 0;
    for (const auto& part : where_.parts) {
        starts_.push_back(start);
        start += part.size;
    }
}

std::size_t stored_content::read(std::uint64_t offset, std::span<char> into) const {
    std::size_t copied = 0;
    const std::lock_guard lock(mutex_);
    while (copied < into.size() && offset < where_.size) {
        const auto index = static_cast<std::size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin()) - 1;
        const auto& part = fetch(index);
        const auto within = static_cast<std::size_t>(offset - starts_[index]);
        const auto count = std::min(part.size() - within, into.size() - copied);
        std::memcpy(into.data() + copied, part.data() + within, count);
        copied += count;
        offset += count;
    }
    return copied;
}

const std::string& stored_content::fetch(std::size_t index) const {
    if (kept_index_ == index) return kept_;
    const auto& wanted = where_.parts[index];
    kept_index_.reset();
    auto octets = reads_->run_blocking([id = id_, number = wanted.number](connection& on) -> core::result<std::string> {
        auto part = select_part(on, id, number);
        if (!part) return core::fail(errc::not_found, "the message was removed while it was read");
        return *std::move(part);
    });
    if (!octets) throw std::system_error(octets.error().code, octets.error().detail);
    if (octets->size() != wanted.size) throw std::system_error(make_error_code(errc::failed), "a stored part changed its size");
    kept_ = *std::move(octets);
    kept_index_ = index;
    return kept_;
}

}  // namespace postern::storage
