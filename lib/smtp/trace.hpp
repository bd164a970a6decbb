#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "smtp/address.hpp"
#include "smtp/octet_sink.hpp"

namespace postern::smtp {

/// A message with more Received fields than this goes round in circles: 554 5.4.6 (RFC 5321 6.3).
inline constexpr std::size_t max_received_fields = 100;

/// Reads a message's header section as its octets pass: counts Received fields, and takes out Return-Path fields with their
/// continuation lines, so that ours stands once (RFC 5321 4.4). All else passes byte for byte, in slices as large as they come.
///
/// The header section ends with the empty line, or before the first line that is not a field. Lines may have any length;
/// memory is 64 octets. Call finish() after the last octet.
class header_filter final : public octet_sink {
public:
    explicit header_filter(octet_sink& out) : out_(out) {}

    void append(std::string_view octets) override;

    /// The message has ended: hands on what was held back.
    void finish();

    [[nodiscard]] std::size_t received_fields() const noexcept { return received_; }

private:
    enum class state : std::uint8_t { line_start, empty_line_cr, name, after_name, value, body };

    std::size_t scan_line_start(std::string_view piece, std::size_t at);
    std::size_t scan_name(std::string_view piece, std::size_t at);
    void name_ended();
    void flush(std::string_view piece, std::size_t until);

    octet_sink& out_;
    std::size_t received_ = 0;
    state state_ = state::line_start;
    bool dropping_ = false;        // the current field is a Return-Path
    std::array<char, 64> held_{};  // the start of a field name that the last piece ended in
    std::size_t held_size_ = 0;
};

/// The protocol a message came by, for Received (RFC 3848, RFC 6531 section 4.3).
struct with_protocol {
    bool esmtp = false;  ///< EHLO, not HELO
    bool utf8 = false;   ///< MAIL had SMTPUTF8
    bool tls = false;
    bool authenticated = false;
};

/// "SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA", "UTF8SMTP", ...
[[nodiscard]] std::string_view to_string(with_protocol p) noexcept;

/// What a Received field says (RFC 5321 4.4).
struct received_field {
    std::string_view helo;            ///< as the client said it; anything unfit for a header is replaced
    std::string_view client_address;  ///< the peer's IP address: "192.0.2.1", "2001:db8::1"
    std::string_view hostname;        ///< ours
    with_protocol protocol;
    std::string_view id;               ///< the message's, as in the 250 reply
    std::optional<address> recipient;  ///< only when the message has exactly one: naming one of several would tell of others
    core::timestamp at;
};

/// "Received: from ... by ... with ESMTP id ...; date", folded to lines of at most 78 columns where its words allow, with CRLF.
[[nodiscard]] std::string to_string(const received_field& f);

/// "Return-Path: <user@example.org>" with CRLF; "<>" for the null path.
[[nodiscard]] std::string return_path_field(const address& reverse_path);

}  // namespace postern::smtp
