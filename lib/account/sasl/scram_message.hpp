#pragma once

#include <expected>
#include <string>
#include <string_view>

/// The client's messages of SCRAM (RFC 5802 section 7), read. What cannot be read is told as a server-error-value.
namespace postern::account::sasl {

using scram_error = std::string_view;

struct client_first {
    enum class binding {
        unsupported,  ///< "n": the client has no channel binding
        not_offered,  ///< "y": it has one, and believes that we have none
        required,     ///< "p=..."
    };
    binding flag = binding::unsupported;
    std::string binding_type;  ///< for required
    std::string authzid;       ///< decoded; empty when not given
    std::string name;          ///< decoded, not prepared
    std::string nonce;
    std::string gs2_header;  ///< as sent: it comes back in the final message
    std::string bare;        ///< as sent: the proof is made over it
};

/// client-first-message. "invalid-encoding", "extensions-not-supported", "invalid-username-encoding", "other-error".
[[nodiscard]] std::expected<client_first, scram_error> parse_client_first(std::string_view message);

struct client_final {
    std::string binding;  ///< cbind-input, decoded: GS2 header and channel binding
    std::string nonce;
    std::string proof;          ///< decoded
    std::string without_proof;  ///< as sent
};

/// client-final-message. "invalid-encoding", "extensions-not-supported", "other-error".
[[nodiscard]] std::expected<client_final, scram_error> parse_client_final(std::string_view message);

}  // namespace postern::account::sasl
