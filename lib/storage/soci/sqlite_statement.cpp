#include "storage/soci/sqlite_statement.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace postern::storage {

using namespace sqlite_api;

namespace {

[[noreturn]] void fail_with(::sqlite_api::sqlite3* database, int result) {
    throw soci::sqlite3_soci_error(sqlite3_errmsg(database), result);
}

}  // namespace

sqlite_statement::sqlite_statement(::sqlite_api::sqlite3* database, std::string_view sql)
    : statement_(nullptr, [](sqlite3_stmt* s) { sqlite3_finalize(s); }) {
    sqlite3_stmt* made = nullptr;
    const int result =
        sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (result != SQLITE_OK) fail_with(database, result);
    statement_.reset(made);
}

void sqlite_statement::run() {
    while (row()) continue;
}

bool sqlite_statement::row() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    auto* database = sqlite3_db_handle(statement_.get());
    if (result != SQLITE_DONE) {
        const soci::sqlite3_soci_error failure(sqlite3_errmsg(database), result);  // before reset changes the message
        sqlite3_reset(statement_.get());
        throw failure;
    }
    sqlite3_reset(statement_.get());
    return false;
}

std::int64_t sqlite_statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }
bool sqlite_statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::string_view sqlite_statement::text(int column) const {
    const auto* octets = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return {octets, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view sqlite_statement::octets(int column) const {
    const auto* start = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    if (start == nullptr) return {};  // an empty blob
    return {start, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void sqlite_statement::put(int index, std::int64_t value) { check(sqlite3_bind_int64(statement_.get(), index, value)); }

void sqlite_statement::put_null(int index) { check(sqlite3_bind_null(statement_.get(), index)); }

void sqlite_statement::put(int index, std::string_view value) {
    // SQLite takes a null pointer for NULL, which an empty view may hold.
    const char* text = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(statement_.get(), index, text, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_statement::put(int index, blob value) {
    const char* octets = value.octets.data() == nullptr ? "" : value.octets.data();
    check(sqlite3_bind_blob64(statement_.get(), index, octets, value.octets.size(), SQLITE_STATIC));
}

void sqlite_statement::check(int result) {
    if (result != SQLITE_OK) fail_with(sqlite3_db_handle(statement_.get()), result);
}

}  // namespace postern::storage
