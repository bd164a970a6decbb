#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "message/transfer_decoder.hpp"

namespace postern::message {

/// Encodes octets as quoted-printable or base64 (RFC 2045 6.7, 6.8), in pieces of any size, into lines of at most 76 characters
/// that end with CRLF.
///
/// Quoted-printable is for text in canonical form: every CR of it stands before a LF. base64 takes anything. What comes out
/// decodes to what went in, octet for octet.
class transfer_encoder {
public:
    /// Not identity.
    explicit transfer_encoder(transfer_encoding encoding);
    ~transfer_encoder();
    transfer_encoder(transfer_encoder&&) noexcept;
    transfer_encoder& operator=(transfer_encoder&&) noexcept;

    /// Appends what can be said by now: at most four times the octets, and a line.
    void feed(std::string_view octets, std::string& out);

    /// Appends the rest.
    void finish(std::string& out);

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace postern::message
