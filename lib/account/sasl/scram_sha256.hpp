#pragma once

#include <optional>
#include <string>

#include "account/sasl/mechanism.hpp"
#include "account/sasl/mechanisms.hpp"
#include "account/sasl/scram_message.hpp"

namespace postern::account::sasl {

/// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677): the client proves that it knows an app password without sending
/// it, and we prove that we have its keys. -PLUS binds both proofs to the TLS connection (tls-exporter, RFC 9266), so nobody
/// can stand between.
///
/// A failed exchange ends at once, without a server-final-message (RFC 5802 5.1, "e"): every protocol has its own word for a
/// wrong password, which clients understand better. A name nobody has is answered with a salt of its own, and fails at the
/// proof.
class scram_sha256 final : public mechanism {
public:
    scram_sha256(context with, bool plus) : with_(std::move(with)), plus_(plus) {}
    net::awaitable<step> respond(std::optional<secret> response) override;

private:
    enum class state { first, final, acknowledgement };

    net::awaitable<step> on_first(std::string_view message);
    net::awaitable<step> on_final(std::string_view message);
    [[nodiscard]] std::optional<refusal> check_binding(const client_first& first) const;

    context with_;
    bool plus_;
    state state_ = state::first;
    client_first first_;
    std::string name_;          // prepared
    std::string server_first_;  // as sent
    std::string nonce_;         // the client's and ours
    scram_login login_;
    std::optional<storage::account> account_;
};

}  // namespace postern::account::sasl
