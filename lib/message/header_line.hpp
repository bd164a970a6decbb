#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What a line of a header section is, in the one way the whole folder goes by.
namespace postern::message {

enum class line_kind : std::uint8_t {
    field,
    continuation,
    empty,      ///< the header ends behind it
    mbox_mark,  ///< what a mailbox file puts before a message, kept by mistake when it was sent on
    other,      ///< the header ended before it (RFC 5322 2.2)
};

inline constexpr std::size_t deciding_octets = 1000;  ///< of a line: what it is shows in these

/// `line`: not empty, its break included; all that is looked at are its first deciding_octets. `first`: nothing came before it.
[[nodiscard]] line_kind classify(std::string_view line, bool first);

/// The field's name at the start of a line; RFC 5322 4.5 lets white space stand before the colon. Empty when it is no field.
[[nodiscard]] std::string_view field_name(std::string_view line);

}  // namespace postern::message
