#include "imap/protocol/mailbox_name.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "imap/protocol/parse_cursor.hpp"
#include "imap/protocol/responses.hpp"

namespace postern::imap {

namespace {

using namespace std::string_view_literals;

/// RFC 9051 5.1 and RFC 6855 section 3: C0, DEL, C1 and the separators of lines and paragraphs.
bool has_control(std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        if (c < 0x20 || c == 0x7f) return true;
        const auto rest = utf8.substr(i + 1);
        if (c == 0xC2 && !rest.empty() && static_cast<unsigned char>(rest.front()) < 0xA0) return true;
        if (c == 0xE2 && (rest.starts_with("\x80\xA8"sv) || rest.starts_with("\x80\xA9"sv))) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> read_mailbox_name(std::string octets, bool utf8) {
    if (!utf8) {
        if (auto decoded = from_modified_utf7(octets)) octets = std::move(*decoded);
    }
    if (has_control(octets)) return std::nullopt;
    // RFC 9051 5.1: this name is in no case.
    if (to_upper(octets) == "INBOX") return "INBOX";
    return octets;
}

}  // namespace postern::imap
