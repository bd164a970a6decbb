#pragma once

#include <span>
#include <string>

#include <fmt/format.h>

#include "storage/soci/connection.hpp"

/// Where the two databases say the same thing in different words. Everything else in our SQL is common to both:
/// booleans are read as CAST(x AS integer) and written as (:x <> 0), lists are read as CAST(x AS text).
namespace postern::storage::dialect {

/// Reads a column of time as microseconds since 1970 UTC.
inline std::string micros(backend on, const std::string& column) {
    // extract() is numeric, so no microsecond is lost on the way (PostgreSQL 14 and later).
    return on == backend::sqlite ? column : "CAST(extract(epoch FROM " + column + ") * 1000000 AS bigint)";
}

/// Writes a parameter of microseconds to a column of time.
inline std::string time(backend on, const std::string& parameter) {
    return on == backend::sqlite ? parameter
                                 : "(timestamptz 'epoch' + CAST(" + parameter + " AS bigint) * interval '1 microsecond')";
}

/// Writes a parameter of JSON text.
inline std::string json(backend on, const std::string& parameter) {
    return on == backend::sqlite ? parameter : "CAST(" + parameter + " AS jsonb)";
}

/// Octets as a literal. Not a parameter: SOCI's end at the first NUL, or are large objects on PostgreSQL.
inline std::string octets(backend on, std::span<const unsigned char> value) {
    return fmt::format("{}{:02x}'", on == backend::sqlite ? "x'" : "'\\x", fmt::join(value, ""));
}

/// Reads a column of octets as hexadecimal digits.
inline std::string hex(backend on, const std::string& column) {
    return on == backend::sqlite ? "hex(" + column + ")" : "encode(" + column + ", 'hex')";
}

/// Sorts by octets, whatever the server's locale.
inline std::string by_octets(backend on, const std::string& text) {
    return on == backend::sqlite ? text : text + " COLLATE \"C\"";
}

/// Ends a SELECT that keeps its rows from others until commit. SQLite has one writer at a time already.
inline std::string for_update(backend on) { return on == backend::sqlite ? "" : " FOR UPDATE"; }

/// Ends a SELECT that takes rows for itself, passing over those others have taken.
inline std::string skip_locked(backend on) { return on == backend::sqlite ? "" : " FOR UPDATE SKIP LOCKED"; }

}  // namespace postern::storage::dialect
