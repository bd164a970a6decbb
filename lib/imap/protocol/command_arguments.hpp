#pragma once

#include <optional>

#include "core/clock.hpp"
#include "imap/protocol/command.hpp"
#include "imap/protocol/parse_cursor.hpp"

/// What follows a command's name, one function for each that has more than strings. The cursor stands at the space behind the
/// name; nullopt: the cursor knows why.
namespace postern::imap {

std::optional<command> parse_append(parse_cursor& in);
std::optional<command> parse_copy(parse_cursor& in, bool by_uid, bool move);
std::optional<command> parse_fetch(parse_cursor& in, bool by_uid);
std::optional<command> parse_list(parse_cursor& in);
std::optional<command> parse_lsub(parse_cursor& in);
std::optional<command> parse_search(parse_cursor& in, bool by_uid);
std::optional<command> parse_select(parse_cursor& in, bool read_only);
std::optional<command> parse_status(parse_cursor& in);
std::optional<command> parse_store(parse_cursor& in, bool by_uid);

/// "(MESSAGES UIDNEXT)".
std::optional<status_items> parse_status_items(parse_cursor& in);

/// The beginning, in UTC, of the day that a date names, quoted or not; of the years 1 to 9999.
std::optional<core::timestamp> parse_date(parse_cursor& in);
/// date-time; what it means in UTC is of the years 1970 to 9999.
std::optional<core::timestamp> parse_date_time(parse_cursor& in);

}  // namespace postern::imap
