#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "message/header_block.hpp"
#include "message/summary.hpp"

/// Header fields as people read them. Everything takes a raw field value, folded and undecoded, reads no more of it than
/// what is asked for can take, at most 64 KiB, and
/// returns clean text (clean_text.hpp).
namespace postern::message {

constexpr std::size_t max_line_length = 998;  // RFC 5322 2.1.1: a subject or an id beyond it was made to do harm

/// Unstructured text with its encoded words (RFC 2047): Subject and every field of which no more is known. At most `max`
/// octets.
[[nodiscard]] std::string decode_text(std::string_view value, std::size_t max);

/// The value unfolded and as UTF-8, encoded words left alone: the form in which GMime is given structured fields.
[[nodiscard]] std::string readable_line(std::string_view value, std::size_t max);

/// The addresses of all fields of that name (RFC 5322 3.4), the members of groups among them, at most `max`. A field that is no
/// address list gives one entry with its text as the name.
[[nodiscard]] std::vector<mailbox_address> decode_addresses(const header_block& header, std::string_view name, std::size_t max);

/// A date-time (RFC 5322 3.3) and what programs write instead; nullopt when it is none, or outside the years 1970 to 9999.
[[nodiscard]] std::optional<core::timestamp> decode_date(std::string_view value);

/// The ids of Message-ID, In-Reply-To, References and Content-ID (RFC 5322 3.6.4), without their angle brackets; the first
/// `max`. An id that stands without brackets counts where there is no other.
[[nodiscard]] std::vector<std::string> decode_ids(std::string_view value, std::size_t max);

}  // namespace postern::message
