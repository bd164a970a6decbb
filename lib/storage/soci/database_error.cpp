#include "storage/soci/database_error.hpp"

#include <string_view>

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace postern::storage {
namespace {

/// The first line only: PostgreSQL's DETAIL and CONTEXT lines quote rows and parameters.
std::string headline(std::string_view text) {
    constexpr std::string_view connecting = "Cannot establish connection to the database.";
    if (text.starts_with(connecting)) {  // here the reason follows, a line per host, without any secret
        text.remove_prefix(connecting.size());
        std::string lines;
        for (const char c : text) lines += c == '\n' || c == '\t' ? ' ' : c;
        const auto first = lines.find_first_not_of(' ');
        return first == std::string::npos ? std::string(connecting)
                                          : lines.substr(first, lines.find_last_not_of(' ') + 1 - first);
    }
    return std::string(text.substr(0, text.find('\n')));
}

errc errc_of_sqlite(int result) noexcept {
    switch (result) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY: return errc::already_exists;
        default: break;
    }
    return (result & 0xff) == SQLITE_CANTOPEN ? errc::unavailable : errc::failed;
}

}  // namespace

bool is_connection_lost(const std::string& sqlstate) noexcept {
    // 25006: what was the primary is a standby now; a new connection may find the primary (target_session_attrs).
    return sqlstate.starts_with("08") || sqlstate.starts_with("57P0") || sqlstate == "25P03" || sqlstate == "25006";
}

errc errc_of_sqlstate(const std::string& sqlstate) noexcept {
    if (is_connection_lost(sqlstate)) return errc::unavailable;
    return sqlstate == "23505" ? errc::already_exists : errc::failed;
}

database_error explain(const std::exception& thrown) {
    if (const auto* ours = dynamic_cast<const database_error*>(&thrown)) return *ours;
    if (const auto* pg = dynamic_cast<const soci::postgresql_soci_error*>(&thrown)) {
        // A broken socket has no SQLSTATE: libpq made the error itself, and SOCI shows five blanks.
        auto sqlstate = pg->sqlstate();
        const bool none = sqlstate.find_first_not_of(" \0") == std::string::npos;
        return {none ? errc::unavailable : errc_of_sqlstate(sqlstate), headline(pg->get_error_message()), none ? "" : sqlstate};
    }
    if (const auto* lite = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown)) {
        return {errc_of_sqlite(lite->result()), headline(lite->get_error_message())};
    }
    if (const auto* other = dynamic_cast<const soci::soci_error*>(&thrown)) {
        // get_error_message, never what(): SOCI's context lists the parameters' values, password hashes among them.
        const auto said = other->get_error_message();
        const bool connecting = said.starts_with("Cannot establish connection");
        return {connecting ? errc::unavailable : errc::failed, headline(said)};
    }
    return {errc::failed, thrown.what()};
}

core::error to_error(const std::exception& thrown) {
    const auto explained = explain(thrown);
    return {make_error_code(explained.code()), explained.what()};
}

}  // namespace postern::storage
