#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message/header_block.hpp"

namespace postern::message {

/// An address as IMAP tells it (RFC 9051 7.5.2): undecoded, RFC 2047 words as they stand. A group begins with an entry that has
/// its name as `mailbox` and no `host`, and ends with one that has neither.
struct envelope_address {
    std::optional<std::string> name{};
    std::optional<std::string> mailbox{};
    std::optional<std::string> host{};

    friend bool operator==(const envelope_address&, const envelope_address&) = default;
};

/// The fields of a header that a list of messages is made from, as they stand in it: unfolded, without NUL or control
/// characters, each at most 16 KiB; nullopt: there is no such field.
struct envelope {
    std::optional<std::string> date{};
    std::optional<std::string> subject{};
    std::vector<envelope_address> from{};      ///< each list at most 1,000
    std::vector<envelope_address> sender{};    ///< From's where there is none
    std::vector<envelope_address> reply_to{};  ///< likewise
    std::vector<envelope_address> to{};
    std::vector<envelope_address> cc{};
    std::vector<envelope_address> bcc{};
    std::optional<std::string> in_reply_to{};
    std::optional<std::string> message_id{};

    friend bool operator==(const envelope&, const envelope&) = default;
};

/// Malformed fields give a best effort, never an error.
[[nodiscard]] envelope read_envelope(const header_block& header);

}  // namespace postern::message
