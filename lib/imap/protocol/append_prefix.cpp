#include "imap/protocol/append_prefix.hpp"

#include "imap/protocol/parse_cursor.hpp"

namespace postern::imap {

bool is_append_prefix(std::string_view octets) {
    parse_cursor in(octets, true);
    if (in.tag().empty() || !in.space() || !in.take_keyword("APPEND") || !in.space() || !in.astring() || !in.space())
        return false;
    // What is wrong in them is told of the whole, so that a client hears of its flags and not of its message's size.
    if (in.take('(') && (!in.pass_over(')', "({\"\r\n") || !in.space())) return false;
    if (in.take('"') && (!in.pass_over('"', "({\\\r\n") || !in.space())) return false;
    return in.at_end() || (in.take_keyword("UTF8") && in.space() && in.take('(') && in.at_end());
}

}  // namespace postern::imap
