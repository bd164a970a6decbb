#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/content.hpp"

/// Delivery status notifications: what a sender is told about a message's fate (RFC 3461 section 6, 3464, 6522, 6533).
///
/// Flow: whoever knows the outcomes fills a delivery_report; compose() makes the message from it: words for people
/// (report_text), fields for programs (report_fields) and the original or its header.
/// On failure: there is none to report. Addresses, replies and the original come from strangers: whatever they hold, the result
/// is a well-formed message of bounded size.
namespace postern::message {

/// RFC 3464 2.3.3, the gravest first.
enum class report_action { failed, delayed, relayed, expanded, delivered };

/// What became of one recipient.
struct reported_recipient {
    std::string address;                  ///< forward-path, as the message was accepted for
    std::optional<std::string> original;  ///< ORCPT, decoded: "rfc822;user@example.org"
    report_action action = report_action::failed;
    std::string status;       ///< RFC 3463: "5.1.1"; class 4 in a failure says that time ran out
    std::string remote_host;  ///< who gave the reply; empty when no remote was involved
    std::string reply;        ///< the remote's own words: "550 5.1.1 no such user"
    std::string reason;       ///< ours, where there was no reply: "connection timed out"
    std::optional<core::timestamp> last_attempt;
    std::optional<core::timestamp> retry_until;  ///< of a delayed one
};

struct delivery_report {
    std::string hostname;  ///< the reporting server's
    std::string unique;    ///< random letters and digits, 16 or more: names the message and parts its parts
    core::timestamp now;
    std::string sender;                          ///< whom it goes to: the original's reverse-path, never null
    bool smtputf8 = false;                       ///< the original was sent with SMTPUTF8 (RFC 6531): then UTF-8 stands as it is
    std::optional<std::string> envelope_id;      ///< ENVID, decoded
    core::timestamp arrived;                     ///< when the original was accepted
    std::vector<reported_recipient> recipients;  ///< at least one
    bool return_full = false;                    ///< the whole original instead of its header (RFC 3461 4.3)
    std::uint64_t original_begin = 0;            ///< octets at the original's front that are our own (Return-Path)
};

struct composed_report {
    std::string octets;      ///< from MIME-Version to the last boundary, lines end in CRLF; no trace fields
    bool eight_bit = false;  ///< holds octets outside ASCII (RFC 6152)
    bool smtputf8 = false;   ///< holds them in its own header (RFC 6531)
};

/// An original beyond this is returned as its header even where the whole was asked for (RFC 3461 6.2 allows it).
inline constexpr std::uint64_t max_returned_original = 50ULL * 1024;

/// Composes the report. The original is returned whole when that was asked for, a recipient failed (RFC 3461 6.2), it is not
/// larger than max_returned_original and holds nothing that only binary transport carries; else its header, at most 64 KiB of
/// it. May block unless `original` is in memory. Throws what reading it throws.
[[nodiscard]] composed_report compose(const delivery_report& report, const core::content& original);

}  // namespace postern::message
