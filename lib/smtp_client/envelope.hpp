#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/content.hpp"
#include "smtp/bdat_reader.hpp"
#include "smtp/dsn_parameters.hpp"

namespace postern::smtp_client {

/// What one outbound transaction says about its message.
struct envelope {
    std::string reverse_path = {};  ///< without angle brackets; empty for the null reverse-path
    smtp::body_type body = smtp::body_type::seven_bit;
    bool smtputf8 = false;  ///< the message has UTF-8 in its header; UTF-8 in an address is seen without being told
    smtp::dsn_return ret = smtp::dsn_return::unspecified;
    std::optional<std::string> envid = std::nullopt;  ///< decoded
};

struct recipient {
    std::string path = {};  ///< forward-path without angle brackets
    smtp::dsn_notify notify = {};
    std::optional<std::string> orcpt = std::nullopt;  ///< decoded: "rfc822;user@example.org"
};

/// A message's octets as they are to arrive. What stands before `offset`, a stored message's Return-Path field, is left out.
struct outgoing {
    std::shared_ptr<const core::content> octets;
    std::uint64_t offset = 0;

    [[nodiscard]] std::uint64_t size() const { return octets->size() - offset; }
};

}  // namespace postern::smtp_client
