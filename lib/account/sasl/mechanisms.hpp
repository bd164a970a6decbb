#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "account/sasl/mechanism.hpp"
#include "account/sasl_accounts.hpp"
#include "core/random.hpp"

namespace postern::account::sasl {

/// What an exchange works with.
struct context {
    sasl_accounts& accounts;      ///< outlives the exchange
    core::random_source& random;  ///< likewise
    boost::asio::ip::address client;
    /// The connection's tls-exporter channel binding (RFC 9266), 32 octets; nullopt: there is none, so no -PLUS.
    std::optional<std::string> tls_exporter;
};

/// The mechanisms to offer, the strongest first: SCRAM-SHA-256-PLUS (only with a channel binding), SCRAM-SHA-256, PLAIN, LOGIN.
/// PLAIN and LOGIN show the password to whoever listens: offer none of this without TLS.
[[nodiscard]] std::vector<std::string> offered(bool channel_binding);

/// The mechanism of this name (upper case), or nullptr: not offered.
[[nodiscard]] std::unique_ptr<mechanism> make_mechanism(std::string_view name, context with);

}  // namespace postern::account::sasl
