#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/content.hpp"
#include "message/downgrade_plan.hpp"
#include "message/octet_window.hpp"
#include "message/text_mender.hpp"
#include "message/transfer_encoder.hpp"

namespace postern::message {

/// Makes of a message what a server takes that does not know 8BITMIME (RFC 6152) or BINARYMIME (RFC 3030): parts whose octets
/// it would not carry become quoted-printable or base64, and their Content-Transfer-Encoding says so. Everything else stays.
///
/// First the message is read through once and it is decided whether it can be done at all; then next() gives the new message
/// piece by piece. Both read the content and take time with its length: call them off the loop.
///
/// Not done, since it would spoil the message: what lies in a multipart/signed or multipart/encrypted and needs change (RFC
/// 1847 2.1), a part that contradicts its own encoding, and a structure beyond `structure`'s bounds or of more than 10,000
/// parts in all. What stands in header fields stays as it is, UTF-8 too: whether a header may hold UTF-8 is SMTPUTF8's affair.
/// A DKIM signature of the body does not survive.
///
/// Memory: a header at a time (at most 256 KiB), and pieces of 64 KiB.
class downgrader {
public:
    /// Reads `message` from `offset` on. Throws what reading the content throws, as does next().
    downgrader(std::shared_ptr<const core::content> message, std::uint64_t offset, downgrade_to target);

    /// Why the message cannot be changed; nullopt when it can.
    [[nodiscard]] const std::optional<std::string>& obstacle() const noexcept { return plan_.obstacle; }

    /// Appends the next piece, at most 256 KiB and a header; false when there is none left. Only without an obstacle.
    bool next(std::string& out);

private:
    void copy(const downgrade_step& step, std::string& out);
    void copy_between(std::uint64_t end, std::string& out);
    void encode(const downgrade_step& step, std::string& out);

    std::shared_ptr<const core::content> message_;
    octet_window window_;
    downgrade_to target_;
    downgrade_plan plan_;
    std::size_t step_ = 0;
    std::uint64_t at_;
    std::optional<transfer_encoder> encoder_;
    text_mender mender_;
};

/// Whether the message, from `offset` on, has UTF-8 in a header field, its own or a part's: then it needs SMTPUTF8 (RFC 6532),
/// whatever its addresses are. Reads it through; call it off the loop.
[[nodiscard]] bool has_utf8_header(const core::content& message, std::uint64_t offset);

}  // namespace postern::message
