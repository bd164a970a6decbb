#pragma once

#include <string>
#include <vector>

namespace postern::imap {

/// Flags as a command names them (RFC 9051 2.3.2). \Recent is not among them: a client cannot set it.
struct flag_list {
    bool seen = false;
    bool flagged = false;
    bool answered = false;
    bool deleted = false;
    bool draft = false;
    std::vector<std::string> keywords;  ///< as spelled, each once, whatever the case of its letters

    friend bool operator==(const flag_list&, const flag_list&) = default;
};

}  // namespace postern::imap
