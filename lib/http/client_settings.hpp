#pragma once

#include <cstdint>
#include <string>

namespace postern::http {

/// What a mail program has to know to send through us and to read its mailboxes.
struct client_settings {
    std::string hostname{};              ///< as in the certificate
    std::uint16_t submission_port = 0;   ///< with STARTTLS; 0: there is none
    std::uint16_t submissions_port = 0;  ///< in TLS from the start; likewise
    std::uint16_t imap_port = 0;         ///< as submission_port
    std::uint16_t imaps_port = 0;        ///< as submissions_port
};

}  // namespace postern::http
