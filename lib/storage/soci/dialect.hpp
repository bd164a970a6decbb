#pragma once

#include <string>

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

/// Sorts by octets, whatever the server's locale.
inline std::string by_octets(backend on, const std::string& text) {
    return on == backend::sqlite ? text : text + " COLLATE \"C\"";
}

/// Ends a SELECT that keeps its rows from others until commit. SQLite has one writer at a time already.
inline std::string for_update(backend on) { return on == backend::sqlite ? "" : " FOR UPDATE"; }

}  // namespace postern::storage::dialect
