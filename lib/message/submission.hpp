#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace postern::message {

/// What a submitted message gets where it has none of its own.
struct submission_defaults {
    core::timestamp now;
    std::string unique;  ///< of this message: dot-atom text, for its Message-ID
    std::string domain;  ///< the sender's, for the same
    std::string sender;  ///< the mailbox of MAIL FROM, for a message without From
};

struct header_stretch {
    std::size_t begin = 0;
    std::size_t size = 0;

    friend bool operator==(const header_stretch&, const header_stretch&) = default;
};

/// What is to be done to a submitted message (RFC 6409 section 8), and who it says wrote it.
struct submission_edit {
    enum class fault : std::uint8_t {
        none,
        several_from,      ///< more than one From field, or more than one Sender: each reader would show another
        bad_from,          ///< From or Sender is no list of addresses, or not surely the one a reader will make of it
        header_too_large,  ///< of submission_filter
    };
    fault found = fault::none;
    std::vector<std::string> from;        ///< the addresses of From, decoded; the default sender where there was none
    std::vector<std::string> senders;     ///< of Sender, at most one
    std::string prefix;                   ///< goes before the header section: whole fields
    std::vector<header_stretch> removed;  ///< of the header section, in order: whole lines
};

/// Reads a header section, without the empty line that ends it: the lines for which classify() does not say empty or other.
///
/// Missing Date, Message-ID and From are added, Bcc and Resent-Bcc go, and with them a line that could only be taken for the
/// continuation of a field of ours. All else stays as it is. Malformed fields are none of our business, but in From and Sender,
/// which are looked at as an attacker would write them: what is said to be whose must be what every reader sees.
[[nodiscard]] submission_edit prepare_submission(std::string_view header, const submission_defaults& defaults);

}  // namespace postern::message
