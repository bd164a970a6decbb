#pragma once

#include <cstdint>
#include <string>

namespace postern::http {

/// What a mail program has to know to send through us.
struct client_settings {
    std::string hostname{};              ///< as in the certificate
    std::uint16_t submission_port = 0;   ///< with STARTTLS; 0: there is none
    std::uint16_t submissions_port = 0;  ///< in TLS from the start; likewise
};

}  // namespace postern::http
