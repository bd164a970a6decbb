#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/unicode.hpp"
#include "imap/protocol/mailbox_name.hpp"
#include "imap/protocol/responses.hpp"
#include "require.hpp"

using namespace postern;

/// What decodes is UTF-8 with this one spelling; what is UTF-8 has a spelling, and comes back. A name that is taken from a
/// client is the same when the client sends it again as we wrote it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto decoded = imap::from_modified_utf7(text)) {
        require(core::is_utf8(*decoded));
        require(imap::to_modified_utf7(*decoded) == text);
    }
    const auto encoded = imap::to_modified_utf7(text);
    require(core::is_ascii(encoded));
    const auto back = imap::from_modified_utf7(encoded);
    require(back.has_value());
    if (!core::is_utf8(text)) return 0;
    require(*back == text);
    if (const auto name = imap::read_mailbox_name(std::string(text), false)) {
        require(core::is_utf8(*name));
        require(imap::read_mailbox_name(imap::to_modified_utf7(*name), false) == name);
        require(imap::read_mailbox_name(*name, true) == name);
    }
    return 0;
}
