#pragma once

#include <string>
#include <unordered_set>

#include "imap/protocol/flags.hpp"
#include "imap/protocol/parse_cursor.hpp"

namespace postern::imap {

/// Gathers the flags that a command names (RFC 9051 section 9, flag).
class flag_reader {
public:
    /// Takes one; false: there is none, and the cursor knows why.
    bool read(parse_cursor& in);

    [[nodiscard]] flag_list take() { return std::move(flags_); }

private:
    flag_list flags_;
    std::unordered_set<std::string> seen_;  // keywords in upper case
};

}  // namespace postern::imap
