#include "storage/cursor.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "require.hpp"

using namespace postern;

/// Any text, for some mailbox: what decodes is a position, and that position has this one text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t id_size = 8;
    if (size < id_size) return 0;
    core::mailbox_id mailbox;
    for (std::size_t i = 0; i < id_size; ++i)
        mailbox.value = static_cast<std::int64_t>(static_cast<std::uint64_t>(mailbox.value) << 8 | data[i]);
    const std::string_view text(reinterpret_cast<const char*>(data) + id_size, size - id_size);
    if (const auto uid = storage::decode_cursor(text, mailbox)) {
        require(*uid >= 1 && *uid <= 0xFFFF'FFFF);
        require(storage::encode_cursor(mailbox, *uid) == text);
    }
    return 0;
}
