#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "core/result.hpp"
#include "storage/errc.hpp"

namespace postern::storage {

/// An SQLite database: one file.
struct sqlite_location {
    std::filesystem::path path;  ///< as given; a relative one counts from the working directory
};

/// A PostgreSQL database: what libpq understood, every parameter and all hosts kept.
struct postgresql_location {
    std::string uri;    ///< for SOCI, which hands it to PQconnectdb; holds the password: never print it
    std::string shown;  ///< "postgresql://user@host:port,host:port/name": for logs and messages
};

using database_location = std::variant<sqlite_location, postgresql_location>;

/// Reads database.url, to be opened with `password` where that is not empty (database.password). bad_url, also when the URL has
/// a password of its own beside that one, with a detail that never holds any part of a password.
///
/// `sqlite:///absolute/path` (or sqlite:/absolute/path) and `sqlite:relative/path`, percent-decoded (RFC 3986 2.1).
/// `postgresql://` and `postgres://` are libpq's own connection URIs, read by libpq itself. Where the URI is silent we ask for
/// what a server that runs for years needs: a bounded connect, TCP keepalives and an end to unanswered sends, UTF-8.
[[nodiscard]] core::result<database_location> parse_database_url(const std::string& url, const std::string& password = {});

/// How a location is called in logs and messages.
[[nodiscard]] std::string shown(const database_location& location);

}  // namespace postern::storage
