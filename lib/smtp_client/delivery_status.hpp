#pragma once

#include <string>

#include "smtp/enhanced_status.hpp"

namespace postern::smtp_client {

/// What became of one recipient at one destination: the one type in which every step of relaying tells its outcome.
struct delivery_status {
    enum class kind { delivered, temporary, permanent };

    kind what = kind::temporary;
    smtp::enhanced_status status;  ///< the remote's where it gave one, else ours (RFC 3463)
    std::string reply;             ///< the remote's own words, "550 5.1.1 no such user"; empty when there was no remote
    std::string reason;            ///< ours, for people: "connection to mx.example.test timed out"
    std::string host;              ///< the remote's name; empty when none was reached
    std::string address;           ///< its IP address and port
    std::string tls;               ///< "TLSv1.3"; empty for a connection in the clear
    bool maybe_taken = false;      ///< the connection was lost behind the message's end: the server may have it (RFC 1047)
};

}  // namespace postern::smtp_client
