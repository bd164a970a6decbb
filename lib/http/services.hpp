#pragma once

#include "account/authenticator.hpp"
#include "core/clock.hpp"
#include "net/blocking_pool.hpp"
#include "storage/database.hpp"

namespace postern::http {

/// What the handlers stand on. Everything outlives the server.
struct services {
    storage::database& database;
    account::authenticator& authenticator;
    net::blocking_pool& workers;  ///< for parsing messages and reading their content
    const core::clock& clock;
    std::uint64_t memory_message_size;  ///< octets; a larger message is read in pieces
};

}  // namespace postern::http
